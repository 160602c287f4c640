import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ListFilter, Lock, Rows3, Search, Waypoints, X } from "lucide-react";

import { api, type Query } from "~/api/client";
import { providersQuery } from "~/api/queries";
import { useList } from "~/api/useList";
import { words } from "~/core/numbers";
import { instantOf, localOf } from "~/core/time";
import { ExecutionStatusMark } from "~/features/executions/status";
import type { DataRecord, DataRecordWithHistory, Entity, Page as PageOf } from "~/generated/api";
import { AppLink } from "~/ui/AppLink";
import { Badge } from "~/ui/Badge";
import { Button, IconButton } from "~/ui/Button";
import { type Column, DataTable } from "~/ui/DataTable";
import { DelayedSearch } from "~/ui/DelayedSearch";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { Page } from "~/ui/Page";
import { Loaded } from "~/ui/Paged";
import { Popover } from "~/ui/Popover";
import { RelativeTime, useZone } from "~/ui/RelativeTime";
import { Select } from "~/ui/Select";
import { EmptyState, ErrorState, Skeleton } from "~/ui/states";
import { Searched, type SearchedPage } from "~/ui/Searched";
import { useSearchState } from "~/ui/useSearchState";

import { AgentCell, Cell, columnsOf, titleOf } from "./cells";

/** `/records/{kind}`: activities, sales, calls, anonymous activities, periods. Each leads to the execution that wrote it. */
export default function RecordsPage() {
  const { kind = "activities" } = useParams({ strict: false }) as { kind?: string };
  return <Records key={kind} kind={kind} />;
}

function Records({ kind }: { kind: string }) {
  const zone = useZone();
  const [search, setSearch] = useSearchState();
  const providers = useQuery(providersQuery).data ?? [];
  const agents = useQuery({ queryKey: ["entities", "agents", ""], queryFn: () => api.get<PageOf<Entity>>("/entities/agents", { limit: 200 }) }).data?.items ?? [];
  const filter: Query = { q: search.q, agent: search.agent, provider: search.provider, from: search.from, to: search.to, execution: search.execution };
  const { list: records, rows, onMore } = useList<DataRecord>(`/records/${kind}`, filter, { every: 15_000 });
  const pages: readonly SearchedPage[] = records.data?.pages ?? [];
  const filtered = Object.values(filter).some(Boolean);
  const clear = () => setSearch({ q: undefined, agent: undefined, provider: undefined, from: undefined, to: undefined, execution: undefined });

  const columns: Column<DataRecord>[] = [
    { id: "external_id", title: "External id", width: "minmax(9rem, 1.2fr)", render: (row) => <span className="font-mono text-xs">{row.external_id}</span> },
    { id: "agent", title: "Agent", width: "minmax(11rem, 1.3fr)", render: (row) => <AgentCell agent={row.agent} /> },
    ...columnsOf(rows).map(
      (column): Column<DataRecord> => ({ id: column.field, title: column.title, width: column.width, align: column.align, drop: column.drop, render: (row) => <Cell field={column.field} value={row.fields[column.field]} digits={column.digits} /> }),
    ),
    {
      id: "execution",
      title: "Written by",
      width: "6rem",
      align: "end",
      render: (row) =>
        row.execution ? (
          <AppLink to={`/executions/${row.execution}`} className="link inline-flex items-center gap-1">
            <Waypoints className="size-3.5" aria-hidden="true" /> Execution
          </AppLink>
        ) : (
          <span className="text-faint">by hand</span>
        ),
    },
  ];

  return (
    <Page
      title={words(kind)}
      body="fill"
      toolbar={
        <>
          <DelayedSearch label="Search by external id" className="w-56" value={search.q ?? ""} onChange={(q) => setSearch({ q })} />
          <Select
            size="sm"
            label="Agent"
            value={search.agent ?? "all"}
            options={[{ value: "all", label: "Every agent" }, ...agents.map((agent) => ({ value: agent.id, label: agent.name }))]}
            onChange={(next) => setSearch({ agent: next === "all" ? undefined : next })}
          />
          <Select
            size="sm"
            label="Provider"
            value={search.provider ?? "all"}
            options={[{ value: "all", label: "Every provider" }, ...providers.map((provider) => ({ value: provider.id, label: provider.name }))]}
            onChange={(next) => setSearch({ provider: next === "all" ? undefined : next })}
          />
          <Popover
            title="When"
            trigger={
              <Button size="sm" variant="filter" icon={<ListFilter className="size-3.5" />}>
                {search.from || search.to ? "Within a time" : "Any time"}
              </Button>
            }
          >
            <div className="flex w-64 flex-col gap-3">
              <Field label="From" help={`In ${zone}`}>
                {(control) => <Input {...control} type="datetime-local" value={search.from ? localOf(search.from, zone) : ""} onChange={(event) => setSearch({ from: instantOf(event.target.value, zone) ?? undefined })} />}
              </Field>
              <Field label="Until">
                {(control) => <Input {...control} type="datetime-local" value={search.to ? localOf(search.to, zone) : ""} onChange={(event) => setSearch({ to: instantOf(event.target.value, zone) ?? undefined })} />}
              </Field>
            </div>
          </Popover>
          {search.execution && (
            <Badge tone="accent">
              of one execution
              <button type="button" aria-label="Of any execution" onClick={() => setSearch({ execution: undefined })}>
                <X className="size-3" />
              </button>
            </Badge>
          )}
          {filtered && (
            <Button size="sm" variant="ghost" onClick={clear}>
              Clear
            </Button>
          )}
        </>
      }
    >
      <div className="flex min-h-0 flex-1">
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          {pages.some((page) => page.searched) && (
            <Searched
              pages={pages}
              of={["record", "records"]}
              more={records.hasNextPage}
              busy={records.isFetchingNextPage}
              onMore={() => void records.fetchNextPage()}
            />
          )}
          <Loaded
            query={records}
            isEmpty={rows.length === 0}
            empty={
              search.q && records.hasNextPage ? (
                <EmptyState icon={<Search />} title="Nothing found so far" action={<Button busy={records.isFetchingNextPage} onClick={() => void records.fetchNextPage()}>Look further back</Button>}>
                  A whole external id is found at once. A part of one is looked for record by record, the newest first.
                </EmptyState>
              ) : filtered ? (
                <EmptyState icon={<Rows3 />} title="Nothing fits these filters" action={<Button onClick={clear}>Clear the filters</Button>} />
              ) : (
                <EmptyState icon={<Rows3 />} title={`No ${kind.replaceAll("_", " ")} yet`}>
                  They are written by processors. Each one shows which execution wrote it, and so from what it came.
                </EmptyState>
              )
            }
          >
            <DataTable
              label={words(kind)}
              rows={rows}
              columns={columns}
              rowKey={(row) => row.id}
              current={search.record ?? null}
              onOpen={(row) => setSearch({ record: row.id })}
              onMore={onMore}
              loadingMore={records.isFetchingNextPage}
            />
          </Loaded>
        </div>
        {search.record && <RecordPanel key={search.record} kind={kind} id={search.record} onClose={() => setSearch({ record: undefined })} />}
      </div>
    </Page>
  );
}

