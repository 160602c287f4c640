import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowUp, EyeOff, ListChecks, ListFilter, Radio, RotateCw, Search } from "lucide-react";
import { useRef, useState } from "react";

import { useActions } from "~/actions/registry";
import { ApiError, messageOf } from "~/api/client";
import { useLive } from "~/api/live";
import { processorsQuery, providersQuery } from "~/api/queries";
import { useMay, useSession } from "~/api/session";
import { useList } from "~/api/useList";
import { duration, instantOf, localOf } from "~/core/time";
import { words } from "~/core/numbers";
import type { Execution } from "~/generated/api";
import { AppLink } from "~/ui/AppLink";
import { Button } from "~/ui/Button";
import { Code, plainCode } from "~/ui/Code";
import { type Column, DataTable } from "~/ui/DataTable";
import { DelayedSearch } from "~/ui/DelayedSearch";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { Page } from "~/ui/Page";
import { Loaded } from "~/ui/Paged";
import { Popover } from "~/ui/Popover";
import { RelativeTime, useZone } from "~/ui/RelativeTime";
import { Select } from "~/ui/Select";
import { Searched, type SearchedPage } from "~/ui/Searched";
import { EmptyState } from "~/ui/states";
import { useSearchState } from "~/ui/useSearchState";

import { RevealButton } from "../reveal/RevealButton";
import { BulkRetryDialog } from "./BulkRetryDialog";
import { ExecutionStatusMark, statuses, Writes } from "./status";
import { ValueFilter } from "./ValueFilter";

const columns: Column<Execution>[] = [
  { id: "status", title: "Status", width: "8.5rem", render: (execution) => <ExecutionStatusMark status={execution.status} /> },
  { id: "processor", title: "Processor", width: "minmax(9rem, 1.2fr)", render: (execution) => execution.processor?.name ?? <span className="text-faint">removed</span> },
  { id: "source", title: "Source", width: "minmax(8rem, 1fr)", drop: 1, render: (execution) => <span className="text-muted">{execution.source?.name ?? "removed"}</span> },
  { id: "key", title: "Record", width: "minmax(8.5rem, 0.8fr)", render: (execution) => (execution.key ? <span className="font-mono text-xs">{execution.key}</span> : <span className="text-faint">no key</span>) },
  {
    id: "outcome",
    title: "Outcome",
    width: "minmax(10rem, 2fr)",
    render: (execution) =>
      execution.message ? (
        <span title={plainCode(execution.message)} className="text-danger-text">
          {execution.code && <span className="mr-1.5 font-mono text-xs">{execution.code}</span>}
          <Code text={execution.message} />
        </span>
      ) : (
        <Writes writes={execution.writes} />
      ),
  },
  { id: "took", title: "Took", width: "4.5rem", align: "end", drop: 2, render: (execution) => <span className="text-muted">{execution.took_us > 0 && duration(execution.took_us)}</span> },
  { id: "at", title: "When", width: "5.5rem", align: "end", render: (execution) => <RelativeTime at={execution.at} /> },
];

export const filterNames = ["status", "processor", "source", "code", "key", "from", "to", "model_id", "job"] as const;

/** Why a field is not looked in: it is personal, and that has to be revealed. */
const hidden = (error: unknown): boolean => error instanceof ApiError && error.status === 403;

