/**
 * Three-way merge of specs: what I changed and what somebody else saved, from the version that both began with. It goes by the ids of
 * instructions, key by key; where both changed the same to something else, it is a conflict, and mine stands until one is chosen.
 */
import type { Catalog } from "./catalog";
import { apply } from "./edit";
import { setKey } from "./instructions";
import { type Json, type JsonObject, isList, isObject, same } from "./json";
import { ROOT, freshId, instructionsAt, listFields, places, takenIds, typeOf } from "./spec";

export type Side = "mine" | "theirs";

export interface Conflict {
  /** What tells it from others. */
  readonly key: string;
  /** The instruction, the constant or the enrichment. */
  readonly id: string;
  readonly about: "instruction" | "constant" | "enrichment" | "document";
  /** The field; `undefined` where one removed what the other changed, or both moved it. */
  readonly field: string | undefined;
  readonly what: "changed" | "removed" | "moved";
  readonly base: Json | undefined;
  readonly mine: Json | undefined;
  readonly theirs: Json | undefined;
  readonly chosen: Side;
}

export interface Merged {
  readonly document: Json;
  readonly conflicts: readonly Conflict[];
}

export type Choices = ReadonlyMap<string, Side>;

interface Node {
  readonly own: JsonObject;
  readonly parent: string;
  readonly field: string;
}

interface Tree {
  readonly nodes: ReadonlyMap<string, Node>;
  /** The ids of each list, by the block and the field. */
  readonly lists: ReadonlyMap<string, readonly string[]>;
}

const listKey = (parent: string, field: string): string => `${parent}\n${field}`;

function treeOf(document: Json, catalog: Catalog): Tree {
  const nodes = new Map<string, Node>();
  const lists = new Map<string, string[]>([[listKey("", ""), []]]);
  for (const place of places(document, catalog)) {
    if (nodes.has(place.id)) continue;
    const inner = new Set(listFields(catalog.instruction(typeOf(place.instruction))).map((field) => field.name));
    // That a list is there, though empty, is a part of what the block is.
    const own = Object.fromEntries(Object.entries(place.instruction).map(([key, value]) => (inner.has(key) ? [key, []] : [key, value])));
    const parent = place.parent ?? "";
    const field = place.field ?? "";
    nodes.set(place.id, { own, parent, field });
    const key = listKey(parent, field);
    const list = lists.get(key);
    if (list === undefined) lists.set(key, [place.id]);
    else list.push(place.id);
  }
  return { nodes, lists };
}

class Merger {
  readonly conflicts: Conflict[] = [];

  constructor(
    private readonly catalog: Catalog,
    private readonly choices: Choices,
  ) {}

  choose(conflict: Omit<Conflict, "key" | "chosen">): Side {
    const key = `${conflict.about}:${conflict.id}:${conflict.what}:${conflict.field ?? ""}`;
    const chosen = this.choices.get(key) ?? "mine";
    this.conflicts.push({ ...conflict, key, chosen });
    return chosen;
  }

  /** One of three values; a conflict where all differ. */
  value(about: Conflict["about"], id: string, field: string, base: Json | undefined, mine: Json | undefined, theirs: Json | undefined): Json | undefined {
    if (same(mine, theirs) || same(base, theirs)) return mine;
    if (same(base, mine)) return theirs;
    return this.choose({ about, id, field, what: "changed", base, mine, theirs }) === "mine" ? mine : theirs;
  }

  object(about: Conflict["about"], id: string, base: JsonObject, mine: JsonObject, theirs: JsonObject): JsonObject {
    const result: Record<string, Json> = {};
    // Where the types differ, the fields go with the type.
    if (about === "instruction" && typeOf(mine) !== typeOf(theirs)) {
      const whole = this.value(about, id, "type", base, mine, theirs);
      return isObject(whole) ? whole : mine;
    }
    for (const key of mergeOrder(Object.keys(base), Object.keys(mine), Object.keys(theirs))) {
      const value = this.value(about, id, key, base[key], mine[key], theirs[key]);
      if (value !== undefined) result[key] = value;
    }
    return result;
  }

