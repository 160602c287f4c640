/** An execution laid over a spec: what happened to each instruction, in the iterations that are looked at. */
import type { Catalog } from "./catalog";
import { type Json, isList, isObject, printJson } from "./json";
import { isLoop, listFields } from "./spec";

export type Outcome = "ran" | "failed" | "disabled" | "not_reached" | "undone";

export interface TraceNode {
  readonly type: string;
  readonly label?: string;
  readonly node: string;
  readonly kind?: string;
  readonly value?: Json;
  readonly masked?: boolean;
  readonly failed?: boolean;
  readonly arguments?: TraceArguments;
  /** Of a function over the items of a list: what it made of each that it looked at. */
  readonly items?: readonly TraceItem[];
}

export type TraceArguments = { readonly [name: string]: TraceNode | readonly TraceNode[] };

export interface TraceItem {
  readonly index: number;
  readonly arguments: TraceArguments;
}

export interface TraceMessage {
  readonly code?: string | null;
  readonly severity: string;
  readonly instruction?: string | null;
  readonly node: string;
  readonly path: readonly number[];
  readonly text: string;
}

export interface Iteration {
  readonly index: number;
  readonly outcome: "ran" | "undone";
  readonly instructions: readonly TraceInstruction[];
}

export interface TraceInstruction {
  readonly id: string;
  readonly type: string;
  readonly outcome: Outcome;
  readonly fields?: { readonly [name: string]: TraceNode };
  readonly branch?: string;
  readonly iterations?: readonly Iteration[];
  readonly effects?: readonly number[];
  readonly messages?: readonly TraceMessage[];
  readonly returned?: { readonly name: string; readonly kind: string; readonly value: Json; readonly masked?: boolean };
  /** How long it took in this replay, with all that it holds. */
  readonly time_ns?: number;
  /** The lists of the branch that ran, by field. */
  readonly [list: string]: unknown;
}

export interface TraceTree {
  readonly status: string;
  readonly instructions: readonly TraceInstruction[];
}

/** The iteration that is looked at of each loop, by the id of the loop. */
export type Steps = ReadonlyMap<string, number>;

/** What happened to an instruction. */
export interface Happened {
  readonly instruction: TraceInstruction;
  readonly outcome: Outcome;
  /** The iterations it is in, outermost first. */
  readonly path: readonly number[];
  /** The iteration of a loop that is looked at; `undefined` where it had none. */
  readonly iteration: Iteration | undefined;
  /** Whether it, or something in it at any depth, failed. */
  readonly failed: boolean;
}

function branchList(instruction: TraceInstruction): readonly TraceInstruction[] {
  const list = instruction.branch === undefined ? undefined : instruction[instruction.branch];
  return Array.isArray(list) ? (list as TraceInstruction[]) : [];
}

const failures = new WeakMap<object, boolean>();

/** Whether an instruction, or something in it at any depth, failed. */
export function hasFailed(instruction: TraceInstruction): boolean {
  let known = failures.get(instruction);
  if (known === undefined) {
    known =
      instruction.outcome === "failed" ||
      branchList(instruction).some(hasFailed) ||
      (instruction.iterations ?? []).some((iteration) => iteration.outcome === "undone" || iteration.instructions.some(hasFailed));
    failures.set(instruction, known);
  }
  return known;
}

export function iterationFailed(iteration: Iteration): boolean {
  return iteration.outcome === "undone" || iteration.instructions.some(hasFailed);
}

/** What happened, by the id of the instruction, in the iterations that are looked at. What is not in it was not reached. */
export function overlay(tree: TraceTree, steps: Steps): ReadonlyMap<string, Happened> {
  const found = new Map<string, Happened>();
  const walk = (list: readonly TraceInstruction[], path: readonly number[], undone: boolean): void => {
    for (const instruction of list) {
      const iteration = current(instruction, steps);
      const outcome = undone && instruction.outcome === "ran" ? "undone" : instruction.outcome;
      found.set(instruction.id, { instruction, outcome, path, iteration, failed: hasFailed(instruction) });
      walk(branchList(instruction), path, undone);
      if (iteration !== undefined) walk(iteration.instructions, [...path, iteration.index], undone || iteration.outcome === "undone");
    }
  };
  walk(tree.instructions, [], false);
  return found;
}

/** The iteration of a loop that is looked at: the chosen one, else the first that failed, else the first. */
export function current(instruction: TraceInstruction, steps: Steps): Iteration | undefined {
  const iterations = instruction.iterations;
  if (iterations === undefined) return undefined;
  const chosen = steps.get(instruction.id);
  return iterations.find((iteration) => iteration.index === chosen) ?? iterations.find(iterationFailed) ?? iterations[0];
}

