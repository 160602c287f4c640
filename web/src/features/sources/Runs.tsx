import { useInfiniteQuery } from "@tanstack/react-query";
import { History } from "lucide-react";

import { pages } from "~/api/queries";
import { words } from "~/core/numbers";
import { duration } from "~/core/time";
import type { Run, Source } from "~/generated/api";
import { Status } from "~/ui/Badge";
import { type Column, DataTable } from "~/ui/DataTable";
import { Loaded } from "~/ui/Paged";
import { RelativeTime } from "~/ui/RelativeTime";
import { EmptyState } from "~/ui/states";

import { verdictTone } from "./RunList";

const columns: Column<Run>[] = [
  { id: "verdict", title: "Verdict", width: "9rem", render: (run) => <Status tone={verdictTone(run.verdict)} pulse={run.finished === null}>{words(run.verdict)}</Status> },
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
  const runs = useInfiniteQuery({ ...pages<Run>(`/sources/${source.id}/runs`), refetchInterval: running ? 1_000 : 10_000 });
  const rows = runs.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Loaded
      query={runs}
      isEmpty={rows.length === 0}
      empty={
        <EmptyState icon={<History />} title="Nothing has run yet">
          Each poll, each received request, each import and backfill is logged here with what became of it.
        </EmptyState>
      }
    >
      <DataTable label="Runs" rows={rows} columns={columns} rowKey={(run) => run.id} onMore={runs.hasNextPage ? () => void runs.fetchNextPage() : undefined} loadingMore={runs.isFetchingNextPage} />
    </Loaded>
  );
}
