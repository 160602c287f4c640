/** The values of variables in the execution that is laid over. */
import { useMemo } from "react";

import { type Json, isList, isObject } from "~/core/json";
import { valueAt } from "~/core/scope";
import { isLoop } from "~/core/spec";
import { current, variablesAt } from "~/core/trace";

import { useEditor, useStore } from "./context";
import type { EditorStore } from "./store";

function valuesAt(store: EditorStore, id: string | undefined): ReadonlyMap<string, Json> {
  const { overlay, steps } = store.state;
  const values = new Map<string, Json>(overlay !== undefined && isObject(overlay.values) ? Object.entries(overlay.values) : []);
  if (overlay === undefined || id === undefined) return values;
  for (const [name, value] of variablesAt(overlay.tree, store.catalog, id, steps)) values.set(name, value);
  // The item of each loop around the instruction.
  for (const happened of store.happened().values()) {
    const meta = store.catalog.instruction(happened.instruction.type);
    if (!isLoop(meta)) continue;
    const iteration = current(happened.instruction, steps);
    const list = Object.values(happened.instruction.fields ?? {})[0]?.value;
    const row = store.rows().find((each) => each.kind === "instruction" && each.id === happened.instruction.id);
    const field = meta?.fields.find((each) => each.kind === "name");
    const name = row?.kind === "instruction" && field !== undefined ? row.instruction[field.name] : undefined;
    const item = iteration !== undefined && isList(list) ? list[iteration.index] : undefined;
    if (typeof name === "string" && item !== undefined) values.set(name, item);
  }
  return values;
}

/** Gives the value of a path at an instruction; `undefined` where it has none, or no record is picked. */
export function useScopeValues(id: string | undefined): (path: string) => Json | undefined {
  const store = useStore();
  const overlay = useEditor((state) => state.overlay);
  const steps = useEditor((state) => state.steps);
  return useMemo(() => {
    // The overlay and the steps are read from the store; naming them here keeps the values fresh.
    const values = Object.fromEntries(overlay === undefined && steps.size === 0 ? [] : valuesAt(store, id)) as Json;
    return (path: string) => valueAt(values, path);
  }, [store, overlay, steps, id]);
}