/** The steps that make an instruction in these iterations visible. */
export function stepsTo(tree: TraceTree, id: string, path: readonly number[]): Steps {
  const steps = new Map<string, number>();
  const walk = (list: readonly TraceInstruction[], rest: readonly number[]): boolean => {
    for (const instruction of list) {
      if (instruction.id === id) {
        if (instruction.iterations !== undefined && rest[0] !== undefined) steps.set(instruction.id, rest[0]);
        return true;
      }
      if (walk(branchList(instruction), rest)) return true;
      const [index, ...deeper] = rest;
      const iterations = instruction.iterations ?? [];
      const iteration = iterations.find((each) => each.index === index) ?? iterations[0];
      if (iteration !== undefined && walk(iteration.instructions, deeper)) {
        steps.set(instruction.id, iteration.index);
        return true;
      }
    }
    return false;
  };
  walk(tree.instructions, path);
  return steps;
}

export interface Failure {
  readonly id: string;
  readonly path: readonly number[];
  readonly message: TraceMessage | undefined;
}

/** Everything that failed, in the order in which it happened. */
export function failuresOf(list: readonly TraceInstruction[], path: readonly number[] = []): readonly Failure[] {
  const found: Failure[] = [];
  for (const instruction of list) {
    if (!hasFailed(instruction)) continue;
    const inner = [
      ...failuresOf(branchList(instruction), path),
      ...(instruction.iterations ?? []).flatMap((iteration) => failuresOf(iteration.instructions, [...path, iteration.index])),
    ];
    if (instruction.outcome === "failed" && inner.length === 0) {
      found.push({ id: instruction.id, path, message: instruction.messages?.find((message) => message.severity === "error") ?? instruction.messages?.[0] });
    }
    found.push(...inner);
  }
  return found;
}

/** Failures with one reason. */
export interface Reason {
  readonly code: string;
  readonly id: string;
  /** The message of the first of them. */
  readonly text: string;
  /** The iterations of the loop. */
  readonly indexes: readonly number[];
}

