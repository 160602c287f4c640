import { useQuery } from "@tanstack/react-query";
import { Plug, Plus } from "lucide-react";

import { useActions } from "~/actions/registry";
import { providersQuery, providerTypesQuery } from "~/api/queries";
import { useMay } from "~/api/session";
import { plural } from "~/core/numbers";
import { rankBy } from "~/core/search";
import { HealthStatus } from "~/features/health/health";
import type { Provider } from "~/generated/api";
import { AppLink, useGo } from "~/ui/AppLink";
import { buttonClass } from "~/ui/Button";
import { type Column, DataTable } from "~/ui/DataTable";
import { SearchInput } from "~/ui/Input";
import { Page } from "~/ui/Page";
import { Loaded } from "~/ui/Paged";
import { RelativeTime } from "~/ui/RelativeTime";
import { EmptyState } from "~/ui/states";
import { useSearchState } from "~/ui/useSearchState";

import { NotConnected } from "./NotConnected";
import { ProviderMark } from "./ProviderMark";

/** `/providers`: every external system that is connected. */
export default function ProvidersPage() {
  const providers = useQuery(providersQuery);
  const types = useQuery(providerTypesQuery).data ?? [];
  const [{ q = "" }, setSearch] = useSearchState();
  const go = useGo();
  const may = useMay("builder");
  const titleOf = (type: string) => types.find((each) => each.type === type)?.title ?? type;
  useActions(may ? [{ id: "provider.new", title: "New provider", group: "Providers", keys: "n", run: () => go("/providers/new") }] : []);

  const rows = rankBy(providers.data ?? [], q, (provider) => [provider.name, titleOf(provider.type)]);
  const columns: Column<Provider>[] = [
    {
      id: "name",
      title: "Name",
      width: "minmax(14rem, 2fr)",
      render: (provider) => (
        <span className="flex items-center gap-2">
          <ProviderMark type={provider.type} title={titleOf(provider.type)} mark={types.find((each) => each.type === provider.type)?.mark} />
          <span className="ellipsis">{provider.name}</span>
        </span>
      ),
    },
    { id: "type", title: "Type", width: "minmax(8rem, 1fr)", render: (provider) => <span className="text-muted">{titleOf(provider.type)}</span> },
    { id: "health", title: "Health", width: "minmax(9rem, 1fr)", render: (provider) => <HealthStatus health={provider.health} status={provider.status} /> },
    {
      id: "sources",
      title: "Sources",
      width: "minmax(10rem, 2fr)",
      render: (provider) =>
        provider.sources.length === 0 ? <span className="text-faint">none yet</span> : <span className="text-muted">{provider.sources.map((source) => source.name).join(", ")}</span>,
    },
    { id: "last", title: "Last record", width: "8rem", align: "end", render: (provider) => <RelativeTime at={provider.health?.last_record_at} /> },
  ];
  const create = may && (
    <AppLink to="/providers/new" className={buttonClass("primary")}>
      <Plus className="size-4" aria-hidden="true" /> New provider
    </AppLink>
  );

  return (
    <Page
      title="Providers"
      body="fill"
      actions={create}
      toolbar={
        <>
          <SearchInput label="Search providers" value={q} onChange={(text) => setSearch({ q: text })} className="w-64" />
          <span className="text-xs text-muted">{providers.data && plural(rows.length, "provider")}</span>
        </>
      }
    >
      <NotConnected />
      <Loaded
        query={providers}
        isEmpty={rows.length === 0}
        empty={
          q ? (
            <EmptyState icon={<Plug />} title="No provider is called that" />
          ) : (
            <EmptyState icon={<Plug />} title="No provider yet" action={create}>
              A provider is an external system with what is needed to reach it: a CRM, a phone system, or anything that can send a webhook.
            </EmptyState>
          )
        }
      >
        <DataTable label="Providers" rows={rows} columns={columns} rowKey={(provider) => provider.id} href={(provider) => `/providers/${provider.id}`} />
      </Loaded>
    </Page>
  );
}
