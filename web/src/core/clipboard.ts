/** Instructions as JSON text, to copy and paste them across processors. */
import type { Catalog } from "./catalog";
import { copies, outermost } from "./instructions";
import { type Json, type JsonObject, isList, isObject, parseJson, printJson } from "./json";
import { typeOf } from "./spec";

export function copyText(document: Json, catalog: Catalog, ids: ReadonlySet<string>): string {
  return printJson(
    outermost(document, catalog, ids).map((place) => place.instruction),
    2,
  );
}

export type Pasted =
  { readonly instructions: readonly JsonObject[]; readonly problem?: undefined } | { readonly problem: string; readonly instructions?: undefined };

/** Reads instructions from text: a list of them, one, or a whole spec. They get ids and names of their own. */
export function pasted(text: string, document: Json, catalog: Catalog): Pasted {
  let value: Json;
  try {
    value = parseJson(text);
  } catch {
    return { problem: "What is on the clipboard is no JSON. Copy instructions from a spec, and paste again." };
  }
  const list = isList(value) ? value : isObject(value) && isList(value.instructions) ? value.instructions : [value];
  for (const item of list) {
    if (catalog.instruction(typeOf(item)) === undefined) {
      const type = typeOf(item);
      return { problem: type === "" ? "What is on the clipboard holds no instructions." : `There is no instruction of the type ${type}.` };
    }
  }
  return list.length === 0 ? { problem: "What is on the clipboard holds no instructions." } : { instructions: copies(document, catalog, list) };
}
