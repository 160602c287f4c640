/** What changed between two specs, as a change of meaning: by instruction, field by field. */
import { type Catalog, humanize } from "./catalog";
import { type Json, type JsonObject, at, isList, isObject, printJson, same } from "./json";
import { type Place, listFields, places, typeOf } from "./spec";
import { print } from "./expression/print";
import { type Word, summary } from "./words";

export interface FieldChange {
  readonly label: string;
  /** As text; `undefined` where there was or is nothing. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export interface SpecChange {
  readonly kind: "added" | "removed" | "moved" | "changed";
  /** What it is about: an instruction, or a part of the document. */
  readonly about: "instruction" | "constant" | "enrichment" | "source_model";
  readonly id: string;
  readonly words: readonly Word[];
  readonly fields: readonly FieldChange[];
  /** For a moved instruction: the name of the block it is in now; empty at the top. */
  readonly into?: string;
}

export function diff(from: Json, to: Json, catalog: Catalog): readonly SpecChange[] {
  const changes: SpecChange[] = [];
  const source = fieldChanges(asObject(at(from, ["source_model"])), asObject(at(to, ["source_model"])), () => (value) => valueOf(value));
  if (source.length > 0) changes.push({ kind: "changed", about: "source_model", id: "", words: [{ kind: "text", text: "Source model" }], fields: source });
  changes.push(...named("constant", at(from, ["constants"]), at(to, ["constants"]), "name"));
  changes.push(...named("enrichment", at(from, ["enrichments"]), at(to, ["enrichments"]), "as"));
  const old = new Map(places(from, catalog).map((place) => [place.id, place]));
  const now = places(to, catalog);
  const present = new Set(now.map((place) => place.id));
  const moved = movedIds(places(from, catalog), now);
  for (const place of now) {
    const earlier = old.get(place.id);
    if (earlier === undefined) {
      changes.push({ kind: "added", about: "instruction", id: place.id, words: summary(place.instruction, catalog), fields: [] });
      continue;
    }
    const fields = instructionChanges(earlier.instruction, place.instruction, catalog);
    if (fields.length > 0) changes.push({ kind: "changed", about: "instruction", id: place.id, words: summary(place.instruction, catalog), fields });
    if (moved.has(place.id)) {
      changes.push({ kind: "moved", about: "instruction", id: place.id, words: summary(place.instruction, catalog), fields: [], into: place.parent ?? "" });
    }
  }
  for (const [id, place] of old) {
    if (!present.has(id)) changes.push({ kind: "removed", about: "instruction", id, words: summary(place.instruction, catalog), fields: [] });
  }
  return changes;
}

function asObject(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function valueOf(value: Json): string {
  return typeof value === "string" ? value : printJson(value);
}

function fieldChanges(
  from: JsonObject,
  to: JsonObject,
  printer: (key: string) => (value: Json) => string,
  skip: ReadonlySet<string> = new Set(),
): FieldChange[] {
  const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
  return [...keys]
    .filter((key) => !skip.has(key) && !same(from[key], to[key]))
    .map((key) => {
      const text = printer(key);
      const [before, after] = [from[key], to[key]];
      return { label: humanize(key), from: before === undefined ? undefined : text(before), to: after === undefined ? undefined : text(after) };
    });
}

/** What an instruction says differently, without what is in its lists. */
export function instructionChanges(from: JsonObject, to: JsonObject, catalog: Catalog): FieldChange[] {
  const metas = [catalog.instruction(typeOf(from)), catalog.instruction(typeOf(to))];
  const lists = new Set(metas.flatMap((meta) => listFields(meta).map((field) => field.name)));
  const expressions = new Set(metas.flatMap((meta) => meta?.fields.filter((field) => field.kind === "expression").map((field) => field.name) ?? []));
  return fieldChanges(from, to, (key) => (expressions.has(key) ? (value) => print(value, catalog) : valueOf), lists);
}

function named(about: "constant" | "enrichment", from: Json | undefined, to: Json | undefined, key: string): SpecChange[] {
  const read = (list: Json | undefined): Map<string, JsonObject> =>
    new Map((isList(list) ? list : []).filter(isObject).map((item) => [String(item[key] ?? ""), item]));
  const [old, now] = [read(from), read(to)];
  const changes: SpecChange[] = [];
  const words = (name: string): Word[] => [
    { kind: "text", text: `${humanize(about)} ` },
    { kind: "variable", text: name },
  ];
  for (const [name, item] of now) {
    const earlier = old.get(name);
    if (earlier === undefined) changes.push({ kind: "added", about, id: name, words: words(name), fields: [] });
    else {
      const fields = fieldChanges(earlier, item, () => valueOf);
      if (fields.length > 0) changes.push({ kind: "changed", about, id: name, words: words(name), fields });
    }
  }
  for (const name of old.keys()) if (!now.has(name)) changes.push({ kind: "removed", about, id: name, words: words(name), fields: [] });
  return changes;
}

/** The fewest instructions that have to be taken as moved: those in another list, and those out of the longest run that kept its order. */
function movedIds(from: readonly Place[], to: readonly Place[]): Set<string> {
  const listOf = (place: Place): string => `${place.parent ?? ""}\n${place.field ?? ""}`;
  const old = new Map(from.map((place, index) => [place.id, { list: listOf(place), index }]));
  const moved = new Set<string>();
  const lists = new Map<string, { id: string; index: number }[]>();
  for (const place of to) {
    const earlier = old.get(place.id);
    if (earlier === undefined) continue;
    const list = listOf(place);
    if (earlier.list !== list) moved.add(place.id);
    else {
      const items = lists.get(list);
      if (items === undefined) lists.set(list, [{ id: place.id, index: earlier.index }]);
      else items.push({ id: place.id, index: earlier.index });
    }
  }
  for (const items of lists.values()) {
    const kept = longestRun(items.map((item) => item.index));
    items.forEach((item, place) => {
      if (!kept.has(place)) moved.add(item.id);
    });
  }
  return moved;
}

/** The places of a longest increasing run. */
function longestRun(numbers: readonly number[]): Set<number> {
  const tails: number[] = [];
  const previous: number[] = [];
  numbers.forEach((number, place) => {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((numbers[tails[middle] as number] as number) < number) low = middle + 1;
      else high = middle;
    }
    previous[place] = low > 0 ? (tails[low - 1] as number) : -1;
    tails[low] = place;
  });
  const run = new Set<number>();
  for (let place = tails.at(-1) ?? -1; place >= 0; place = previous[place] as number) run.add(place);
  return run;
}
