/** The stack of instructions as flat rows, for a list that draws only what is in view. */
import type { Catalog, FieldMeta, InstructionMeta } from "./catalog";
import { type Json, type JsonObject, type Path, isList, isObject } from "./json";
import { ROOT, type Target, idOf, instructionsAt, isLoop, listFields, typeOf } from "./spec";

export interface InstructionRow {
  readonly kind: "instruction";
  readonly key: string;
  readonly id: string;
  readonly path: Path;
  readonly depth: number;
  readonly instruction: JsonObject;
  readonly meta: InstructionMeta | undefined;
  /** Its place among its siblings, from 1, and how many they are. */
  readonly position: number;
  readonly siblings: number;
  readonly collapsed: boolean;
  /** How many instructions it holds, at any depth. */
  readonly holds: number;
  /** Whether it, or a block around it, is disabled. */
  readonly off: boolean;
}

/** The heading of a list of a block. */
export interface BranchRow {
  readonly kind: "branch";
  readonly key: string;
  /** The block. */
  readonly id: string;
  readonly field: FieldMeta;
  readonly list: Path;
  readonly depth: number;
  readonly loop: boolean;
  readonly count: number;
  readonly off: boolean;
}

/** The place of an empty list. */
export interface EmptyRow {
  readonly kind: "empty";
  readonly key: string;
  readonly id: string;
  readonly list: Path;
  readonly depth: number;
}

export type Row = InstructionRow | BranchRow | EmptyRow;

export function rows(document: Json, catalog: Catalog, collapsed: ReadonlySet<string>): readonly Row[] {
  const found: Row[] = [];
  const walk = (list: readonly Json[], path: Path, depth: number, off: boolean): void => {
    list.forEach((instruction, index) => {
      if (!isObject(instruction)) return;
      const id = idOf(instruction);
      const own = [...path, index];
      const meta = catalog.instruction(typeOf(instruction));
      const fields = listFields(meta);
      const isOff = off || instruction.disabled === true;
      const folded = fields.length > 0 && collapsed.has(id);
      found.push({
        kind: "instruction",
        key: `i:${id}`,
        id,
        path: own,
        depth,
        instruction,
        meta,
        position: index + 1,
        siblings: list.length,
        collapsed: folded,
        holds: countIn(instruction, catalog),
        off: isOff,
      });
      if (folded) return;
      for (const field of fields) {
        const inner = instruction[field.name];
        const items = isList(inner) ? inner : [];
        const where = [...own, field.name];
        found.push({
          kind: "branch",
          key: `b:${id}:${field.name}`,
          id,
          field,
          list: where,
          depth: depth + 1,
          loop: isLoop(meta),
          count: items.length,
          off: isOff,
        });
        if (items.length === 0) found.push({ kind: "empty", key: `e:${id}:${field.name}`, id, list: where, depth: depth + 1 });
        walk(items, where, depth + 1, isOff);
      }
    });
  };
  walk(instructionsAt(document, ROOT), ROOT, 0, false);
  return found;
}

const counts = new WeakMap<object, number>();

function countIn(instruction: JsonObject, catalog: Catalog): number {
  const known = counts.get(instruction);
  if (known !== undefined) return known;
  let count = 0;
  for (const field of listFields(catalog.instruction(typeOf(instruction)))) {
    const list = instruction[field.name];
    if (isList(list)) for (const inner of list) count += 1 + (isObject(inner) ? countIn(inner, catalog) : 0);
  }
  counts.set(instruction, count);
  return count;
}

/** The place before a row. */
export function before(row: Row): Target {
  if (row.kind === "instruction") return { list: row.path.slice(0, -1), index: row.path.at(-1) as number };
  return { list: row.list, index: 0 };
}

/** The place behind a row: behind an instruction and all it holds, or first in a list. */
export function after(row: Row): Target {
  if (row.kind === "instruction") return { list: row.path.slice(0, -1), index: (row.path.at(-1) as number) + 1 };
  return { list: row.list, index: 0 };
}
