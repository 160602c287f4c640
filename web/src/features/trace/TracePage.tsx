import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useMemo, useState } from "react";

import { useLive } from "~/api/live";

import { catalogQuery } from "../editor/catalogQuery";
import { EditorProvider } from "../editor/context";
import { EditorStore } from "../editor/store";
import { type Trace, loadTrace } from "../editor/transport";
import { Button } from "~/ui/Button";
import { Page } from "~/ui/Page";
import { EmptyState, ErrorState, SkeletonRows } from "~/ui/states";
import { useSearchState } from "~/ui/useSearchState";

import { valuesOf } from "../builder/checker";
import { failuresOf, readItems, stepsTo } from "~/core/trace";
import type { Catalog } from "~/core/catalog";
import { isObject, toPointer } from "~/core/json";
import { Viewer } from "./Viewer";

const above = [{ title: "Executions", to: "/executions" }];

/** `/executions/{id}`: the trace of one execution. `?instruction=&path=0.3&node=/…` says what is looked at, `?attempt=` at which earlier attempt. */
export default function TracePage() {
  const { id = "" } = useParams({ strict: false });
  const catalog = useQuery(catalogQuery);
  const client = useQueryClient();
  const [search, setSearch] = useSearchState();
  const enrichments = search.enrichments === "fresh" ? "fresh" : undefined;
  const attempt = search.attempt;
  const [reveal, setReveal] = useState<string | undefined>(undefined);
  const trace = useQuery({
    queryKey: ["trace", id, reveal, enrichments, attempt],
    queryFn: ({ signal }) => loadTrace(id, { reveal, enrichments, attempt }, signal),
    // What is looked at stays on the screen while its values are revealed, or its related data is fetched.
    placeholderData: (before, query) => (query?.queryKey[1] === id ? before : undefined),
    structuralSharing: false,
    staleTime: Infinity,
    retry: false,
    // It can have run between the answer that says it waits and the first thing that is heard live.
    refetchInterval: ({ state }) => (state.data?.execution?.status === "waiting" && attempt === undefined ? 2000 : false),
  });
  // One that waits, also because it was made to run again here, is shown as soon as it has run.
  const waits = trace.data?.execution?.status === "waiting";
  useLive(waits, ({ kind, data }) => {
    if (kind === "missed" || (kind === "execution" && data.id === id && data.status !== "waiting")) void client.invalidateQueries({ queryKey: ["trace", id] });
  });
  const error = catalog.error ?? trace.error;
  if (error !== null) {
    return (
      <Page title="Trace" above={above}>
        <ErrorState
          error={error}
          title="The trace could not be opened"
          onRetry={() => {
            void catalog.refetch();
            void trace.refetch();
          }}
        />
      </Page>
    );
  }
  if (catalog.data === undefined || trace.data === undefined) {
    return (
      <Page title="Trace" above={above}>
        <SkeletonRows rows={12} />
      </Page>
    );
  }
  if (!isObject(trace.data.spec)) {
    // It ended before a spec ran on it, and by now it cannot be tried any more.
    return (
      <Page title="Trace" above={above}>
        <EmptyState
          title={trace.data.verified === "erased" ? "Erased on request" : "Nothing ran here"}
          action={attempt !== undefined && <Button onClick={() => setSearch({ attempt: undefined }, { push: true })}>Show how it stands</Button>}
        >
          {trace.data.execution?.message ?? trace.data.verified_detail}
        </EmptyState>
      </Page>
    );
  }
  return <Opened key={id} id={id} trace={trace.data} catalog={catalog.data} fetching={trace.isPlaceholderData} reason={reveal} onReveal={setReveal} />;
}

type Props = { id: string; trace: Trace; catalog: Catalog; fetching: boolean; reason: string | undefined; onReveal: (reason: string) => void };

function Opened({ id, trace, catalog, fetching, reason, onReveal }: Props) {
  const [search] = useSearchState();
  const [first] = useState(search);
  // One store for one version: what is looked at stays while values are revealed, or related data is shown as it is now.
  const store = useMemo(() => new EditorStore(catalog, "trace", trace.spec), [catalog, id, trace.version]);
  useMemo(() => {
    const opened = store.state.overlay !== undefined;
    // Where nothing could be worked out again there is nothing to lay over it.
    if (trace.tree.instructions.length === 0 && (trace.verified === "erased" || trace.verified === "payload_gone")) return;
    store.set({
      overlay: {
        tree: trace.tree,
        document: store.state.document,
        effects: trace.effects,
        values: valuesOf(trace.spec, trace.record, trace.enrichments, trace.constants),
      },
    });
    if (opened) return;
    const failure = failuresOf(trace.tree.instructions)[0];
    const path = first.path === undefined ? undefined : first.path.split(".").map(Number);
    const wanted = first.instruction ?? failure?.id;
    if (wanted === undefined) return;
    store.set({
      steps: stepsTo(trace.tree, wanted, path ?? (first.instruction === undefined ? (failure?.path ?? []) : [])),
      items: readItems(first.items, wanted),
    });
    const message = first.instruction === undefined ? failure?.message : undefined;
    store.reveal(wanted, first.node ?? (message === undefined ? "" : below(store, wanted, message.node)));
  }, [store, trace, first]);
  return (
    <EditorProvider store={store}>
      <Viewer id={id} trace={trace} fetching={fetching} reason={reason} onReveal={onReveal} />
    </EditorProvider>
  );
}

/** The pointer below an instruction: the document tells where the instruction is. */
function below(store: EditorStore, id: string, node: string): string {
  const row = store.rows().find((each) => each.kind === "instruction" && each.id === id);
  const own = row?.kind === "instruction" ? toPointer(row.path) : "";
  return node.startsWith(own) ? node.slice(own.length) : "";
}
