import type { Execution } from "~/generated/api";
import { AppLink } from "~/ui/AppLink";
import { Code, plainCode } from "~/ui/Code";
import { RelativeTime } from "~/ui/RelativeTime";

import { ExecutionStatusMark, Writes } from "./status";

/** A short list of executions within a page, each leading to its trace. */
export function ExecutionList({ executions }: { executions: readonly Execution[] }) {
  return (
    <ul className="overflow-hidden rounded-md border border-line">
      {executions.map((execution) => (
        <li key={execution.id} className="border-b border-line last:border-b-0">
          <AppLink
            to={`/executions/${execution.id}`}
            className="grid grid-cols-[8.5rem_minmax(0,1fr)_minmax(0,1.5fr)_3.5rem_7rem] items-center gap-3 px-3 py-1.5 hover:bg-hover"
          >
            <ExecutionStatusMark status={execution.status} />
            {execution.key ? <span className="ellipsis font-mono text-xs">{execution.key}</span> : <span className="text-faint">no key</span>}
            <span className="ellipsis">
              {execution.message ? (
                <span className="text-danger-text" title={plainCode(execution.message)}>
                  <Code text={execution.message} />
                </span>
              ) : (
                <Writes writes={execution.writes} />
              )}
            </span>
            <span className="tabular text-muted">v{execution.version}</span>
            <span className="text-right text-muted">
              <RelativeTime at={execution.at} />
            </span>
          </AppLink>
        </li>
      ))}
    </ul>
  );
}
