/** The changes that an editor makes to a spec, each as one edit. */
import { allNames, renamed } from "./bindings";
import type { Catalog, FieldMeta, InstructionMeta } from "./catalog";
import { type Edit, all, apply, insert, put, take } from "./edit";
import { type Json, type JsonObject, type Path, at, isList, isObject } from "./json";
import {
  type Place,
  type Target,
  behind,
  blank,
  find,
  freshId,
  freshName,
  idOf,
  instructionsAt,
  keyOrder,
  listFields,
  places,
  takenIds,
  typeOf,
  within,
} from "./spec";

/** Edits that build on each other, collected as one. */
class Draft {
  readonly edits: Edit[] = [];

  constructor(public document: Json) {}

  do(edit: Edit): this {
    this.document = apply(this.document, edit).document;
    this.edits.push(edit);
    return this;
  }

  get edit(): Edit {
    return all(this.edits);
  }
}

/** The path once what stood at another is gone; `undefined` where it is gone with it. */
export function afterTake(path: Path, taken: Path): Path | undefined {
  if (within(path, taken)) return undefined;
  const list = taken.slice(0, -1);
  const index = taken.at(-1);
  const own = path[list.length];
  if (!within(path, list) || typeof index !== "number" || typeof own !== "number" || own <= index) return path;
  return path.with(list.length, own - 1);
}

/** The instructions of a selection that are in no other of it, in the order of the document. */
export function outermost(document: Json, catalog: Catalog, ids: ReadonlySet<string>): readonly Place[] {
  const chosen = places(document, catalog).filter((place) => ids.has(place.id));
  return chosen.filter((place) => !chosen.some((other) => other !== place && within(place.path, other.path)));
}

export function insertAt(document: Json, target: Target, instructions: readonly Json[]): Edit {
  const draft = new Draft(document);
  if (!isList(at(document, target.list))) draft.do(put(target.list, []));
  instructions.forEach((instruction, offset) => draft.do(insert([...target.list, target.index + offset], instruction)));
  return draft.edit;
}

/** Takes an optional list away that has become empty, so that two specs that mean the same differ in nothing. */
function tidy(draft: Draft, catalog: Catalog, lists: readonly Path[]): void {
  for (const list of lists) {
    const items = at(draft.document, list);
    const field = list.at(-1);
    if (!isList(items) || items.length > 0 || list.length < 2) continue;
    const block = catalog.instruction(typeOf(at(draft.document, list.slice(0, -1))));
    const meta = block?.fields.find((each) => each.name === field);
    if (meta !== undefined && !meta.required) draft.do(take(list));
  }
}

export function remove(document: Json, catalog: Catalog, ids: ReadonlySet<string>): Edit {
  const draft = new Draft(document);
  const gone = outermost(document, catalog, ids).toReversed();
  for (const place of gone) draft.do(take(place.path));
  const lists = gone
    .map((place) => place.path.slice(0, -1))
    .map((list) => gone.reduce<Path | undefined>((path, place) => path && afterTake(path, place.path), list));
  tidy(draft, catalog, distinct(lists.filter((list) => list !== undefined)));
  return draft.edit;
}

function distinct(paths: readonly Path[]): readonly Path[] {
  return [...new Map(paths.map((path) => [path.join("\n"), path])).values()];
}

/** Whether instructions can be put at a place: not into themselves. */
export function canMove(document: Json, catalog: Catalog, ids: ReadonlySet<string>, target: Target): boolean {
  const moved = outermost(document, catalog, ids);
  return moved.length > 0 && moved.every((place) => !within(target.list, place.path));
}

