import { useEffect } from "react";

import { find } from "~/core/spec";
import { printItems } from "~/core/trace";
import { useActions } from "~/actions/registry";
import { useGo } from "~/ui/AppLink";
import { Button } from "~/ui/Button";
import { RelativeTime } from "~/ui/RelativeTime";
import { SplitPane } from "~/ui/SplitPane";
import { Notice } from "~/ui/states";
import { useSearchState } from "~/ui/useSearchState";

import { useEditor, useStore } from "../editor/context";
import { Differences } from "../editor/Differences";
import { FindBar } from "../editor/FindBar";
import { Inspector } from "../editor/Inspector";
import { Stack } from "../editor/Stack";
import type { Trace } from "../editor/transport";
import { useEditorActions } from "../editor/useEditorActions";
import { keepChecked } from "../builder/checker";
import { RecordPanel } from "./RecordPanel";
import { TraceBar } from "./TraceBar";

type Props = { id: string; trace: Trace; fetching: boolean; /** Why personal values are revealed, where they are. */ reason: string | undefined; onReveal: (reason: string) => void };

/** The three panels of the builder, with one execution laid over them. */
export function Viewer({ id, trace, fetching, reason, onReveal }: Props) {
  const store = useStore();
  const go = useGo();
  const [search, setSearch] = useSearchState();
  const fresh = search.enrichments === "fresh";
  const focus = useEditor((state) => state.focus);
  const node = useEditor((state) => state.node);
  const steps = useEditor((state) => state.steps);
  const items = useEditor((state) => state.items);

  // The address says what is on the screen: the instruction, the iterations it is looked at in, the node, the items of lists in it.
  useEffect(() => {
    const timer = setTimeout(() => {
      const happened = focus === undefined ? undefined : store.happened().get(focus);
      const own = happened?.instruction.iterations !== undefined && happened.iteration !== undefined ? [happened.iteration.index] : [];
      const path = [...(happened?.path ?? []), ...own];
      setSearch({
        instruction: focus,
        path: path.length === 0 ? undefined : path.join("."),
        node: node === "" ? undefined : node,
        items: focus === undefined ? undefined : printItems(items, focus),
      });
    }, 200);
    return () => clearTimeout(timer);
  }, [store, focus, node, steps, items, setSearch]);

  useEffect(() => keepChecked(store), [store]);

  const name = trace.execution?.processor?.name ?? "Execution";
  useEffect(() => {
    window.document.title = `${name} · Trace · SalesDash`;
  }, [name]);
  useEditorActions({ save: () => undefined, exportSpec: () => undefined });
  useActions([
    {
      id: "trace.previous",
      title: "Previous execution of this record",
      group: "Trace",
      keys: "[",
      run: () => trace.previous !== null && go(`/executions/${trace.previous}`),
    },
    { id: "trace.next", title: "Next execution of this record", group: "Trace", keys: "]", run: () => trace.next !== null && go(`/executions/${trace.next}`) },
    { id: "trace.failed", title: "Next failed iteration", group: "Trace", keys: "f", run: () => nextFailed() },
  ]);

  /** The next failed iteration of the innermost loop around what is selected. */
  function nextFailed(): void {
    let place = focus === undefined ? undefined : find(store.state.document, store.catalog, focus);
    for (; place !== undefined; place = place.parent === undefined ? undefined : find(store.state.document, store.catalog, place.parent)) {
      const happened = store.happened().get(place.id);
      const iterations = happened?.instruction.iterations;
      if (iterations === undefined) continue;
      const failed = iterations.filter((iteration) => iteration.outcome === "undone");
      const now = happened?.iteration?.index ?? -1;
      const next = failed.find((iteration) => iteration.index > now) ?? failed[0];
      if (next) store.step(place.id, next.index);
      return;
    }
  }

  return (
    <main id="main" tabIndex={-1} className="flex h-full min-h-0 min-w-0 flex-1 flex-col bg-surface outline-none">
      <TraceBar
        id={id}
        trace={trace}
        reason={reason}
        fresh={fresh}
        fetching={fetching}
        onFresh={(on) => setSearch({ enrichments: on ? "fresh" : undefined })}
        attempt={search.attempt}
        onAttempt={(attempt) => setSearch({ attempt, enrichments: undefined }, { push: true })}
      />
      {search.attempt !== undefined && !fetching && (
        <div className="border-b border-line px-4 py-2">
          <Notice
            tone="info"
            title="An earlier attempt"
            action={
              <Button size="sm" onClick={() => setSearch({ attempt: undefined }, { push: true })}>
                Show how it stands
              </Button>
            }
          >
            It has been run again since: what it wrote may have been written over.
          </Notice>
        </div>
      )}
      {fresh && !fetching && (
        <div className="border-b border-line px-4 py-2">
          <Notice tone="info" title="With the related data as it is now. Nothing of this was written.">
            <Differences found={trace.differences ?? []} onShow={(instruction) => store.reveal(instruction)} />
          </Notice>
        </div>
      )}
      {!fresh && trace.execution?.status === "waiting" && (
        <div className="border-b border-line px-4 py-2">
          <Notice tone="info" title="It waits for its turn">
            What is shown is what it would come to now. As soon as it has run, it shows what it did.
          </Notice>
        </div>
      )}
      {trace.verified === "differs" && (
        <div className="border-b border-line px-4 py-2">
          <Notice tone="danger" title="The replay differs from what was recorded">
            {trace.verified_detail ?? "What is shown is what the same version makes of the record now, which is not what it wrote then."}
          </Notice>
        </div>
      )}
      {trace.verified === "payload_gone" && (
        <div className="border-b border-line px-4 py-2">
          <Notice tone="warn" title="The record is gone">
            {trace.verified_detail ?? "Its retention has ended, so the execution can no longer be replayed. What it wrote stays."}
          </Notice>
        </div>
      )}
      {trace.verified === "erased" && (
        <div className="border-b border-line px-4 py-2">
          <Notice
            tone="info"
            title={
              trace.erased_at ? (
                <>
                  Erased on request, <RelativeTime at={trace.erased_at} />
                </>
              ) : (
                "Erased on request"
              )
            }
          >
            The contact that this was about asked to be forgotten. What was received is gone, and with it the trace; what was written keeps its numbers and no longer says whose they were.
          </Notice>
        </div>
      )}
      <SplitPane
        id="trace"
        left={{ label: "Record and constants", width: 304, min: 220, max: 560, content: <RecordPanel trace={trace} revealed={reason !== undefined} onReveal={onReveal} /> }}
        right={{ label: "Inspector", width: 432, min: 300, max: 760, content: <Inspector /> }}
      >
        <FindBar />
        <Stack label="What happened" />
      </SplitPane>
    </main>
  );
}