function RecordPanel({ kind, id, onClose }: { kind: string; id: string; onClose: () => void }) {
  const record = useQuery({ queryKey: ["record", kind, id], queryFn: () => api.get<DataRecordWithHistory>(`/records/${kind}/${id}`) });
  return (
    <aside aria-label="Record" className="flex w-96 shrink-0 flex-col border-l border-line bg-canvas max-[1100px]:w-80">
      <div className="flex h-10 shrink-0 items-center justify-between border-b border-line pr-2 pl-4">
        <h2 className="text-sm font-semibold">Record</h2>
        <IconButton label="Close" icon={<X className="size-4" />} onClick={onClose} />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto p-4" tabIndex={0} role="group" aria-label="Details">
        {record.isPending ? (
          <Skeleton className="h-40 w-full" />
        ) : record.isError ? (
          <ErrorState error={record.error} onRetry={() => void record.refetch()} />
        ) : (
          <>
            <dl className="grid grid-cols-[8rem_minmax(0,1fr)] gap-x-3 gap-y-1.5">
              <dt className="text-muted">External id</dt>
              <dd className="font-mono text-xs leading-5 [overflow-wrap:anywhere]">{record.data.external_id}</dd>
              <dt className="text-muted">Provider</dt>
              <dd>{record.data.provider.name}</dd>
              {Object.entries(record.data.fields).map(([name, value]) => (
                <div key={name} className="contents">
                  <dt className="text-muted">{titleOf(name)}</dt>
                  <dd className="flex min-w-0 items-start justify-between gap-2 [overflow-wrap:anywhere]">
                    <span className="min-w-0">
                      <Cell field={name} value={value} full />
                    </span>
                    {record.data.locked.includes(name) && <Badge icon={<Lock />}>locked</Badge>}
                  </dd>
                </div>
              ))}
            </dl>
            <h3 className="mt-5 mb-2 text-xs font-semibold text-muted">Written by</h3>
            <ol className="flex flex-col gap-1">
              {record.data.history.map((execution) => (
                <li key={execution.id}>
                  <AppLink to={`/executions/${execution.id}`} className="flex items-center gap-2 rounded-md border border-line bg-surface px-2.5 py-1.5 hover:bg-hover">
                    <ExecutionStatusMark status={execution.status} />
                    <span className="ellipsis flex-1">{execution.processor?.name ?? "Execution"}</span>
                    <span className="tabular text-muted">v{execution.version}</span>
                    <span className="text-muted">
                      <RelativeTime at={execution.at} />
                    </span>
                  </AppLink>
                </li>
              ))}
            </ol>
          </>
        )}
      </div>
    </aside>
  );
}