export function move(document: Json, catalog: Catalog, ids: ReadonlySet<string>, target: Target): Edit | undefined {
  if (!canMove(document, catalog, ids, target)) return undefined;
  const moved = outermost(document, catalog, ids);
  const draft = new Draft(document);
  let list: Path = target.list;
  let index = target.index;
  const sources: Path[] = [];
  for (const place of moved.toReversed()) {
    const from = place.path.slice(0, -1);
    const own = place.path.at(-1) as number;
    if (within(from, list) && from.length === list.length && own < index) index -= 1;
    draft.do(take(place.path));
    list = afterTake(list, place.path) ?? list;
    for (let at = 0; at < sources.length; at += 1) sources[at] = afterTake(sources[at] as Path, place.path) ?? (sources[at] as Path);
    sources.push(from);
  }
  draft.do(
    insertAt(
      draft.document,
      { list, index: Math.min(index, instructionsAt(draft.document, list).length) },
      moved.map((place) => place.instruction),
    ),
  );
  // Where a source lies behind the place of insertion in the same list, its path has moved on.
  const shifted = sources.map((source) => {
    const own = source[list.length];
    return within(source, list) && source.length > list.length && typeof own === "number" && own >= index
      ? source.with(list.length, own + moved.length)
      : source;
  });
  tidy(
    draft,
    catalog,
    distinct(shifted).filter((source) => source.join("\n") !== list.join("\n")),
  );
  return draft.edit;
}

/** Copies with new ids, whose variables have new names too. */
export function copies(document: Json, catalog: Catalog, instructions: readonly Json[]): readonly JsonObject[] {
  const ids = takenIds(document, catalog);
  const names = allNames(document, catalog);
  const again = (instruction: Json): JsonObject => {
    const copy: Record<string, Json> = isObject(instruction) ? { ...instruction } : {};
    const { id: _, ...rest } = copy;
    const fresh: Record<string, Json> = { id: freshId(ids, idOf(copy) || typeOf(copy)), ...rest };
    for (const field of listFields(catalog.instruction(typeOf(copy)))) {
      const list = copy[field.name];
      if (isList(list)) fresh[field.name] = list.map(again);
    }
    return fresh;
  };
  let holder: Json = { instructions: instructions.map(again) };
  // The same name becomes the same other name everywhere: what both branches of a block set stays one variable.
  const fresh = new Map<string, string>();
  const inUse = allNames(document, catalog);
  for (const { path, instruction } of places(holder, catalog)) {
    const name = at(holder, [...path, "return_as"]);
    if (typeof name !== "string" || name !== instruction.return_as || !inUse.has(name)) continue;
    const other = fresh.get(name) ?? freshName(names, name.replace(/_\d+$/, ""));
    fresh.set(name, other);
    names.add(other);
    holder = apply(holder, renameVariable(holder, catalog, [...path, "return_as"], other)).document;
  }
  return instructionsAt(holder, ["instructions"]) as readonly JsonObject[];
}

export function duplicate(document: Json, catalog: Catalog, ids: ReadonlySet<string>): { edit: Edit; ids: readonly string[] } | undefined {
  const chosen = outermost(document, catalog, ids);
  const last = chosen.at(-1);
  if (last === undefined) return undefined;
  const made = copies(
    document,
    catalog,
    chosen.map((place) => place.instruction),
  );
  const target = { list: last.path.slice(0, -1), index: (last.path.at(-1) as number) + 1 };
  return { edit: insertAt(document, target, made), ids: made.map(idOf) };
}

/** Instructions that stand next to each other in one list; `undefined` where they do not. */
function neighbours(document: Json, catalog: Catalog, ids: ReadonlySet<string>): readonly Place[] | undefined {
  const chosen = outermost(document, catalog, ids);
  const first = chosen[0];
  if (first === undefined) return undefined;
  const list = first.path.slice(0, -1);
  const start = first.path.at(-1) as number;
  const fits = chosen.every((place, index) => place.path.length === first.path.length && within(place.path, list) && place.path.at(-1) === start + index);
  return fits ? chosen : undefined;
}

/** Puts neighbouring instructions into a new block. */
export function wrap(document: Json, catalog: Catalog, ids: ReadonlySet<string>, block: InstructionMeta): { edit: Edit; id: string } | undefined {
  const chosen = neighbours(document, catalog, ids);
  const field = listFields(block)[0];
  const first = chosen?.[0];
  if (chosen === undefined || first === undefined || field === undefined) return undefined;
  const id = freshId(takenIds(document, catalog), block.name);
  const made = { ...blank(block, id, allNames(document, catalog)), [field.name]: chosen.map((place) => place.instruction) };
  const draft = new Draft(document);
  for (const place of chosen.toReversed()) draft.do(take(place.path));
  draft.do(insert(first.path, made));
  return { edit: draft.edit, id };
}