/** `/executions`: one row per source model and processor, newest first. */
export default function ExecutionsPage() {
  const client = useQueryClient();
  const may = useMay("builder");
  const { user } = useSession();
  const zone = useZone();
  const [search, setSearch] = useSearchState();
  const processors = useQuery(processorsQuery).data ?? [];
  const sources = (useQuery(providersQuery).data ?? []).flatMap((provider) => provider.sources);
  const [retrying, setRetrying] = useState(false);

  const filter = Object.fromEntries(filterNames.map((name) => [name, search[name]]));
  const filtered = filterNames.some((name) => search[name]) || !!search.value;
  const live = search.live === "1";
  const [reason, setReason] = useState<string | undefined>(undefined);
  const looked = search.value ? { field: search.field, value: search.value, reveal: reason } : {};
  const { list: executions, rows, refresh, onMore } = useList<Execution>("/executions", { ...filter, ...looked }, { retry: (count, error) => !hidden(error) && count < 2 });
  const clear = (): void => setSearch(Object.fromEntries([...filterNames, "field", "value"].map((name) => [name, undefined])));

  // A burst of events looks at the top once. Who has scrolled away reads in peace, and is told that there is more.
  const table = useRef<HTMLDivElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const [behind, setBehind] = useState(false);
  const away = (): boolean => (table.current?.querySelector("[data-scroll]")?.scrollTop ?? 0) > 0;
  const state = useLive(live, (event) => {
    if (!["execution", "missed"].includes(event.kind) || timer.current) return;
    timer.current = setTimeout(() => {
      timer.current = null;
      if (away()) setBehind(true);
      else void refresh().catch(() => undefined);
    }, 400);
  });
  const toTop = (): void => {
    setBehind(false);
    table.current?.querySelector("[data-scroll]")?.scrollTo({ top: 0 });
    void refresh().catch(() => undefined);
  };
  const retryable = may && !search.value;
  const toggleLive = () => setSearch({ live: live ? undefined : "1" });
  useActions([
    { id: "executions.live", title: live ? "Stop the live tail" : "Follow live", group: "Executions", keys: "l", run: toggleLive },
    { id: "executions.failed", title: "Show what failed", group: "Executions", keys: "f", run: () => setSearch({ status: search.status === "failed" ? undefined : "failed" }) },
    ...(retryable ? [{ id: "executions.retry", title: "Run again what is listed", group: "Executions", keys: "Shift+r", run: () => setRetrying(true) }] : []),
  ]);
  const more = [search.code, search.from, search.to, search.model_id, search.job].filter(Boolean).length;

  return (
    <Page
      title="Executions"
      body="fill"
      actions={
        <>
          <Button icon={<Radio className={live ? "size-3.5 animate-pulse text-ok-text" : "size-3.5"} />} aria-pressed={live} onClick={toggleLive}>
            {live ? (state === "open" ? "Live" : "Connecting") : "Live tail"}
          </Button>
          {may && (
            <Button
              icon={<RotateCw className="size-3.5" />}
              disabled={rows.length === 0 || !retryable}
              title={search.value ? "What a value in the record selects can only be run again one by one" : undefined}
              onClick={() => setRetrying(true)}
            >
              Run again…
            </Button>
          )}
        </>
      }
      toolbar={
        <>
          <DelayedSearch label="Search by record key" placeholder="Record key" className="w-40" value={search.key ?? ""} onChange={(key) => setSearch({ key })} />
          <Select
            size="sm"
            label="Status"
            value={search.status ?? "all"}
            options={[{ value: "all", label: "Every status" }, ...statuses.map((value) => ({ value, label: words(value) }))]}
            onChange={(next) => setSearch({ status: next === "all" ? undefined : next })}
          />
          <Select
            size="sm"
            label="Processor"
            value={search.processor ?? "all"}
            options={[{ value: "all", label: "Every processor" }, ...processors.map((each) => ({ value: each.id, label: each.name }))]}
            onChange={(next) => setSearch({ processor: next === "all" ? undefined : next })}
          />
          <Select
            size="sm"
            label="Source"
            value={search.source ?? "all"}
            options={[{ value: "all", label: "Every source" }, ...sources.map((each) => ({ value: each.id, label: each.name }))]}
            onChange={(next) => setSearch({ source: next === "all" ? undefined : next })}
          />
          <ValueFilter />
          <Popover
            title="More filters"
            trigger={
              <Button size="sm" variant="filter" icon={<ListFilter className="size-3.5" />}>
                More{more > 0 && ` (${more})`}
              </Button>
            }
          >
            <div className="grid w-80 grid-cols-2 gap-3">
              <Field label="From" className="col-span-2">
                {(control) => <Input {...control} type="datetime-local" value={search.from ? localOf(search.from, zone) : ""} onChange={(event) => setSearch({ from: instantOf(event.target.value, zone) ?? undefined })} />}
              </Field>
              <Field label="Until" className="col-span-2">
                {(control) => <Input {...control} type="datetime-local" value={search.to ? localOf(search.to, zone) : ""} onChange={(event) => setSearch({ to: instantOf(event.target.value, zone) ?? undefined })} />}
              </Field>
              <Field label="Error code">{(control) => <Input {...control} mono placeholder="E501" value={search.code ?? ""} onChange={(event) => setSearch({ code: event.target.value.trim() })} />}</Field>
              <Field label="Record id">{(control) => <Input {...control} mono value={search.model_id ?? ""} onChange={(event) => setSearch({ model_id: event.target.value.trim() })} />}</Field>
            </div>
          </Popover>
          {filtered && (
            <Button size="sm" variant="ghost" onClick={clear}>
              Clear
            </Button>
          )}
        </>
      }
    >
      {search.value && executions.data && <Searched pages={executions.data.pages as SearchedPage[]} of={["execution", "executions"]} more={executions.hasNextPage} busy={executions.isFetchingNextPage} onMore={() => void executions.fetchNextPage()} />}
      {search.value && hidden(executions.error) ? (
        <EmptyState icon={<EyeOff />} title="This field holds personal data" action={user.reveal ? <RevealButton onReveal={setReason} label="Look anyway" /> : undefined}>
          {messageOf(executions.error)}
        </EmptyState>
      ) : (
      <Loaded
        query={executions}
        isEmpty={rows.length === 0}
        empty={
          search.value && executions.hasNextPage ? (
            <EmptyState icon={<Search />} title="Nothing found so far" action={<Button busy={executions.isFetchingNextPage} onClick={() => void executions.fetchNextPage()}>Look further back</Button>}>
              Records are encrypted, so they are opened one by one, the newest first.
            </EmptyState>
          ) : filtered ? (
            <EmptyState
              icon={<ListChecks />}
              title="Nothing fits these filters"
              action={<Button onClick={clear}>Clear the filters</Button>}
            />
          ) : (
            <EmptyState icon={<ListChecks />} title="Nothing has run yet">
              Each record that arrives runs every processor linked to its source, and each of these runs is kept here with everything it did.{" "}
              <AppLink to="/providers" className="link">
                To the providers
              </AppLink>
            </EmptyState>
          )
        }
      >
        <div ref={table} className="relative flex min-h-0 flex-1 flex-col">
        {live && behind && (
          <div className="pointer-events-none absolute inset-x-0 top-10 z-20 flex justify-center">
            <Button size="sm" variant="primary" icon={<ArrowUp className="size-3.5" />} className="pointer-events-auto !rounded-full shadow-high" onClick={toTop}>
              New executions
            </Button>
          </div>
        )}
        <DataTable
          label="Executions"
          rows={rows}
          columns={columns}
          rowKey={(execution) => execution.id}
          href={(execution) => `/executions/${execution.id}`}
          onMore={search.value ? undefined : onMore}
          loadingMore={executions.isFetchingNextPage}
        />
        </div>
      </Loaded>
      )}
      {retrying && (
        <BulkRetryDialog
          filter={filter}
          onClose={() => setRetrying(false)}
          onStarted={() => {
            setRetrying(false);
            void client.invalidateQueries({ queryKey: ["pages", "/executions"] });
          }}
        />
      )}
    </Page>
  );
}