  /** Lists of named things: constants, enrichments. */
  named(about: "constant" | "enrichment", key: string, base: Json | undefined, mine: Json | undefined, theirs: Json | undefined): Json | undefined {
    if (same(mine, theirs) || same(base, theirs)) return mine;
    if (same(base, mine)) return theirs;
    const read = (list: Json | undefined): Map<string, JsonObject> =>
      new Map((isList(list) ? list : []).filter(isObject).map((item) => [String(item[key] ?? ""), item]));
    const [b, m, t] = [read(base), read(mine), read(theirs)];
    const result: Json[] = [];
    for (const name of mergeOrder([...b.keys()], [...m.keys()], [...t.keys()])) {
      const kept = this.presence(about, name, b.get(name), m.get(name), t.get(name));
      if (kept !== undefined) result.push(kept);
    }
    return result;
  }

  presence(
    about: Conflict["about"],
    id: string,
    base: JsonObject | undefined,
    mine: JsonObject | undefined,
    theirs: JsonObject | undefined,
  ): JsonObject | undefined {
    if (mine !== undefined && theirs !== undefined) return this.object(about, id, base ?? {}, mine, theirs);
    if (base === undefined) return mine ?? theirs;
    const left = mine ?? theirs;
    if (left === undefined || same(left, base)) return undefined;
    const side = this.choose({ about, id, field: undefined, what: "removed", base, mine, theirs });
    return side === "mine" ? mine : theirs;
  }

  document(base: Json, mine: Json, theirs: Json): Json {
    const [b, m, t] = [base, mine, theirs].map((each) => (isObject(each) ? each : {})) as [JsonObject, JsonObject, JsonObject];
    const result: Record<string, Json> = {};
    for (const key of mergeOrder(Object.keys(b), Object.keys(m), Object.keys(t))) {
      let value: Json | undefined;
      if (key === "instructions") value = this.instructions(base, mine, theirs);
      else if (key === "constants") value = this.named("constant", "name", b[key], m[key], t[key]);
      else if (key === "enrichments") value = this.named("enrichment", "as", b[key], m[key], t[key]);
      else if (isObject(m[key]) && isObject(t[key])) value = this.object("document", key, isObject(b[key]) ? b[key] : {}, m[key], t[key]);
      else value = this.value("document", key, key, b[key], m[key], t[key]);
      if (value !== undefined) result[key] = value;
    }
    return result;
  }

  instructions(base: Json, mine: Json, theirs: Json): Json {
    if (same(instructionsAt(base, ROOT), instructionsAt(theirs, ROOT))) return instructionsAt(mine, ROOT);
    if (same(instructionsAt(base, ROOT), instructionsAt(mine, ROOT))) return instructionsAt(theirs, ROOT);
    const [b, m, t] = [treeOf(base, this.catalog), treeOf(mine, this.catalog), treeOf(theirs, this.catalog)];
    const kept = new Map<string, JsonObject>();
    for (const id of new Set([...m.nodes.keys(), ...t.nodes.keys()])) {
      const own = this.presence("instruction", id, b.nodes.get(id)?.own, m.nodes.get(id)?.own, t.nodes.get(id)?.own);
      if (own !== undefined) kept.set(id, own);
    }
    // A block stays as long as something in it does.
    for (const id of [...kept.keys()]) {
      for (let parent = (m.nodes.get(id) ?? t.nodes.get(id))?.parent ?? ""; parent !== "" && !kept.has(parent);) {
        const node = m.nodes.get(parent) ?? t.nodes.get(parent);
        if (node === undefined) break;
        kept.set(parent, node.own);
        parent = node.parent;
      }
    }
    const home = this.homes(kept, b, m, t);
    const build = (parent: string, field: string): Json[] => {
      const key = listKey(parent, field);
      const present = (tree: Tree): readonly string[] => tree.lists.get(key) ?? [];
      const inside = [...home].filter(([, where]) => where === key).map(([id]) => id);
      const order = mergeOrder(present(b), present(m), present(t));
      const ordered = [...order.filter((id) => inside.includes(id)), ...inside.filter((id) => !order.includes(id))];
      return ordered.map((id) => {
        const own: Record<string, Json> = { ...kept.get(id) };
        for (const meta of listFields(this.catalog.instruction(typeOf(own)))) {
          const list = build(id, meta.name);
          if (list.length > 0 || (own[meta.name] !== undefined && (meta.required || wasEmpty(id, meta.name, m)))) own[meta.name] = list;
          else delete own[meta.name];
        }
        return own;
      });
    };
    const wasEmpty = (id: string, field: string, tree: Tree): boolean =>
      tree.nodes.get(id)?.own[field] !== undefined && (tree.lists.get(listKey(id, field)) ?? []).length === 0;
    return build("", "");
  }

