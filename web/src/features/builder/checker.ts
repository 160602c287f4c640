/** Checks the draft while it is edited, and tries it on the picked record. An answer that has been overtaken is dropped. */
import { ApiError } from "~/api/client";
import { type Json, isObject, sharing, toPointer } from "~/core/json";
import { sortOut } from "~/core/problems";
import { find } from "~/core/spec";
import type { EditorStore } from "~/features/editor/store";
import { check, tryOut } from "~/features/editor/transport";

/** So long the draft must rest before it is checked again while an answer is on its way, and before it is tried. */
const CHECK_AFTER_MS = 25;
const TRY_AFTER_MS = 180;
/** So long after a failure it is tried again. */
const AGAIN_AFTER_MS = 2000;

/** Checks whenever the document or the selected instruction changes; gives what stops it. Of an execution only types and scopes are told. */
export function keepChecked(store: EditorStore): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: AbortController | undefined;
  let document: Json | undefined;
  let focus: string | undefined;

  const run = async (): Promise<void> => {
    running?.abort();
    const own = new AbortController();
    running = own;
    const asked = store.state.document;
    const place = store.state.focus === undefined ? undefined : find(asked, store.catalog, store.state.focus);
    try {
      const answer = await check(asked, place === undefined ? [] : [toPointer(place.path)], own.signal);
      if (own.signal.aborted) return;
      running = undefined;
      store.set({
        problems: store.editable ? sortOut(asked, store.catalog, answer.diagnostics, store.state.problems) : store.state.problems,
        // What says the same as before stays the same object, so that nothing is drawn again for it.
        checked: {
          document: asked,
          types: sharing(answer.types ?? {}, store.state.checked?.types),
          scopes: sharing(answer.scopes ?? {}, store.state.checked?.scopes),
        },
        checking: store.state.document === asked ? "done" : "waiting",
      });
      performance.measure("checked", { start: started, end: performance.now() });
    } catch (error) {
      if (own.signal.aborted) return;
      running = undefined;
      store.set({ checking: "failed" });
      // Somebody who is signed out, or a server that refuses, does not answer better by being asked again.
      if (!(error instanceof ApiError)) timer = setTimeout(() => void run(), AGAIN_AFTER_MS);
    }
  };

  let started = 0;
  const changed = (): void => {
    const { state } = store;
    if (state.document === document && state.focus === focus) return;
    if (state.document !== document) {
      started = performance.now();
      if (state.checking !== "waiting") store.set({ checking: "waiting" });
    }
    document = state.document;
    focus = state.focus;
    clearTimeout(timer);
    // The first letter is checked once it is drawn; those that follow before the answer wait for each other.
    timer = setTimeout(() => void run(), running === undefined ? 0 : CHECK_AFTER_MS);
  };
  changed();
  const unsubscribe = store.subscribe(changed);
  return () => {
    unsubscribe();
    clearTimeout(timer);
    running?.abort();
  };
}

/** What a spec sees of a record: the record under its variable, with the enrichments in their places, and the constants. */
export function valuesOf(document: Json, record: Json, enrichments: Json | undefined, constants: Json | undefined): Json {
  const source = isObject(document) && isObject(document.source_model) ? document.source_model.var : undefined;
  const values: Record<string, Json> = {};
  if (isObject(document) && Array.isArray(document.constants)) {
    for (const constant of document.constants as Json[])
      if (isObject(constant) && typeof constant.name === "string" && constant.default !== undefined) values[constant.name] = constant.default;
  }
  if (isObject(constants)) Object.assign(values, constants);
  if (typeof source === "string") values[source] = isObject(record) && isObject(enrichments) ? { ...record, ...enrichments } : record;
  return values;
}

export type Trying = { state: "off" | "running" | "done" | "failed"; error?: unknown };

/** Tries the draft on a record whenever it changes; gives what stops it. */
export function keepTried(store: EditorStore, record: string, onState: (state: Trying) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: AbortController | undefined;
  let document: Json | undefined;
  const run = async (): Promise<void> => {
    running?.abort();
    const own = new AbortController();
    running = own;
    const asked = store.state.document;
    onState({ state: "running" });
    try {
      const trace = await tryOut(asked, { id: record }, { signal: own.signal });
      if (own.signal.aborted) return;
      store.set({
        overlay: { tree: trace.tree, document: asked, effects: trace.effects, values: valuesOf(asked, trace.record, trace.enrichments, trace.constants) },
      });
      onState({ state: "done" });
    } catch (error) {
      if (own.signal.aborted) return;
      onState({ state: "failed", error });
    }
  };
  const changed = (): void => {
    if (store.state.document === document) return;
    document = store.state.document;
    clearTimeout(timer);
    timer = setTimeout(() => void run(), TRY_AFTER_MS);
  };
  changed();
  const unsubscribe = store.subscribe(changed);
  return () => {
    unsubscribe();
    clearTimeout(timer);
    running?.abort();
    store.set({ overlay: undefined });
  };
}
