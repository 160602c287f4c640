import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useMemo, useState } from "react";

import { catalogQuery } from "../editor/catalogQuery";
import { EditorProvider } from "../editor/context";
import { EditorStore } from "../editor/store";
import { type Trace, loadTrace } from "../editor/transport";
import { Page } from "~/ui/Page";
import { ErrorState, SkeletonRows } from "~/ui/states";
import { useSearchState } from "~/ui/useSearchState";

import { valuesOf } from "../builder/checker";
import { failuresOf, stepsTo } from "~/core/trace";
import type { Catalog } from "~/core/catalog";
import { toPointer } from "~/core/json";
import { Viewer } from "./Viewer";

const above = [{ title: "Executions", to: "/executions" }];

/** `/executions/{id}`: the trace of one execution. `?instruction=&path=0.3&node=/…` says what is looked at. */
export default function TracePage() {
  const { id = "" } = useParams({ strict: false });
  const catalog = useQuery(catalogQuery);
  const [reveal, setReveal] = useState<string | undefined>(undefined);
  const trace = useQuery({
    queryKey: ["trace", id, reveal],
    queryFn: ({ signal }) => loadTrace(id, reveal, signal),
    structuralSharing: false,
    staleTime: Infinity,
    retry: false,
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
  return <Opened key={id} id={id} trace={trace.data} catalog={catalog.data} revealed={reveal !== undefined} onReveal={setReveal} />;
}

type Props = { id: string; trace: Trace; catalog: Catalog; revealed: boolean; onReveal: (reason: string) => void };

function Opened({ id, trace, catalog, revealed, onReveal }: Props) {
  const [search] = useSearchState();
  const [first] = useState(search);
  const store = useMemo(() => new EditorStore(catalog, "trace", trace.spec), [catalog, trace.spec]);
  // The execution is laid over the spec it ran with; revealing brings the same one with its values.
  useMemo(() => {
    const steps = store.state.steps;
    store.set({
      overlay: {
        tree: trace.tree,
        document: store.state.document,
        effects: trace.effects,
        values: valuesOf(trace.spec, trace.record, trace.enrichments, trace.constants),
      },
    });
    if (steps.size > 0 || revealed) return;
    const failure = failuresOf(trace.tree.instructions)[0];
    const path = first.path === undefined ? undefined : first.path.split(".").map(Number);
    const wanted = first.instruction ?? failure?.id;
    if (wanted === undefined) return;
    store.set({ steps: stepsTo(trace.tree, wanted, path ?? (first.instruction === undefined ? (failure?.path ?? []) : [])) });
    const message = first.instruction === undefined ? failure?.message : undefined;
    store.reveal(wanted, first.node ?? (message === undefined ? "" : below(store, wanted, message.node)));
  }, [store, trace, first, revealed]);
  return (
    <EditorProvider store={store}>
      <Viewer id={id} trace={trace} revealed={revealed} onReveal={onReveal} />
    </EditorProvider>
  );
}

/** The pointer below an instruction: the document tells where the instruction is. */
function below(store: EditorStore, id: string, node: string): string {
  const row = store.rows().find((each) => each.kind === "instruction" && each.id === id);
  const own = row?.kind === "instruction" ? toPointer(row.path) : "";
  return node.startsWith(own) ? node.slice(own.length) : "";
}
