/**
 * What an editor holds: the document with its history, what is selected, what the checker said, and an execution that is laid over it. The
 * Spec Builder and the trace viewer are two modes of it.
 */
import type { Catalog } from "~/core/catalog";
import { type Edit, apply } from "~/core/edit";
import { EMPTY, type History, perform, redo, undo } from "~/core/history";
import type { Json, Path } from "~/core/json";
import { setNode } from "~/core/instructions";
import { NO_PROBLEMS, type Problems } from "~/core/problems";
import { type Row, rows } from "~/core/rows";
import type { ScopeEntry, Type } from "~/core/scope";
import { find, idOf, places, within } from "~/core/spec";
import { type Happened, type ItemSteps, type Steps, type TraceTree, overlay } from "~/core/trace";

import type { Effect } from "./transport";

export type Mode = "build" | "trace";

/** An execution laid over the document, with the document that was executed. */
export type Overlay = {
  readonly tree: TraceTree;
  readonly document: Json;
  readonly effects: readonly Effect[];
  /** The record as the spec saw it, and what stands for its personal values. */
  readonly values: Json;
};

export type Checked = {
  /** What was checked. */
  readonly document: Json;
  readonly types: { readonly [pointer: string]: Type };
  readonly scopes: { readonly [pointer: string]: readonly ScopeEntry[] };
};

/** A text in a field that cannot be read yet. */
export type BadText = { readonly id: string; readonly below: string; readonly text: string; readonly problem: string };

export type State = {
  readonly document: Json;
  readonly history: History;
  readonly selected: ReadonlySet<string>;
  /** The instruction that the inspector shows; the last of the selected. */
  readonly focus: string | undefined;
  /** The node that is looked at in it: a pointer below the instruction. */
  readonly node: string;
  readonly collapsed: ReadonlySet<string>;
  readonly problems: Problems;
  readonly checked: Checked | undefined;
  readonly checking: "done" | "waiting" | "failed";
  readonly overlay: Overlay | undefined;
  readonly steps: Steps;
  readonly items: ItemSteps;
  readonly bad: ReadonlyMap<string, BadText>;
  /** Where something new is to be put: the palette is open. */
  readonly adding: { readonly list: Path; readonly index: number } | undefined;
  /** The panel or dialog that is open. */
  readonly open: string | undefined;
  /** What changed last, for those who listen. */
  readonly announcement: string;
};

export class EditorStore {
  state: State;
  readonly #watchers = new Set<() => void>();

