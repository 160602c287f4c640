import { History, X } from "lucide-react";

import { useList } from "~/api/useList";
import { plural, words } from "~/core/numbers";
import { duration } from "~/core/time";
import type { Json, Run, Source } from "~/generated/api";
import { Status } from "~/ui/Badge";
import { IconButton } from "~/ui/Button";
import { type Column, DataTable } from "~/ui/DataTable";
import { JsonTree } from "~/ui/JsonTree";
import { Loaded } from "~/ui/Paged";
import { RelativeTime } from "~/ui/RelativeTime";
import { EmptyState } from "~/ui/states";
import { useSearchState } from "~/ui/useSearchState";

import { verdictTone } from "./RunList";

const columns: Column<Run>[] = [
  { id: "verdict", title: "Verdict", width: "10rem", render: (run) => <Verdict run={run} /> },
  { id: "kind", title: "Kind", width: "7rem", render: (run) => <span className="text-muted">{words(run.kind)}</span> },
  { id: "detail", title: "Detail", width: "minmax(14rem, 1fr)", render: (run) => <span title={run.detail ?? undefined}>{run.detail}</span> },
  { id: "models", title: "Records", width: "6rem", align: "end", render: (run) => run.models },
  { id: "failed", title: "Failed", width: "6rem", align: "end", render: (run) => (run.failed > 0 ? <span className="text-danger-text">{run.failed}</span> : <span className="text-faint">0</span>) },
  {
    id: "took",
    title: "Took",
    width: "6rem",
    align: "end",
    render: (run) => <span className="text-muted">{run.finished ? duration(Math.max(0, Date.parse(run.finished) - Date.parse(run.started)) * 1000) : "…"}</span>,
  },
  { id: "at", title: "Started", width: "8rem", align: "end", render: (run) => <RelativeTime at={run.started} /> },
];

/** The run log of a source: each poll, each received request. */
export function Runs({ source, running }: { source: Source; running: boolean }) {
  const { list: runs, rows, onMore } = useList<Run>(`/sources/${source.id}/runs`, {}, { every: running ? 1_000 : 10_000 });
  const [search, setSearch] = useSearchState();
  const chosen = rows.find((run) => run.id === search.run);
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <Loaded
          query={runs}
          isEmpty={rows.length === 0}
          empty={
            <EmptyState icon={<History />} title="Nothing has run yet">
              Each poll, each received request, each import and backfill is logged here with what became of it.
            </EmptyState>
          }
        >
          <DataTable label="Runs" rows={rows} columns={columns} rowKey={(run) => run.id} current={search.run ?? null} onOpen={(run) => setSearch({ run: run.id })} onMore={onMore} loadingMore={runs.isFetchingNextPage} />
        </Loaded>
      </div>
      {chosen && <RunPanel run={chosen} onClose={() => setSearch({ run: undefined })} />}
    </div>
  );
}

/** What became of a run. One that left out what it could not read did not go all well. */
function Verdict({ run }: { run: Run }) {
  const partly = run.verdict === "succeeded" && run.failed > 0;
  return (
    <Status tone={partly ? "warn" : verdictTone(run.verdict)} pulse={run.finished === null}>
      {partly ? "Succeeded in part" : words(run.verdict)}
    </Status>
  );
}

/** One run: what it read, what became of that, where the cursor was and is, and everything that it says. */
function RunPanel({ run, onClose }: { run: Run; onClose: () => void }) {
  const { before, after } = cursorsOf(run.document);
  return (
    <aside aria-label="Run" className="flex w-[26rem] shrink-0 flex-col border-l border-line bg-canvas max-[1100px]:w-80">
      <div className="flex h-10 shrink-0 items-center justify-between border-b border-line pr-2 pl-4">
        <h2 className="text-sm font-semibold">{words(run.kind)}</h2>
        <IconButton label="Close" icon={<X className="size-4" />} onClick={onClose} />
      </div>
      <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-4" tabIndex={0} role="group" aria-label="Details">
        <dl className="grid grid-cols-[8rem_minmax(0,1fr)] gap-x-3 gap-y-1">
          <dt className="text-muted">Verdict</dt>
          <dd>
            <Verdict run={run} />
          </dd>
          <dt className="text-muted">Started</dt>
          <dd>
            <RelativeTime at={run.started} clock />
          </dd>
          <dt className="text-muted">Ended</dt>
          <dd>
            <RelativeTime at={run.finished} clock empty="not yet" />
          </dd>
          <dt className="text-muted">Read</dt>
          <dd>
            {plural(run.models, "record")}, {plural(run.pages, run.kind === "import" ? "batch" : "page", run.kind === "import" ? "batches" : undefined)}
          </dd>
          <dt className="text-muted">New or changed</dt>
          <dd>{run.taken}</dd>
          <dt className="text-muted">Known already</dt>
          <dd>{run.duplicate}</dd>
          <dt className="text-muted">Older than known</dt>
          <dd>{run.stale}</dd>
          <dt className="text-muted">Could not be read</dt>
          <dd className={run.failed > 0 ? "text-danger-text" : undefined}>{run.failed}</dd>
        </dl>
        {run.detail && (
          <section>
            <h3 className="mb-1 text-xs font-semibold text-muted">What it says</h3>
            <ul className="flex flex-col gap-1 [overflow-wrap:anywhere]">
              {run.detail.split(/ (?=Line \d+: |Further lines )/).map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </section>
        )}
        {before !== undefined && (
          <section>
            <h3 className="mb-1 text-xs font-semibold text-muted">Cursor before</h3>
            <JsonTree value={before} open={2} />
          </section>
        )}
        {after !== undefined && (
          <section>
            <h3 className="mb-1 text-xs font-semibold text-muted">Cursor after</h3>
            <JsonTree value={after} open={2} />
          </section>
        )}
      </div>
    </aside>
  );
}

function cursorsOf(document: Json | undefined): { before?: Json; after?: Json } {
  if (document === null || document === undefined || typeof document !== "object" || Array.isArray(document)) return {};
  return { before: document.before, after: document.after };
}