  /** The list that each instruction ends in. */
  homes(kept: ReadonlyMap<string, JsonObject>, b: Tree, m: Tree, t: Tree): Map<string, string> {
    const home = new Map<string, string>();
    const placeOf = (tree: Tree, id: string): string | undefined => {
      const node = tree.nodes.get(id);
      return node === undefined ? undefined : listKey(node.parent, node.field);
    };
    for (const id of kept.keys()) {
      const [base, mine, theirs] = [placeOf(b, id), placeOf(m, id), placeOf(t, id)];
      let chosen = mine ?? theirs;
      if (mine !== undefined && theirs !== undefined && mine !== theirs) {
        if (mine === base) chosen = theirs;
        else if (theirs !== base) {
          const side = this.choose({ about: "instruction", id, field: undefined, what: "moved", base: named(base), mine: named(mine), theirs: named(theirs) });
          chosen = side === "mine" ? mine : theirs;
        }
      }
      const [parent = "", field = ""] = (chosen ?? listKey("", "")).split("\n");
      const block = kept.get(parent);
      // A list that the block no longer has: the instruction stands at the top, rather than being lost.
      const fits = parent === "" || (block !== undefined && listFields(this.catalog.instruction(typeOf(block))).some((meta) => meta.name === field));
      home.set(id, fits && chosen !== undefined ? chosen : listKey("", ""));
    }
    // Two that went into each other: one of them stands at the top.
    for (const id of home.keys()) {
      const seen = new Set<string>([id]);
      for (let parent = home.get(id)?.split("\n")[0] ?? ""; parent !== ""; parent = home.get(parent)?.split("\n")[0] ?? "") {
        if (seen.has(parent)) {
          home.set(id, listKey("", ""));
          break;
        }
        seen.add(parent);
      }
    }
    return home;
  }
}

function named(place: string | undefined): Json {
  return (place ?? "").split("\n")[0] ?? "";
}

/** One order out of three: mine where I changed it, theirs otherwise; what only the other has stands behind what it stood behind there. */
export function mergeOrder(base: readonly string[], mine: readonly string[], theirs: readonly string[]): string[] {
  const shared = (list: readonly string[], other: readonly string[]): readonly string[] => list.filter((item) => other.includes(item));
  const reordered = !same(shared(mine, base) as Json, shared(base, mine) as Json);
  const [first, second] = reordered || same(base as Json, theirs as Json) ? [mine, theirs] : [theirs, mine];
  const result = [...first];
  second.forEach((item, place) => {
    if (result.includes(item)) return;
    let behind = place - 1;
    while (behind >= 0 && !result.includes(second[behind] as string)) behind -= 1;
    result.splice(behind < 0 ? 0 : result.indexOf(second[behind] as string) + 1, 0, item);
  });
  return result;
}

export function merge(base: Json, mine: Json, theirs: Json, catalog: Catalog, choices: Choices = new Map()): Merged {
  const merger = new Merger(catalog, choices);
  const document = merger.document(base, apart(base, mine, theirs, catalog), theirs);
  return { document, conflicts: merger.conflicts };
}

/** Mine, with other ids for what both added under one id though it is not the same. */
function apart(base: Json, mine: Json, theirs: Json, catalog: Catalog): Json {
  const [b, t] = [treeOf(base, catalog), treeOf(theirs, catalog)];
  const taken = new Set([...takenIds(base, catalog), ...takenIds(mine, catalog), ...takenIds(theirs, catalog)]);
  let document = mine;
  for (const [id, node] of treeOf(mine, catalog).nodes) {
    const other = t.nodes.get(id);
    if (other === undefined || b.nodes.has(id) || same(node.own, other.own)) continue;
    const edit = setKey(document, catalog, id, "id", freshId(taken, id));
    if (edit !== undefined) document = apply(document, edit).document;
  }
  return document;
}