/** Puts what a block holds in its place. */
export function unwrap(document: Json, catalog: Catalog, id: string): { edit: Edit; ids: readonly string[] } | undefined {
  const place = find(document, catalog, id);
  const fields = listFields(catalog.instruction(typeOf(place?.instruction)));
  if (place === undefined || fields.length === 0) return undefined;
  const inner = fields.flatMap((field) => {
    const list = place.instruction[field.name];
    return isList(list) ? list : [];
  });
  const target = { list: place.path.slice(0, -1), index: place.path.at(-1) as number };
  const draft = new Draft(document).do(take(place.path));
  draft.do(insertAt(draft.document, target, inner));
  return { edit: draft.edit, ids: inner.map(idOf) };
}

/** Puts a value at a key of an instruction, or takes it away, in the order of the keys. */
export function setKey(document: Json, catalog: Catalog, id: string, key: string, value: Json | undefined): Edit | undefined {
  const place = find(document, catalog, id);
  if (place === undefined) return undefined;
  const path = [...place.path, key];
  if (value === undefined) return Object.hasOwn(place.instruction, key) ? take(path) : undefined;
  const after = behind(place.instruction, key, keyOrder(catalog.instruction(typeOf(place.instruction))));
  return after === undefined ? put(path, value) : { do: "put", path, value, after };
}

/** Puts a value at a path into an instruction, below one of its fields, or takes it away. */
export function setNode(document: Json, catalog: Catalog, id: string, path: Path, value: Json | undefined): Edit | undefined {
  const place = find(document, catalog, id);
  const [key] = path;
  if (place === undefined || key === undefined) return undefined;
  if (path.length === 1) return setKey(document, catalog, id, String(key), value);
  const full = [...place.path, ...path];
  const holder = at(document, full.slice(0, -1));
  const step = full.at(-1) as string | number;
  if (value === undefined) return at(document, full) === undefined ? undefined : take(full);
  if (holder === undefined && step === 0) return setNode(document, catalog, id, path.slice(0, -1), [value]);
  if (isList(holder)) return typeof step === "number" && step >= holder.length ? insert([...full.slice(0, -1), holder.length], value) : put(full, value);
  if (!isObject(holder)) return undefined;
  const order = ["type", ...catalog.fieldsOf(holder.type).map((field) => field.name)];
  const after = behind(holder, String(step), order);
  return after === undefined ? put(full, value) : { do: "put", path: full, value, after };
}

export function setDisabled(document: Json, catalog: Catalog, ids: ReadonlySet<string>, disabled: boolean): Edit {
  const edits = [...ids].map((id) => {
    const place = find(document, catalog, id);
    if ((place?.instruction.disabled === true) === disabled) return undefined;
    return setKey(document, catalog, id, "disabled", disabled ? true : undefined);
  });
  return all(edits.filter((edit) => edit !== undefined));
}

/** Gives a variable another name, where it is set and wherever it is used. */
export function renameVariable(document: Json, catalog: Catalog, path: Path, name: string): Edit {
  const { binders, references } = renamed(document, catalog, path);
  return all([
    ...binders.map((binder) => put(binder.path, name)),
    ...references.map((reference) => put(reference.path, [name, ...reference.text.split(".").slice(1)].join("."))),
  ]);
}

function overlap(one: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  const [a, b] = [one ?? ["any"], other ?? ["any"]];
  return a.includes("any") || b.includes("any") || a.some((type) => b.includes(type));
}

