import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Archive, ArchiveRestore, Pencil, Plus, Users } from "lucide-react";
import { useState } from "react";

import { useActions } from "~/actions/registry";
import { api } from "~/api/client";
import { pages } from "~/api/queries";
import { useMay } from "~/api/session";
import { words } from "~/core/numbers";
import type { Entity, Identity, Page as PageOf } from "~/generated/api";
import { AppLink } from "~/ui/AppLink";
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

import { EntityDialog } from "./EntityDialog";

const about: { [kind: string]: string } = {
  agents: "The people who sell. Activities, sales and calls count for the agent whose external identity they carry.",
  teams: "Groups of agents.",
  projects: "What agents work on.",
  segments: "Parts of the market.",
  propositions: "What is sold.",
};

/** `/data/{kind}`: agents, teams, projects, segments, propositions. */
export default function EntitiesPage() {
  const { kind = "agents" } = useParams({ strict: false }) as { kind?: string };
  return <Entities key={kind} kind={kind} />;
}

function Entities({ kind }: { kind: string }) {
  const client = useQueryClient();
  const may = useMay("builder");
  const one = kind.replace(/s$/, "");
  const [search, setSearch] = useSearchState();
  const entities = useInfiniteQuery(pages<Entity>(`/entities/${kind}`, { q: search.q, archived: search.archived === "1" ? true : undefined }));
  const rows = entities.data?.pages.flatMap((page) => page.items) ?? [];
  // Which external identities each of them has; read once for the list.
  const identities = useQuery({ queryKey: ["identities", "linked", one], queryFn: () => api.get<PageOf<Identity>>("/identities", { linked: "yes", kind: one, limit: 500 }) });
  const linked = new Map<string, string[]>();
  for (const identity of identities.data?.items ?? []) {
    if (identity.entity) linked.set(identity.entity.id, [...(linked.get(identity.entity.id) ?? []), `${identity.external_name || identity.external_id} (${identity.provider.name})`]);
  }
  const [editing, setEditing] = useState<Entity | null>(null);
  const creating = search.new === "1";
  const changed = () => Promise.all([client.invalidateQueries({ queryKey: ["pages", `/entities/${kind}`] }), client.invalidateQueries({ queryKey: ["entities"] })]);
  const open = () => setSearch({ new: "1" });
  useActions(may ? [{ id: "entity.new", title: `New ${one}`, group: words(kind), keys: "n", run: open }] : []);

  const archive = async (entity: Entity, archived: boolean) => {
    try {
      await api.patch(`/entities/${kind}/${entity.id}`, { archived });
      await changed();
      toast.done(archived ? `${entity.name} is archived` : `${entity.name} is back in use`, { action: { label: "Undo", onClick: () => void archive(entity, !archived) } });
    } catch (error) {
      toast.failed("Nothing was changed", error);
    }
  };

  const columns: Column<Entity>[] = [
    {
      id: "name",
      title: "Name",
      width: "minmax(10rem, 1.3fr)",
      render: (entity) => (
        <span className="flex items-center gap-2">
          <span className="ellipsis font-medium">{entity.name}</span>
          {entity.archived && <Badge>archived</Badge>}
        </span>
      ),
    },
    ...(kind === "agents" ? [{ id: "email", title: "E-mail", width: "minmax(11rem, 1fr)", render: (entity: Entity) => <span className="text-muted">{entity.email ?? ""}</span> }] : []),
    {
      id: "identities",
      title: "Linked identities",
      width: "minmax(10rem, 2fr)",
      render: (entity) => {
        const names = linked.get(entity.id) ?? [];
        return names.length > 0 ? (
          <span className="text-muted" title={names.join(", ")}>
            {names.join(", ")}
          </span>
        ) : (
          <span className="text-faint">none</span>
        );
      },
    },
    ...(kind === "agents"
      ? [
          {
            id: "records",
            title: "Records",
            width: "11rem",
            render: (entity: Entity) => (
              <span className="flex gap-3">
                {["activities", "sales", "calls"].map((records) => (
                  <AppLink key={records} to={`/records/${records}?agent=${entity.id}`} className="link">
                    {words(records)}
                  </AppLink>
                ))}
              </span>
            ),
          },
        ]
      : []),
    { id: "created", title: "Made", width: "5.5rem", align: "end", drop: 1, render: (entity) => <RelativeTime at={entity.created} /> },
    ...(may
      ? [
          {
            id: "actions",
            title: "",
            width: "4.5rem",
            align: "end" as const,
            render: (entity: Entity) => (
              <span className="inline-flex">
                <IconButton label={`Edit ${entity.name}`} icon={<Pencil className="size-3.5" />} onClick={() => setEditing(entity)} />
                <IconButton
                  label={`${entity.archived ? "Restore" : "Archive"} ${entity.name}`}
                  icon={entity.archived ? <ArchiveRestore className="size-3.5" /> : <Archive className="size-3.5" />}
                  onClick={() => void archive(entity, !entity.archived)}
                />
              </span>
            ),
          },
        ]
      : []),
  ];
  const create = may && (
    <Button variant="primary" icon={<Plus className="size-4" />} onClick={open}>
      New {one}
    </Button>
  );

  return (
    <Page
      title={words(kind)}
      description={about[kind]}
      body="fill"
      actions={create}
      toolbar={
        <>
          <DelayedSearch label={`Search ${kind}`} className="w-64" value={search.q ?? ""} onChange={(q) => setSearch({ q })} />
          <Select
            size="sm"
            label="State"
            value={search.archived ?? "0"}
            options={[
              { value: "0", label: "In use" },
              { value: "1", label: "With archived ones" },
            ]}
            onChange={(next) => setSearch({ archived: next === "1" ? "1" : undefined })}
          />
        </>
      }
    >
      <Loaded
        query={entities}
        isEmpty={rows.length === 0}
        empty={
          search.q ? (
            <EmptyState icon={<Users />} title={`No ${one} is called that`} />
          ) : (
            <EmptyState icon={<Users />} title={`No ${kind} yet`} action={create}>
              Make them here, or straight from the{" "}
              <AppLink to={`/identities?kind=${one}`} className="link">
                external identities
              </AppLink>{" "}
              that arrive with the records.
            </EmptyState>
          )
        }
      >
        <DataTable
          label={words(kind)}
          rows={rows}
          columns={columns}
          rowKey={(entity) => entity.id}
          onOpen={may ? setEditing : undefined}
          onMore={entities.hasNextPage ? () => void entities.fetchNextPage() : undefined}
          loadingMore={entities.isFetchingNextPage}
        />
      </Loaded>
      {(creating || editing) && (
        <EntityDialog
          kind={kind}
          entity={editing}
          onClose={() => {
            setEditing(null);
            setSearch({ new: undefined });
          }}
          onDone={changed}
        />
      )}
    </Page>
  );
}
