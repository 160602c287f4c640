/** Where instructions can go: by dragging, and by the keyboard. */
import { type Json, type Path, isList } from "./json";
import type { Catalog } from "./catalog";
import { canMove, outermost } from "./instructions";
import { type Target, find, idOf, instructionsAt, listFields, typeOf } from "./spec";
import { type Row, after, before } from "./rows";

/** The part of a row that a pointer is over. */
export type Edge = "top" | "bottom" | "inside";

/** The place that an edge of a row means; `undefined` where what is dragged cannot go there. */
export function dropTarget(document: Json, catalog: Catalog, dragged: ReadonlySet<string>, row: Row, edge: Edge): Target | undefined {
  const target = targetOf(document, row, edge);
  return target !== undefined && canMove(document, catalog, dragged, target) ? target : undefined;
}

/** The place that an edge of a row means, whatever comes there. */
export function targetOf(document: Json, row: Row, edge: Edge): Target | undefined {
  if (row.kind !== "instruction") return { list: row.list, index: 0 };
  if (edge === "top") return before(row);
  const field = listFields(row.meta)[0];
  if (edge === "inside" || (edge === "bottom" && field !== undefined && !row.collapsed)) {
    // Under the heading of an open block is the beginning of its first list; into a closed one is its end.
    if (field === undefined) return undefined;
    const list = [...row.path, field.name];
    return { list, index: row.collapsed ? instructionsAt(document, list).length : 0 };
  }
  return after(row);
}

export type Direction = "up" | "down" | "in" | "out";

/**
 * The place of a selection after one step: up or down past a neighbour, into the block above it, or out of its own. Up at the beginning of
 * a list, and down at its end, lead to the list before or after it, and then out of the block.
 */
export function step(document: Json, catalog: Catalog, ids: ReadonlySet<string>, direction: Direction): Target | undefined {
  const chosen = outermost(document, catalog, ids);
  const first = chosen[0];
  const last = chosen.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const list = first.path.slice(0, -1);
  const start = first.path.at(-1) as number;
  const end = last.path.length === first.path.length ? (last.path.at(-1) as number) : start;
  const items = instructionsAt(document, list);
  switch (direction) {
    case "up":
      return start > 0 ? { list, index: start - 1 } : leave(document, catalog, list, "up");
    case "down":
      return end + 1 < items.length ? { list, index: end + 2 } : leave(document, catalog, list, "down");
    case "in": {
      const above = items[start - 1];
      const field = listFields(catalog.instruction(typeOf(above)))[0];
      if (above === undefined || field === undefined) return undefined;
      const place = find(document, catalog, idOf(above));
      if (place === undefined) return undefined;
      // Into its last list that holds something, else its first.
      const fields = listFields(catalog.instruction(typeOf(above)));
      const filled = fields.findLast((each) => instructionsAt(document, [...place.path, each.name]).length > 0) ?? field;
      const inner = [...place.path, filled.name];
      return { list: inner, index: instructionsAt(document, inner).length };
    }
    case "out":
      return list.length >= 3 ? { list: list.slice(0, -2), index: (list.at(-2) as number) + 1 } : undefined;
  }
}

/** From the end of a list to the next list of its block, or out of the block. */
function leave(document: Json, catalog: Catalog, list: Path, direction: "up" | "down"): Target | undefined {
  if (list.length < 3) return undefined;
  const block = list.slice(0, -1);
  const index = block.at(-1) as number;
  const instruction = instructionsAt(document, block.slice(0, -1))[index];
  const fields = listFields(catalog.instruction(typeOf(instruction)));
  const place = fields.findIndex((field) => field.name === list.at(-1));
  const next = fields[place + (direction === "up" ? -1 : 1)];
  if (next !== undefined) {
    const inner = [...block, next.name];
    return { list: inner, index: direction === "up" ? instructionsAt(document, inner).length : 0 };
  }
  return { list: block.slice(0, -1), index: direction === "up" ? index : index + 1 };
}

/** Where something new goes: behind the selected instruction, or at the end. */
export function targetForNew(document: Json, catalog: Catalog, id: string | undefined): Target {
  const place = id === undefined ? undefined : find(document, catalog, id);
  if (place === undefined) {
    const list = isList(instructionsAt(document, ["instructions"])) ? instructionsAt(document, ["instructions"]) : [];
    return { list: ["instructions"], index: list.length };
  }
  return { list: place.path.slice(0, -1), index: (place.path.at(-1) as number) + 1 };
}
