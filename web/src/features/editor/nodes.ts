/** What is known of a node: its type, its value in the picked record, its messages, what is in scope at it. */
import { useMemo } from "react";

import { bindings } from "~/core/bindings";
import { type Json, type Path, at, fromPointer, isObject, toPointer } from "~/core/json";
import { type Problem, at as problemsAt } from "~/core/problems";
import { type ScopeEntry, type Type, type Variable, flatten } from "~/core/scope";
import { find } from "~/core/spec";
import { type ItemSteps, type TraceNode, nodesBelow } from "~/core/trace";

import { useEditor, useStore } from "./context";
import type { EditorStore } from "./store";

const maps = new WeakMap<object, { items: ItemSteps; pointer: string; nodes: ReadonlyMap<string, TraceNode> }>();

/** The value of a node in the execution that is laid over; `undefined` where it has none, or was changed since. */
export function traced(store: EditorStore, id: string, below: string): TraceNode | undefined {
  const { overlay, document } = store.state;
  const happened = store.happened().get(id);
  if (overlay === undefined || happened === undefined) return undefined;
  const then = find(overlay.document, store.catalog, id);
  const now = find(document, store.catalog, id);
  if (then === undefined || now === undefined) return undefined;
  if (then.instruction !== now.instruction) {
    const path = fromPointer(below, now.instruction);
    if (at(then.instruction, path) !== at(now.instruction, path)) return undefined;
  }
  const pointer = toPointer(then.path);
  const { items } = store.state;
  let known = maps.get(happened.instruction);
  if (known?.pointer !== pointer || known.items !== items) {
    maps.set(happened.instruction, (known = { items, pointer, nodes: nodesBelow(happened.instruction, pointer, items) }));
  }
  return known.nodes.get(below);
}

export function useTraced(id: string, below: string): TraceNode | undefined {
  return useEditor((_, store) => traced(store, id, below));
}

export function useType(id: string, below: string): Type | undefined {
  return useEditor(({ checked }, store) => {
    const place = checked === undefined ? undefined : find(checked.document, store.catalog, id);
    return place === undefined ? undefined : checked?.types[toPointer(place.path) + below];
  });
}

const NONE: readonly Problem[] = [];
const NO_VARIABLES: readonly Variable[] = [];

export function useProblems(id: string): readonly Problem[] {
  return useEditor(({ problems }) => problems.byId.get(id) ?? NONE);
}

export function useNodeProblems(id: string, below: string): { own: readonly Problem[]; below: readonly Problem[] } {
  const problems = useProblems(id);
  return useMemo(() => problemsAt(problems, below), [problems, below]);
}

/** What is in scope at an instruction: as the checker tells it, else as the document does. */
export function useScope(id: string | undefined): readonly ScopeEntry[] {
  const store = useStore();
  const told = useEditor(({ checked }) => {
    const place = checked === undefined || id === undefined ? undefined : find(checked.document, store.catalog, id);
    return place === undefined ? undefined : checked?.scopes[toPointer(place.path)];
  });
  const document = useEditor((state) => (told === undefined ? state.document : undefined));
  return useMemo(() => {
    if (told !== undefined || document === undefined) return told ?? [];
    const known = bindings(document, store.catalog);
    const scope = (id === undefined ? undefined : known.scopes.get(id)) ?? known.end;
    return [...scope].map(([name, binders]) => {
      const binder = binders[0];
      return { name, type: { shape: "any" }, origin: binder?.origin === "instruction" ? (binder.instruction ?? "") : (binder?.origin ?? "") };
    });
  }, [store, told, document, id]);
}

/** What is in scope at a node: also the items of the functions that it is in. */
export function useVariables(id: string | undefined, below: string, wanted = true): readonly Variable[] {
  const store = useStore();
  const scope = useScope(id);
  const checked = useEditor((state) => (wanted ? state.checked : undefined));
  const instruction = useEditor(({ document }) => (id === undefined || !wanted ? undefined : find(document, store.catalog, id)?.instruction));
  return useMemo(() => {
    if (!wanted) return NO_VARIABLES;
    const place = checked === undefined || id === undefined ? undefined : find(checked.document, store.catalog, id);
    const pointer = place === undefined ? "" : toPointer(place.path);
    const items: ScopeEntry[] = [];
    const path: Path = fromPointer(below, instruction);
    for (let length = 1; length < path.length; length += 1) {
      const node: Json | undefined = at(instruction, path.slice(0, length));
      if (!isObject(node)) continue;
      const fields = store.catalog.fieldsOf(node.type);
      const inside = fields.findIndex((field) => field.name === path[length]);
      const name = fields.findIndex((field) => field.kind === "name");
      const variable = name < 0 ? undefined : node[fields[name]?.name ?? ""];
      if (name < 0 || inside <= name || typeof variable !== "string") continue;
      const list = fields[0] === undefined ? undefined : checked?.types[`${pointer}${toPointer([...path.slice(0, length), fields[0].name])}`];
      items.push({ name: variable, type: list?.items ?? { shape: "any" }, origin: "item" });
    }
    return flatten(items.length === 0 ? scope : [...items.toReversed(), ...scope]);
  }, [wanted, store, scope, checked, instruction, id, below]);
}
