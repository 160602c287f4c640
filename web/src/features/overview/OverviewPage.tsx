import { useQuery } from "@tanstack/react-query";
import { ChevronRight, CircleAlert, TriangleAlert } from "lucide-react";

import { overviewQuery, processorsQuery } from "~/api/queries";
import { compact, words } from "~/core/numbers";
import { HealthStatus } from "~/features/health/health";
import { LastSeen } from "~/features/health/LastSeen";
import { LedgerBar } from "~/features/health/Ledger";
import type { Overview } from "~/generated/api";
import { AppLink } from "~/ui/AppLink";
import { Code, plainCode } from "~/ui/Code";
import { cx } from "~/ui/cx";
import { Page, Section } from "~/ui/Page";
import { ErrorState, Skeleton } from "~/ui/states";
import { Throughput } from "~/ui/charts";

import { GettingStarted } from "./GettingStarted";

/** `/`: is everything healthy, and what needs somebody. */
export default function OverviewPage() {
  const overview = useQuery(overviewQuery);
  const processors = useQuery(processorsQuery);
  // Until something can run, what to do next is what there is to see.
  const begun = !processors.data || processors.data.some((processor) => processor.version > 0 && processor.sources.length > 0);
  return (
    <Page title="Overview">
      {overview.isPending ? (
        <Loading />
      ) : overview.isError ? (
        <ErrorState error={overview.error} onRetry={() => void overview.refetch()} />
      ) : overview.data.sources.length === 0 || !begun ? (
        <>
          <GettingStarted />
          {overview.data.sources.length > 0 && <Content overview={overview.data} />}
        </>
      ) : (
        <Content overview={overview.data} />
      )}
    </Page>
  );
}

function Content({ overview }: { overview: Overview }) {
  const { totals, attention, sources } = overview;
  return (
    <>
      {/* What is going on, and what there is: beside each other where there is room, else one below the other. */}
      <div className="flex flex-wrap">
        <div className="grid flex-[4_1_26rem] grid-cols-4">
        <Total title="Executions, 24 h" value={totals.executions_24h} to="/executions" />
        <Total title="Failed, 24 h" value={totals.failed_24h} to="/executions?status=failed" bad={totals.failed_24h > 0} />
        <Total title="Waiting" value={totals.waiting} to="/executions?status=waiting" />
        <Total title="Unlinked" value={totals.unlinked_identities} to="/identities" />
        </div>
        <div className="grid flex-[5_1_34rem] auto-cols-fr grid-flow-col">
        {Object.entries(totals.records).map(([kind, value]) => (
          <Total key={kind} title={words(kind)} value={value.all} to={`/records/${kind}`} />
        ))}
        </div>
      </div>
      {attention.length > 0 && (
        <Section title="Needs attention">
          <ul className="overflow-hidden rounded-md border border-line">
            {attention.map((item) => (
              <li key={`${item.kind}${item.href}${item.title}`} className="border-b border-line last:border-b-0">
                <AppLink to={item.href} className="flex items-center gap-3 px-3 py-2 hover:bg-hover">
                  {["provider", "failures", "ledger"].includes(item.kind) ? (
                    <CircleAlert className="size-4 shrink-0 text-danger-text" aria-hidden="true" />
                  ) : (
                    <TriangleAlert className="size-4 shrink-0 text-warn-text" aria-hidden="true" />
                  )}
                  <span className="shrink-0 font-medium">{item.title}</span>
                  <span className="ellipsis flex-1 text-muted" title={plainCode(item.detail)}>
                    <Code text={item.detail} />
                  </span>
                  <ChevronRight className="size-4 text-faint" aria-hidden="true" />
                </AppLink>
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section title="Sources" description="What arrived in the last 24 hours, and what became of everything that was ever received">
        <div className="-mx-5 overflow-x-auto">
          <table className="w-full min-w-[46rem] text-left">
            <thead>
              <tr className="border-b border-line text-xs text-muted">
                <th className="py-1.5 pl-5 font-medium">Source</th>
                <th className="px-3 font-medium">Health</th>
                <th className="w-[24%] px-3 font-medium">Throughput</th>
                <th className="px-3 text-right font-medium">Received</th>
                <th className="px-3 text-right font-medium">Failed</th>
                <th className="w-[16%] px-3 font-medium">Ledger</th>
                <th className="py-1.5 pr-5 pl-3 text-right font-medium">Last record</th>
              </tr>
            </thead>
            <tbody>
              {sources.map((source) => (
                <tr key={source.id} className="border-b border-line last:border-b-0 hover:bg-hover">
                  <td className="max-w-64 py-1 pl-5">
                    <AppLink to={`/sources/${source.id}`} className="ellipsis block leading-6 font-medium hover:underline">
                      {source.name}
                    </AppLink>
                    <AppLink to={`/providers/${source.provider.id}`} className="ellipsis block text-xs leading-6 text-muted hover:underline">
                      {source.provider.name}
                    </AppLink>
                  </td>
                  <td className="px-3">
                    <HealthStatus health={source.health} />
                  </td>
                  <td className="px-3">
                    <Throughput buckets={source.throughput} label={`Throughput of ${source.name}`} />
                  </td>
                  <td className="tabular px-3 text-right">{compact(source.ledger.received)}</td>
                  <td className="tabular px-3 text-right">
                    {source.ledger.failed > 0 ? (
                      <AppLink to={`/executions?source=${source.id}&status=failed`} className="font-medium text-danger-text hover:underline">
                        {compact(source.ledger.failed)}
                      </AppLink>
                    ) : (
                      <span className="text-faint">0</span>
                    )}
                  </td>
                  <td className="px-3">
                    <LedgerBar ledger={source.ledger} />
                  </td>
                  <td className="py-2 pr-5 pl-3 text-right text-muted">
                    <LastSeen health={source.health} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Section>
    </>
  );
}

function Total({ title, value, to, bad }: { title: string; value: number; to: string; bad?: boolean }) {
  return (
    <AppLink to={to} title={title} className="flex min-w-0 flex-col justify-between border-r border-b border-line px-4 py-3 first:pl-5 hover:bg-hover">
      <div className="text-xs text-balance text-muted">{title}</div>
      <div className={cx("tabular mt-0.5 text-xl font-semibold", bad && "text-danger-text")}>{compact(value)}</div>
    </AppLink>
  );
}

function Loading() {
  return (
    <div role="status" aria-label="Loading">
      <div className="flex border-b border-line">
        {Array.from({ length: 6 }, (_, at) => (
          <div key={at} className="flex-1 border-r border-line px-5 py-4 last:border-r-0">
            <Skeleton className="h-3 w-20" />
            <Skeleton className="mt-2 h-5 w-14" />
          </div>
        ))}
      </div>
      {Array.from({ length: 4 }, (_, at) => (
        <div key={at} className="flex items-center gap-8 border-b border-line px-5 py-4">
          <Skeleton className="h-4 w-48" />
          <Skeleton className="h-4 w-20" />
          <Skeleton className="h-5 flex-1" />
        </div>
      ))}
    </div>
  );
}
