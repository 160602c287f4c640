import { useQuery } from "@tanstack/react-query";
import { Plus, Workflow } from "lucide-react";

import { useActions } from "~/actions/registry";
import { processorsQuery } from "~/api/queries";
import { useMay } from "~/api/session";
import { plural } from "~/core/numbers";
import { rankBy } from "~/core/search";
import type { Processor } from "~/generated/api";
import { AppLink } from "~/ui/AppLink";
import { Status } from "~/ui/Badge";
import { Button } from "~/ui/Button";
import { type Column, DataTable } from "~/ui/DataTable";
import { SearchInput } from "~/ui/Input";
import { Page } from "~/ui/Page";
import { Loaded } from "~/ui/Paged";
import { RelativeTime } from "~/ui/RelativeTime";
import { EmptyState } from "~/ui/states";
import { useSearchState } from "~/ui/useSearchState";

import { NewProcessorDialog } from "./NewProcessorDialog";

const columns: Column<Processor>[] = [
  { id: "name", title: "Name", width: "minmax(11rem, 2fr)", render: (processor) => processor.name },
  { id: "state", title: "State", width: "6rem", render: (processor) => (processor.enabled ? <Status tone="ok">Enabled</Status> : <Status tone="neutral">Disabled</Status>) },
  { id: "model", title: "Source model", width: "minmax(8.5rem, 1fr)", drop: 1, render: (processor) => <span className="font-mono text-xs text-muted">{processor.model}</span> },
  {
    id: "version",
    title: "Version",
    width: "4.5rem",
    drop: 2,
    render: (processor) => (processor.version ? <span className="tabular text-muted">v{processor.version}</span> : <span className="text-warn-text">no spec</span>),
  },
  {
    id: "sources",
    title: "Sources",
    width: "minmax(9rem, 1.5fr)",
    render: (processor) =>
      processor.sources.length === 0 ? <span className="text-faint">not linked</span> : <span className="text-muted">{processor.sources.map((source) => source.name).join(", ")}</span>,
  },
  {
    id: "failed",
    title: "Failed, 24 h",
    width: "6.5rem",
    align: "end",
    render: (processor) =>
      processor.failed_24h > 0 ? (
        <AppLink to={`/executions?processor=${processor.id}&status=failed`} className="font-medium text-danger-text hover:underline">
          {processor.failed_24h}
        </AppLink>
      ) : (
        <span className="text-faint">0</span>
      ),
  },
  { id: "last", title: "Last run", width: "6rem", align: "end", render: (processor) => <RelativeTime at={processor.last_execution?.at} /> },
];

/** `/processors`: everything that turns records into data. */
export default function ProcessorsPage() {
  const processors = useQuery(processorsQuery);
  const may = useMay("builder");
  const [search, setSearch] = useSearchState();
  const q = search.q ?? "";
  const open = () => setSearch({ new: "1" });
  useActions(may ? [{ id: "processor.new", title: "New processor", group: "Processors", keys: "n", run: open }] : []);
  const rows = rankBy(processors.data ?? [], q, (processor) => [processor.name, processor.model]);
  const create = may && (
    <Button variant="primary" icon={<Plus className="size-4" />} onClick={open}>
      New processor
    </Button>
  );
  return (
    <Page
      title="Processors"
      body="fill"
      actions={create}
      toolbar={
        <>
          <SearchInput label="Search processors" value={q} onChange={(text) => setSearch({ q: text })} className="w-64" />
          <span className="text-xs text-muted">{processors.data && plural(rows.length, "processor")}</span>
        </>
      }
    >
      <Loaded
        query={processors}
        isEmpty={rows.length === 0}
        empty={
          q ? (
            <EmptyState icon={<Workflow />} title="No processor is called that" />
          ) : (
            <EmptyState icon={<Workflow />} title="No processor yet" action={create}>
              A processor takes each record of a source and, step by step, writes sales, activities, calls and the rest.
            </EmptyState>
          )
        }
      >
        <DataTable label="Processors" rows={rows} columns={columns} rowKey={(processor) => processor.id} href={(processor) => `/processors/${processor.id}`} />
      </Loaded>
      {search.new && <NewProcessorDialog model={search.model} link={search.link} onClose={() => setSearch({ new: undefined, model: undefined, link: undefined })} />}
    </Page>
  );
}
