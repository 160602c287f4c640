import { useQueries } from "@tanstack/react-query";

import { api } from "~/api/client";
import { plural, words } from "~/core/numbers";
import type { Delivery, Page, Run, SourceSummary } from "~/generated/api";
import { AppLink } from "~/ui/AppLink";
import { Status, type Tone } from "~/ui/Badge";
import { RelativeTime } from "~/ui/RelativeTime";
import { ErrorState, Skeleton } from "~/ui/states";

/** The colour of what became of a run or a delivery. */
export function verdictTone(verdict: string): Tone {
  if (/^(accepted|ok|done|succeeded|executed|stored|complete)/.test(verdict)) return "ok";
  if (/^(failed|error|rejected|refused|unauthorized)/.test(verdict)) return "danger";
  if (/^(duplicate|stale|empty|ignored|handshake)/.test(verdict)) return "info";
  if (/^(partial|retry|rate|cancel|waiting|incomplete)/.test(verdict)) return "warn";
  if (/^running/.test(verdict)) return "accent";
  return "neutral";
}

type Row = { id: string; source: SourceSummary; at: string; verdict: string; detail: string | null; records: number };

/** What a source did last: for a webhook each received request, else each run. */
async function latest(source: SourceSummary, limit: number): Promise<Row[]> {
  if (source.kind === "webhook") {
    const deliveries = await api.get<Page<Delivery>>(`/sources/${source.id}/deliveries`, { limit });
    return deliveries.items.map((each) => ({ id: each.id, source, at: each.at, verdict: each.verdict, detail: each.reason, records: each.records }));
  }
  const runs = await api.get<Page<Run>>(`/sources/${source.id}/runs`, { limit });
  return runs.items.map((each) => ({ id: each.id, source, at: each.started, verdict: each.verdict, detail: each.detail, records: each.models }));
}

/** The newest runs of some sources in one list. */
export function RunList({ sources, limit = 8 }: { sources: SourceSummary[]; limit?: number }) {
  const queries = useQueries({
    queries: sources.map((source) => ({ queryKey: ["runs", source.id, "latest"], queryFn: () => latest(source, limit), refetchInterval: 10_000 })),
  });
  const failed = queries.find((query) => query.isError);
  const runs = queries
    .flatMap((query) => query.data ?? [])
    .sort((a, b) => b.at.localeCompare(a.at))
    .slice(0, limit);
  if (runs.length === 0 && queries.some((query) => query.isPending)) return <Skeleton className="h-24 w-full" />;
  if (runs.length === 0 && failed) return <ErrorState error={failed.error} className="py-6" />;
  if (runs.length === 0) return <p className="text-sm text-muted">Nothing has run yet.</p>;
  return (
    <ul className="overflow-hidden rounded-md border border-line">
      {runs.map((run) => (
        <li key={run.id} className="grid grid-cols-[9rem_minmax(0,1fr)_minmax(0,2fr)_8rem_7rem] items-center gap-3 border-b border-line px-3 py-1.5 last:border-b-0">
          <Status tone={verdictTone(run.verdict)}>{words(run.verdict)}</Status>
          <AppLink to={`/sources/${run.source.id}?tab=${run.source.kind === "webhook" ? "deliveries" : "runs"}`} className="ellipsis hover:underline">
            {run.source.name}
          </AppLink>
          <span className="ellipsis text-muted">{run.detail}</span>
          <span className="tabular text-right text-muted">{plural(run.records, "record")}</span>
          <span className="text-right text-muted">
            <RelativeTime at={run.at} />
          </span>
        </li>
      ))}
    </ul>
  );
}
