/** A spec as a tree of instructions: where each stands, what it holds, ids. */
import type { Catalog, FieldMeta, InstructionMeta } from "./catalog";
import { type Edit, put } from "./edit";
import { type Json, type JsonObject, type Path, at, isList, isObject, same, toPointer, whole } from "./json";

/** A place in a list of instructions: before the one that has this index. */
export interface Target {
  readonly list: Path;
  readonly index: number;
}

/** An instruction where it stands. */
export interface Place {
  readonly id: string;
  readonly path: Path;
  readonly instruction: JsonObject;
  readonly depth: number;
  /** The id of the block that it is in; `undefined` at the top. */
  readonly parent: string | undefined;
  /** The field of the block that holds its list; `undefined` at the top. */
  readonly field: string | undefined;
}

export const ROOT: Path = ["instructions"];

export function emptySpec(model: string, variable: string): JsonObject {
  return { format: whole(1), source_model: { type: model, var: variable }, instructions: [] };
}

export function idOf(instruction: Json | undefined): string {
  return isObject(instruction) && typeof instruction.id === "string" ? instruction.id : "";
}

export function typeOf(node: Json | undefined): string {
  return isObject(node) && typeof node.type === "string" ? node.type : "";
}

/** The fields of an instruction that hold lists of instructions. */
export function listFields(meta: InstructionMeta | undefined): readonly FieldMeta[] {
  return meta?.fields.filter((field) => field.kind === "instructions") ?? [];
}

/** Whether a block runs its list once for each of several items: then it names one. */
export function isLoop(meta: InstructionMeta | undefined): boolean {
  return meta?.block === true && meta.fields.some((field) => field.kind === "name");
}

export function instructionsAt(document: Json, path: Path): readonly Json[] {
  const list = at(document, path);
  return isList(list) ? list : [];
}

/** Every instruction, in the order of the document. */
export function places(document: Json, catalog: Catalog): readonly Place[] {
  return indexOf(document, catalog).places;
}

interface Index {
  readonly places: readonly Place[];
  readonly byId: ReadonlyMap<string, Place>;
  readonly byPointer: ReadonlyMap<string, Place>;
}

const indexes = new WeakMap<object, WeakMap<Catalog, Index>>();

function indexOf(document: Json, catalog: Catalog): Index {
  if (typeof document !== "object" || document === null) return { places: [], byId: new Map(), byPointer: new Map() };
  let known = indexes.get(document);
  if (known === undefined) indexes.set(document, (known = new WeakMap()));
  let index = known.get(catalog);
  if (index === undefined) {
    const found: Place[] = [];
    const walk = (list: readonly Json[], path: Path, depth: number, parent: string | undefined, field: string | undefined): void => {
      list.forEach((instruction, place) => {
        if (!isObject(instruction)) return;
        const own = [...path, place];
        const id = idOf(instruction);
        found.push({ id, path: own, instruction, depth, parent, field });
        for (const meta of listFields(catalog.instruction(typeOf(instruction)))) {
          const inner = instruction[meta.name];
          if (isList(inner)) walk(inner, [...own, meta.name], depth + 1, id, meta.name);
        }
      });
    };
    walk(instructionsAt(document, ROOT), ROOT, 0, undefined, undefined);
    index = {
      places: found,
      byId: new Map(found.toReversed().map((place) => [place.id, place])),
      byPointer: new Map(found.map((place) => [toPointer(place.path), place])),
    };
    known.set(catalog, index);
  }
  return index;
}

export function find(document: Json, catalog: Catalog, id: string): Place | undefined {
  return indexOf(document, catalog).byId.get(id);
}

/** The instruction that a pointer leads to or into, and the rest of the pointer. */
export function ownerOf(document: Json, catalog: Catalog, pointer: string): { place: Place; rest: string } | undefined {
  const { byPointer } = indexOf(document, catalog);
  let head = pointer;
  while (head !== "") {
    const place = byPointer.get(head);
    if (place !== undefined) return { place, rest: pointer.slice(head.length) };
    head = head.slice(0, head.lastIndexOf("/"));
  }
  return undefined;
}

export function takenIds(document: Json, catalog: Catalog): Set<string> {
  return new Set(indexOf(document, catalog).byId.keys());
}

/** An id that no other instruction has, and marks it as taken. */
export function freshId(taken: Set<string>, wanted: string): string {
  const base = (wanted || "instruction").replaceAll("_", "-");
  let id = base;
  for (let number = 2; taken.has(id); number += 1) id = `${base.replace(/-\d+$/, "")}-${number}`;
  taken.add(id);
  return id;
}

/**
 * What a document needs before it can be edited: lists where they belong, and an id of its own on every instruction. `undefined` where it
 * has all that.
 */
export function repair(document: Json, catalog: Catalog): Edit | undefined {
  if (!isObject(document)) return put([], emptySpec("", "record"));
  const taken = new Set<string>();
  const mend = (list: Json | undefined): Json[] =>
    (isList(list) ? list : []).filter(isObject).map((instruction) => {
      const mended: Record<string, Json> = { ...instruction };
      if (idOf(instruction) === "" || taken.has(idOf(instruction))) {
        const id = freshId(taken, idOf(instruction) || typeOf(instruction));
        const { id: _, ...rest } = mended;
        return lists({ id, ...rest });
      }
      taken.add(idOf(instruction));
      return lists(mended);
    });
  const lists = (instruction: Record<string, Json>): Json => {
    for (const meta of listFields(catalog.instruction(typeOf(instruction)))) {
      if (meta.required || instruction[meta.name] !== undefined) instruction[meta.name] = mend(instruction[meta.name]);
    }
    return instruction;
  };
  const instructions = mend(document.instructions);
  return same(document.instructions, instructions) ? undefined : put(ROOT, instructions);
}

/** Whether `inner` is at or below `outer`. */
export function within(inner: Path, outer: Path): boolean {
  return outer.length <= inner.length && outer.every((step, index) => inner[index] === step);
}

/** A new instruction of a type: what it must have, as far as that can be known. */
export function blank(meta: InstructionMeta, id: string, names: ReadonlySet<string>): JsonObject {
  const instruction: Record<string, Json> = { id, type: meta.name };
  for (const field of meta.fields) {
    if (!field.required) continue;
    if (field.kind === "instructions") instruction[field.name] = [];
    if (field.kind === "name") instruction[field.name] = freshName(names, field.name.replace(/_var$/, ""));
  }
  if (meta.returns?.required === true) instruction.return_as = freshName(names, "value");
  return instruction;
}

export function freshName(taken: ReadonlySet<string>, wanted: string): string {
  const base =
    wanted
      .toLowerCase()
      .replace(/[^a-z0-9_]+/g, "_")
      .replace(/^[^a-z]+/, "") || "value";
  let name = base;
  for (let number = 2; taken.has(name); number += 1) name = `${base}_${number}`;
  return name;
}

/** The order of the keys of an instruction. */
export function keyOrder(meta: InstructionMeta | undefined): readonly string[] {
  return ["id", "type", "note", "disabled", ...(meta?.fields.map((field) => field.name) ?? []), "return_as"];
}

/** The key behind which a key belongs in an object, in an order of keys. */
export function behind(holder: JsonObject, key: string, order: readonly string[]): string | null | undefined {
  const place = order.indexOf(key);
  if (place < 0) return undefined;
  const keys = Object.keys(holder);
  const earlier = keys.filter((name) => order.indexOf(name) >= 0 && order.indexOf(name) < place);
  return earlier.at(-1) ?? null;
}