/** Distributes what a node has over the fields of another type: by name first, then in order, where the kinds fit. */
function carry(from: JsonObject, old: readonly FieldMeta[], now: readonly FieldMeta[]): Record<string, Json> {
  const kept: Record<string, Json> = {};
  const used = new Set<string>();
  const fits = (one: FieldMeta, other: FieldMeta): boolean =>
    one.kind === other.kind && one.literal === other.literal && (one.kind !== "expression" || overlap(one.accepts, other.accepts));
  const candidates = old.filter((field) => from[field.name] !== undefined);
  for (const field of now) {
    const match = candidates.find((each) => each.name === field.name && fits(each, field));
    if (match === undefined) continue;
    kept[field.name] = from[match.name] as Json;
    used.add(match.name);
  }
  for (const field of now) {
    if (kept[field.name] !== undefined || !(field.required || field.kind === "expressions")) continue;
    const rest = candidates.filter((each) => !used.has(each.name));
    const exact = rest.find((each) => fits(each, field) && (field.kind !== "expression" || each.required));
    if (exact !== undefined) {
      kept[field.name] = from[exact.name] as Json;
      used.add(exact.name);
    } else if (field.kind === "expressions") {
      const items = rest.filter((each) => each.kind === "expression" && overlap(each.accepts, field.accepts));
      if (items.length === 0) continue;
      kept[field.name] = items.map((each) => from[each.name] as Json);
      for (const each of items) used.add(each.name);
    } else if (field.kind === "expression") {
      const list = rest.find((each) => each.kind === "expressions" && overlap(each.accepts, field.accepts));
      const items = list === undefined ? undefined : from[list.name];
      if (list === undefined || !isList(items)) continue;
      const place = [...used].filter((name) => name.startsWith(`${list.name}/`)).length;
      const item = items[place];
      if (item === undefined) continue;
      kept[field.name] = item;
      used.add(`${list.name}/${place}`);
    }
  }
  return kept;
}

/** The instruction as one of another type, with what fits. */
export function asType(instruction: JsonObject, catalog: Catalog, type: InstructionMeta, names: ReadonlySet<string>): JsonObject {
  const old = catalog.instruction(typeOf(instruction))?.fields ?? [];
  const made = blank(type, idOf(instruction), names);
  const kept = carry(instruction, old, type.fields);
  const result: Record<string, Json> = {};
  for (const key of keyOrder(type)) {
    if (key === "note" || key === "disabled") {
      if (instruction[key] !== undefined) result[key] = instruction[key];
    } else if (key === "return_as") {
      const name = type.returns === null ? undefined : (instruction.return_as ?? made.return_as);
      if (name !== undefined) result[key] = name;
    } else {
      const value = kept[key] ?? made[key];
      if (value !== undefined) result[key] = value;
    }
  }
  return result;
}

export function changeType(document: Json, catalog: Catalog, id: string, type: InstructionMeta): Edit | undefined {
  const place = find(document, catalog, id);
  return place === undefined ? undefined : put(place.path, asType(place.instruction, catalog, type, allNames(document, catalog)));
}

/** An expression as one of another type, with what fits. */
export function asExpression(node: Json | undefined, catalog: Catalog, type: string): JsonObject {
  const meta = catalog.expression(type);
  const now = meta?.arguments ?? [];
  const old = isObject(node) ? catalog.fieldsOf(node.type) : [];
  const whole = isObject(node) && (catalog.literalOf(node) !== undefined || catalog.referenceOf(node) !== undefined);
  const kept = whole ? {} : isObject(node) ? carry(node, old, now) : {};
  if (whole) {
    // A value or a variable becomes the first argument.
    const slot = now.find((field) => field.kind === "expression" || field.kind === "expressions");
    if (slot !== undefined) kept[slot.name] = slot.kind === "expressions" ? [node] : node;
  }
  const result: Record<string, Json> = { type };
  for (const field of now) {
    const value =
      kept[field.name] ??
      (field.required && field.kind === "expressions" ? [] : field.required && field.kind === "name" ? field.name.replace(/_var$/, "") : undefined);
    if (value !== undefined) result[field.name] = value;
  }
  return result;
}

/** An expression put into another, as its first argument that takes it. */
export function surround(node: Json, catalog: Catalog, type: string): JsonObject {
  const slot = catalog.expression(type)?.arguments.find((field) => field.kind === "expression" || field.kind === "expressions");
  const made = asExpression(undefined, catalog, type);
  return slot === undefined ? made : { ...made, [slot.name]: slot.kind === "expressions" ? [node] : node };
}