  constructor(
    readonly catalog: Catalog,
    readonly mode: Mode,
    document: Json,
    /** Whether who looks may change it. */
    private readonly writable = true,
  ) {
    const first = idOf(places(document, catalog)[0]?.instruction);
    this.state = {
      document,
      history: EMPTY,
      selected: new Set(first === "" ? [] : [first]),
      focus: first === "" ? undefined : first,
      node: "",
      collapsed: new Set(),
      problems: NO_PROBLEMS,
      checked: undefined,
      checking: "done",
      overlay: undefined,
      steps: new Map(),
      items: new Map(),
      bad: new Map(),
      adding: undefined,
      open: undefined,
      announcement: "",
    };
  }

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  set(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    for (const watcher of this.#watchers) watcher();
  }

  get editable(): boolean {
    return this.mode === "build" && this.writable;
  }

  /** Changes the document. Edits with the same key in quick succession are one step to take back. */
  perform(label: string, edit: Edit | undefined, options: { key?: string; select?: readonly string[] } = {}): void {
    if (edit === undefined || !this.editable) return;
    if (edit.do === "all" && edit.edits.length === 0) return;
    const moved = perform(this.state.document, this.state.history, { label, edit, key: options.key }, Date.now());
    this.set({ document: moved.document, history: moved.history, announcement: label, ...this.#stillThere(moved.document, options.select) });
  }

  undo(): void {
    const moved = undo(this.state.document, this.state.history);
    if (moved)
      this.set({
        document: moved.document,
        history: moved.history,
        bad: new Map(),
        announcement: `Undone: ${moved.label}`,
        ...this.#stillThere(moved.document),
      });
  }

  redo(): void {
    const moved = redo(this.state.document, this.state.history);
    if (moved)
      this.set({
        document: moved.document,
        history: moved.history,
        bad: new Map(),
        announcement: `Redone: ${moved.label}`,
        ...this.#stillThere(moved.document),
      });
  }

  /** Puts a whole document in the place of this one, to be taken back too. */
  replace(label: string, document: Json): void {
    this.perform(label, { do: "put", path: [], value: document });
  }

  /** The selection on a changed document: what is still there, else what stands where the selection stood. */
  #stillThere(document: Json, wanted?: readonly string[]): Partial<State> {
    const here = (id: string): boolean => find(document, this.catalog, id) !== undefined;
    const chosen = (wanted ?? [...this.state.selected]).filter(here);
    if (chosen.length > 0) {
      const focus = this.state.focus !== undefined && chosen.includes(this.state.focus) ? this.state.focus : chosen.at(-1);
      return {
        selected: sameSet(this.state.selected, chosen) ? this.state.selected : new Set(chosen),
        focus,
        node: focus === this.state.focus ? this.state.node : "",
      };
    }
    const before = places(this.state.document, this.catalog);
    const now = places(document, this.catalog);
    const at = before.findIndex((place) => this.state.selected.has(place.id));
    const next = now[Math.min(Math.max(at, 0), now.length - 1)];
    return { selected: new Set(next ? [next.id] : []), focus: next?.id, node: "" };
  }

  select(id: string | undefined, options: { extend?: boolean; toggle?: boolean; node?: string } = {}): void {
    if (id === undefined) {
      this.set({ selected: new Set(), focus: undefined, node: "" });
      return;
    }
    let selected: ReadonlySet<string> = new Set([id]);
    if (options.toggle) {
      const next = new Set(this.state.selected);
      if (next.has(id) && next.size > 1) next.delete(id);
      else next.add(id);
      selected = next;
    } else if (options.extend && this.state.focus !== undefined) {
      const shown = this.rows().filter((row) => row.kind === "instruction");
      const anchor = this.#anchor ?? this.state.focus;
      const [from, to] = [shown.findIndex((row) => row.id === anchor), shown.findIndex((row) => row.id === id)];
      if (from >= 0 && to >= 0) selected = new Set(shown.slice(Math.min(from, to), Math.max(from, to) + 1).map((row) => row.id));
    }
    if (!options.extend) this.#anchor = id;
    this.set({ selected, focus: id, node: options.node ?? (id === this.state.focus ? this.state.node : "") });
  }

  #anchor: string | undefined;

  /** Shows an instruction: opens the blocks around it, and selects it. */
  reveal(id: string, node?: string): void {
    const place = find(this.state.document, this.catalog, id);
    if (place === undefined) return;
    const closed = places(this.state.document, this.catalog).filter(
      (other) => other.id !== id && within(place.path, other.path) && this.state.collapsed.has(other.id),
    );
    if (closed.length > 0) {
      const collapsed = new Set(this.state.collapsed);
      for (const other of closed) collapsed.delete(other.id);
      this.set({ collapsed });
    }
    this.select(id, { node: node ?? "" });
  }

  collapse(ids: readonly string[], closed: boolean): void {
    const collapsed = new Set(this.state.collapsed);
    for (const id of ids) {
      if (closed) collapsed.add(id);
      else collapsed.delete(id);
    }
    this.set({ collapsed });
  }

  /** Sets a node below an instruction. */
  setNode(id: string, path: Path, value: Json | undefined, label: string, key?: string): void {
    this.perform(label, setNode(this.state.document, this.catalog, id, path, value), { key });
  }

  setBad(id: string, below: string, text: string | undefined, problem = ""): void {
    const key = `${id}${below}`;
    if (text === undefined && !this.state.bad.has(key)) return;
    const bad = new Map(this.state.bad);
    if (text === undefined) bad.delete(key);
    else bad.set(key, { id, below, text, problem });
    this.set({ bad });
  }

  #rows: { document: Json; collapsed: ReadonlySet<string>; rows: readonly Row[] } | undefined;

  rows(): readonly Row[] {
    const { document, collapsed } = this.state;
    if (this.#rows?.document !== document || this.#rows.collapsed !== collapsed) {
      this.#rows = { document, collapsed, rows: rows(document, this.catalog, collapsed) };
    }
    return this.#rows.rows;
  }

  #happened: { tree: TraceTree; steps: Steps; map: ReadonlyMap<string, Happened> } | undefined;

  /** What happened to each instruction, in the iterations that are looked at. */
  happened(): ReadonlyMap<string, Happened> {
    const { overlay: laid, steps } = this.state;
    if (laid === undefined) return NOTHING_HAPPENED;
    if (this.#happened?.tree !== laid.tree || this.#happened.steps !== steps) {
      this.#happened = { tree: laid.tree, steps, map: overlay(laid.tree, steps) };
    }
    return this.#happened.map;
  }

  step(loop: string, iteration: number): void {
    this.set({ steps: new Map(this.state.steps).set(loop, iteration) });
  }

  /** Looks at another item of the list that the function at a node goes over. */
  stepItem(id: string, below: string, index: number): void {
    this.set({ items: new Map(this.state.items).set(`${id}${below}`, index) });
  }

  get instruction() {
    return this.state.focus === undefined ? undefined : find(this.state.document, this.catalog, this.state.focus);
  }

  /** Takes over a change that others made, without a step to take back. */
  rebase(edit: Edit): void {
    this.set({ document: apply(this.state.document, edit).document });
  }
}

const NOTHING_HAPPENED: ReadonlyMap<string, Happened> = new Map();

function sameSet(set: ReadonlySet<string>, list: readonly string[]): boolean {
  return set.size === list.length && list.every((item) => set.has(item));
}
