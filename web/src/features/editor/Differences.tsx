import { humanize } from "~/core/catalog";
import { type Json, isObject } from "~/core/json";

import { Value } from "./look";
import type { Difference } from "./transport";

/** What related data as it is now changes: in the record, and in what is written. */
export function Differences({ found, onShow }: { found: readonly Difference[]; onShow: (instruction: string) => void }) {
  if (found.length === 0) return <p className="text-xs text-muted">Nothing differs: the related data is still what it was, or makes no difference.</p>;
  return (
    <dl aria-label="What differs" className="grid max-h-48 grid-cols-[minmax(8rem,auto)_1fr] items-baseline gap-x-4 gap-y-1 overflow-y-auto text-xs">
      {found.map((each, at) => (
        <div key={at} className="contents">
          <dt className="min-w-0">
            {each.instruction === null ? (
              <span className="font-mono text-2xs text-muted">{each.pointer.slice(1).replaceAll("/", ".")}</span>
            ) : (
              <button type="button" className="link text-left" onClick={() => onShow(each.instruction ?? "")}>
                {nameOf(each)}
              </button>
            )}
          </dt>
          <dd className="flex min-w-0 items-center gap-1.5">
            {each.pointer === "" ? (
              <span>{each.from === null ? "is written now, and was not" : "is no longer written"}</span>
            ) : (
              <>
                {each.instruction !== null && <span className="shrink-0 text-muted">{humanize(each.pointer.slice(1).replaceAll("/", " "))}:</span>}
                <Value value={each.from} />
                <span aria-label="now" className="text-faint">
                  →
                </span>
                <Value value={each.to} />
              </>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function nameOf(difference: Difference): string {
  const whole: Json = difference.pointer === "" ? (difference.from ?? difference.to) : null;
  const operation = isObject(whole) && typeof whole.operation === "string" ? humanize(whole.operation) : difference.instruction;
  return difference.external_id === null ? String(operation) : `${String(operation)} ${difference.external_id}`;
}
