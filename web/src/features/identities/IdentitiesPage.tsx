import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { EyeOff, Link2, Link2Off, Undo2, UserPlus } from "lucide-react";
import { useMemo, useState } from "react";

import { useActions } from "~/actions/registry";
import { api } from "~/api/client";
import { pages, providersQuery } from "~/api/queries";
import { useMay } from "~/api/session";
import { count, plural, words } from "~/core/numbers";
import type { Identity } from "~/generated/api";
import { Badge } from "~/ui/Badge";
import { Button, IconButton } from "~/ui/Button";
import { type Column, DataTable } from "~/ui/DataTable";
import { DelayedSearch } from "~/ui/DelayedSearch";
import { Page } from "~/ui/Page";
import { Loaded } from "~/ui/Paged";
import { RelativeTime } from "~/ui/RelativeTime";
import { Select } from "~/ui/Select";
import { EmptyState } from "~/ui/states";
import { toast } from "~/ui/Toast";
import { useSearchState } from "~/ui/useSearchState";

import { kindName, LinkIdentitiesDialog } from "./LinkIdentitiesDialog";

const kinds = ["agent", "team", "project", "segment", "proposition"];
const states = [
  { value: "no", label: "Unlinked" },
  { value: "yes", label: "Linked" },
  { value: "ignored", label: "Ignored" },
  { value: "any", label: "All" },
];

type Wanted = { identities: Identity[]; create: boolean };