/** Why iterations of a loop failed, the most frequent reason first. What differs only in the values it names is one reason. */
export function reasons(loop: TraceInstruction): readonly Reason[] {
  const groups = new Map<string, { code: string; id: string; text: string; indexes: number[] }>();
  for (const iteration of loop.iterations ?? []) {
    if (!iterationFailed(iteration)) continue;
    const seen = new Set<string>();
    for (const failure of failuresOf(iteration.instructions)) {
      const text = failure.message?.text ?? "failed";
      const key = `${failure.id}\n${failure.message?.code ?? ""}\n${withoutValues(text)}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { code: failure.message?.code ?? "", id: failure.id, text, indexes: [iteration.index] });
      else group.indexes.push(iteration.index);
    }
  }
  return [...groups.values()].sort((one, other) => other.indexes.length - one.indexes.length);
}

/** A message without the values that it quotes. */
function withoutValues(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"/g, '"…"').replace(/-?\d+(?:\.\d+)?/g, "#");
}

/** The iterations in which some value holds a text. */
export function filterIterations(loop: TraceInstruction, query: string): readonly number[] {
  const wanted = query.trim().toLowerCase();
  const iterations = loop.iterations ?? [];
  if (wanted === "") return iterations.map((iteration) => iteration.index);
  return iterations.filter((iteration) => iteration.instructions.some((instruction) => holds(instruction, wanted))).map((iteration) => iteration.index);
}

function holds(instruction: TraceInstruction, wanted: string): boolean {
  return (
    Object.values(instruction.fields ?? {}).some((node) => nodeHolds(node, wanted)) ||
    (instruction.returned !== undefined && valueHolds(instruction.returned.value, wanted)) ||
    branchList(instruction).some((inner) => holds(inner, wanted)) ||
    (instruction.iterations ?? []).some((iteration) => iteration.instructions.some((inner) => holds(inner, wanted)))
  );
}

function nodeHolds(node: TraceNode, wanted: string): boolean {
  if (node.value !== undefined && valueHolds(node.value, wanted)) return true;
  const lists = [node.arguments, ...(node.items ?? []).map((item) => item.arguments)];
  return lists.some((list) => nodesOf(list).some((each) => nodeHolds(each, wanted)));
}

function valueHolds(value: Json, wanted: string): boolean {
  if (typeof value === "string") return value.toLowerCase().includes(wanted);
  if (isList(value)) return value.some((item) => valueHolds(item, wanted));
  if (isObject(value)) return Object.values(value).some((item) => valueHolds(item, wanted));
  return printJson(value).includes(wanted);
}

export function argumentNodes(argument: TraceNode | readonly TraceNode[]): readonly TraceNode[] {
  return Array.isArray(argument) ? (argument as readonly TraceNode[]) : [argument as TraceNode];
}

function nodesOf(list: TraceArguments | undefined): readonly TraceNode[] {
  return Object.values(list ?? {}).flatMap(argumentNodes);
}

/** Which item of a list is looked at, by the node of the function that goes over them: the id of the instruction and the pointer below it. */
export type ItemSteps = ReadonlyMap<string, number>;

const NO_ITEMS: ItemSteps = new Map();

/** The items that are looked at in an instruction, for an address: `/value:3,/value/to:1`. */
export function printItems(items: ItemSteps, id: string): string | undefined {
  const own = [...items].filter(([key]) => key.startsWith(`${id}/`)).map(([key, index]) => `${key.slice(id.length)}:${index}`);
  return own.length === 0 ? undefined : own.join(",");
}

export function readItems(text: string | undefined, id: string): ItemSteps {
  const own = [...(text ?? "").matchAll(/(\/[^,:]*):(\d+)/g)];
  return new Map(own.map(([, below, index]) => [`${id}${below}`, Number(index)]));
}

export function itemFailed(item: TraceItem): boolean {
  return nodesOf(item.arguments).some((node) => node.failed === true);
}

/** The item that is looked at: the chosen one, else the first that failed, else the first. */
export function currentItem(node: TraceNode, chosen: number | undefined): TraceItem | undefined {
  return node.items?.find((item) => item.index === chosen) ?? node.items?.find(itemFailed) ?? node.items?.[0];
}

/** What stands in the list at the place of an item; `undefined` where the trace does not show the list. */
export function itemValue(node: TraceNode, index: number): Json | undefined {
  const list = nodesOf(node.arguments).find((argument) => isList(argument.value))?.value;
  return isList(list) ? list[index] : undefined;
}

/** The items in which some value holds a text. */
export function filterItems(node: TraceNode, query: string): readonly number[] {
  const wanted = query.trim().toLowerCase();
  const items = node.items ?? [];
  const fits = (item: TraceItem): boolean => {
    const own = itemValue(node, item.index);
    return (own !== undefined && valueHolds(own, wanted)) || nodesOf(item.arguments).some((each) => nodeHolds(each, wanted));
  };
  return items.filter((item) => wanted === "" || fits(item)).map((item) => item.index);
}

/** The nodes of an instruction by their pointer below it; of a function over a list, those of the item that is looked at. */
export function nodesBelow(
  instruction: TraceInstruction | undefined,
  pointer: string,
  items: ItemSteps = NO_ITEMS,
): ReadonlyMap<string, TraceNode> {
  const found = new Map<string, TraceNode>();
  const add = (node: TraceNode): void => {
    const below = node.node.startsWith(pointer) ? node.node.slice(pointer.length) : undefined;
    if (below !== undefined) found.set(below, node);
    nodesOf(node.arguments).forEach(add);
    nodesOf(currentItem(node, items.get(`${instruction?.id ?? ""}${below ?? ""}`))?.arguments).forEach(add);
  };
  Object.values(instruction?.fields ?? {}).forEach(add);
  return found;
}

/** The values of the variables that are in scope at an instruction, as the execution had them. */
export function variablesAt(tree: TraceTree, catalog: Catalog, id: string, steps: Steps): ReadonlyMap<string, Json> {
  const values = new Map<string, Json>();
  const walk = (list: readonly TraceInstruction[]): boolean => {
    for (const instruction of list) {
      if (instruction.id === id) return true;
      if (walk(branchList(instruction))) return true;
      const iteration = current(instruction, steps);
      const meta = catalog.instruction(instruction.type);
      if (iteration !== undefined && isLoop(meta) && listFields(meta).length > 0) {
        const before = new Map(values);
        if (walk(iteration.instructions)) return true;
        // What an iteration sets ends with it.
        values.clear();
        for (const [name, value] of before) values.set(name, value);
      }
      if (instruction.returned !== undefined) values.set(instruction.returned.name, instruction.returned.value);
    }
    return false;
  };
  walk(tree.instructions);
  return values;
}