/** `/identities`: names of the external systems that nobody has tied to an agent, a team and so on. */
export default function IdentitiesPage() {
  const client = useQueryClient();
  const may = useMay("builder");
  const [search, setSearch] = useSearchState();
  const providers = useQuery(providersQuery).data ?? [];
  const linked = search.linked ?? "no";
  const identities = useInfiniteQuery(pages<Identity>("/identities", { linked, kind: search.kind, provider: search.provider, q: search.q }));
  const rows = useMemo(() => identities.data?.pages.flatMap((page) => page.items) ?? [], [identities.data]);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [wanted, setWanted] = useState<Wanted | null>(null);

  const chosen = rows.filter((identity) => selected.has(identity.id));
  const sameKind = chosen.length > 0 && chosen.every((identity) => identity.kind === chosen[0]?.kind);
  const changed = async () => {
    setSelected(new Set());
    await Promise.all([
      client.invalidateQueries({ queryKey: ["pages", "/identities"] }),
      client.invalidateQueries({ queryKey: ["overview"] }),
      client.invalidateQueries({ queryKey: ["pages", "/records"] }),
    ]);
  };
  const undoing = (path: string, body: unknown) => ({
    label: "Undo",
    onClick: () => void api.post(path, body).then(changed, (error: unknown) => toast.failed("It was not undone", error)),
  });
  const ids = (list: readonly Identity[]) => list.map((identity) => identity.id);

  const link = async (list: readonly Identity[], target: { entity?: string; create?: { name: string; email?: string } }, name: string) => {
    await api.post("/identities/link", { ids: ids(list), ...target });
    await changed();
    const waiting = list.reduce((sum, identity) => sum + (identity.waiting_records ?? 0), 0);
    toast.done(list.length === 1 ? `${nameOf(list[0])} is ${name}` : `${plural(list.length, "identity", "identities")} linked to ${name}`, {
      detail: waiting > 0 ? `${plural(waiting, "record")} that waited count from now on` : undefined,
      action: undoing("/identities/unlink", { ids: ids(list) }),
    });
  };
  const ignore = async (list: readonly Identity[]) => {
    try {
      await api.post("/identities/ignore", { ids: ids(list) });
      await changed();
      toast.done(list.length === 1 ? `${nameOf(list[0])} is ignored` : `${plural(list.length, "identity", "identities")} ignored`, { action: undoing("/identities/unlink", { ids: ids(list) }) });
    } catch (error) {
      toast.failed("Nothing was changed", error);
    }
  };
  const unlink = async (list: readonly Identity[]) => {
    try {
      await api.post("/identities/unlink", { ids: ids(list) });
      await changed();
      const first = list[0];
      toast.done("Unlinked; its records are kept and count no longer", {
        action:
          list.length === 1 && first?.entity
            ? undoing("/identities/link", { ids: ids(list), entity: first.entity.id })
            : first?.ignored
              ? undoing("/identities/ignore", { ids: ids(list) })
              : undefined,
      });
    } catch (error) {
      toast.failed("Nothing was changed", error);
    }
  };
  const tryLink = (list: readonly Identity[], entity: { id: string; name: string }) => void link(list, { entity: entity.id }, entity.name).catch((error: unknown) => toast.failed("It was not linked", error));

  useActions(
    may && sameKind
      ? [
          { id: "identities.link", title: "Link what is selected", group: "Identities", keys: "Enter", keyOnly: true, run: () => setWanted({ identities: chosen, create: false }) },
          { id: "identities.link.letter", title: "Link what is selected", group: "Identities", keys: "l", run: () => setWanted({ identities: chosen, create: false }) },
          { id: "identities.create", title: "Create and link", group: "Identities", keys: "c", run: () => setWanted({ identities: chosen, create: true }) },
          { id: "identities.ignore", title: "Ignore what is selected", group: "Identities", keys: "i", run: () => void ignore(chosen) },
        ]
      : [],
  );

  const columns: Column<Identity>[] = [
    {
      id: "name",
      title: "External name",
      width: "minmax(9rem, 1.4fr)",
      render: (identity) => (
        <span className="flex items-center gap-2">
          <span className="ellipsis font-medium">{nameOf(identity)}</span>
          {identity.external_name && identity.external_name !== identity.external_id && <span className="ellipsis font-mono text-xs text-muted">{identity.external_id}</span>}
        </span>
      ),
    },
    { id: "kind", title: "Kind", width: "6rem", render: (identity) => <Badge>{words(kindName(identity.kind))}</Badge> },
    { id: "provider", title: "Provider", width: "minmax(4.5rem, 0.8fr)", render: (identity) => <span className="text-muted">{identity.provider?.name}</span> },
    { id: "waiting", title: "Records", width: "3.5rem", align: "end", render: (identity) => count(identity.waiting_records ?? 0) },
    { id: "seen", title: "Last seen", width: "5.25rem", align: "end", drop: 1, render: (identity) => <RelativeTime at={identity.last_seen} /> },
    {
      id: "suggestion",
      title: linked === "no" ? "Suggestion" : "Linked to",
      width: "minmax(9rem, 1.4fr)",
      render: (identity) => {
        const first = identity.suggestions?.[0];
        if (identity.entity) return <span className="font-medium">{identity.entity.name}</span>;
        if (identity.ignored) return <span className="text-faint">ignored</span>;
        if (!first) return <span className="text-faint">none</span>;
        return may ? (
          <Button size="sm" className="max-w-full" icon={<Link2 className="size-3.5 shrink-0" />} title={first.why} onClick={() => tryLink([identity], first.entity)}>
            {first.entity.name}
            <span className="ellipsis font-normal text-muted">{first.why}</span>
          </Button>
        ) : (
          first.entity.name
        );
      },
    },
    ...(may
      ? [
          {
            id: "actions",
            title: "",
            width: "5.5rem",
            align: "end" as const,
            render: (identity: Identity) =>
              identity.entity || identity.ignored ? (
                <IconButton label={`${identity.ignored ? "No longer ignore" : "Unlink"} ${nameOf(identity)}`} icon={<Undo2 className="size-3.5" />} onClick={() => void unlink([identity])} />
              ) : (
                <span className="inline-flex">
                  <IconButton label={`Link ${nameOf(identity)}`} icon={<Link2 className="size-3.5" />} onClick={() => setWanted({ identities: [identity], create: false })} />
                  <IconButton label={`Create ${kindName(identity.kind)} ${nameOf(identity)}`} icon={<UserPlus className="size-3.5" />} onClick={() => setWanted({ identities: [identity], create: true })} />
                  <IconButton label={`Ignore ${nameOf(identity)}`} icon={<EyeOff className="size-3.5" />} onClick={() => void ignore([identity])} />
                </span>
              ),
          },
        ]
      : []),
  ];

  return (
    <Page
      title="Unlinked identities"
      description="People and groups as the external systems call them. What is stored for one counts as soon as it is linked, also what came before."
      body="fill"
      toolbar={
        selected.size > 0 && may ? (
          <>
            <span className="font-medium">{plural(selected.size, "identity", "identities")} selected</span>
            {linked === "no" ? (
              <>
                <Button size="sm" variant="primary" disabled={!sameKind} icon={<Link2 className="size-3.5" />} onClick={() => setWanted({ identities: chosen, create: false })}>
                  Link to one…
                </Button>
                <Button size="sm" icon={<EyeOff className="size-3.5" />} onClick={() => void ignore(chosen)}>
                  Ignore
                </Button>
                {!sameKind && <span className="text-xs text-muted">Only identities of one kind can be linked together</span>}
              </>
            ) : (
              <Button size="sm" icon={<Undo2 className="size-3.5" />} onClick={() => void unlink(chosen)}>
                {linked === "ignored" ? "No longer ignore" : "Unlink"}
              </Button>
            )}
            <Button size="sm" variant="ghost" onClick={() => setSelected(new Set())}>
              Clear
            </Button>
          </>
        ) : (
          <>
            <DelayedSearch label="Search by name or id" className="w-56" value={search.q ?? ""} onChange={(q) => setSearch({ q })} />
            <Select size="sm" label="State" value={linked} options={states} onChange={(next) => setSearch({ linked: next === "no" ? undefined : next })} />
            <Select
              size="sm"
              label="Kind"
              value={search.kind ?? "all"}
              options={[{ value: "all", label: "Every kind" }, ...kinds.map((value) => ({ value, label: words(value) }))]}
              onChange={(next) => setSearch({ kind: next === "all" ? undefined : next })}
            />
            <Select
              size="sm"
              label="Provider"
              value={search.provider ?? "all"}
              options={[{ value: "all", label: "Every provider" }, ...providers.map((provider) => ({ value: provider.id, label: provider.name }))]}
              onChange={(next) => setSearch({ provider: next === "all" ? undefined : next })}
            />
          </>
        )
      }
    >
      <Loaded
        query={identities}
        isEmpty={rows.length === 0}
        empty={
          search.q || search.kind || search.provider || linked !== "no" ? (
            <EmptyState icon={<Link2Off />} title="Nothing fits these filters" />
          ) : (
            <EmptyState icon={<Link2Off />} title="Everything is linked">
              When a record names somebody that is not known yet, they appear here.
            </EmptyState>
          )
        }
      >
        <DataTable
          label="External identities"
          rows={rows}
          columns={columns}
          rowKey={(identity) => identity.id}
          rowHeight={40}
          onOpen={may ? (identity) => !identity.entity && setWanted({ identities: [identity], create: false }) : undefined}
          selection={may ? { selected, onChange: setSelected } : undefined}
          onMore={identities.hasNextPage ? () => void identities.fetchNextPage() : undefined}
          loadingMore={identities.isFetchingNextPage}
        />
      </Loaded>
      {wanted && <LinkIdentitiesDialog {...wanted} onClose={() => setWanted(null)} onLink={link} />}
    </Page>
  );
}

function nameOf(identity: Identity | undefined): string {
  return identity?.external_name || identity?.external_id || "";
}
