/** An expression as text, as it is typed: `concat("won|", opportunity.id)`. Reading it back gives the same expression. */
import type { Catalog, FieldMeta } from "../catalog";
import { type Json, type JsonObject, isList, isObject, printJson } from "../json";
import { typeOf } from "../spec";
import { isPlainPath } from "./lexer";

/** What stands where something required is not there yet. */
export const HOLE = "?";

export function print(node: Json | undefined, catalog: Catalog): string {
  if (node === undefined) return HOLE;
  const literal = catalog.literalOf(node);
  if (literal !== undefined && hasOnly(node, [catalog.constant.key])) return printJson(literal);
  const reference = catalog.referenceOf(node);
  if (reference !== undefined && hasOnly(node, [catalog.variable.key])) return printPath(reference);
  const meta = catalog.expression(typeOf(node));
  const plain = literal === undefined && reference === undefined && ![catalog.constant.type, catalog.variable.type].includes(typeOf(node));
  if (
    meta === undefined ||
    !plain ||
    !isObject(node) ||
    !hasOnly(
      node,
      meta.arguments.map((field) => field.name),
    ) ||
    !printable(node, meta.arguments)
  ) {
    return `@${printJson(node ?? null)}`;
  }
  return `${meta.name}(${printArguments(node, meta.arguments, catalog)})`;
}

function hasOnly(node: Json, keys: readonly string[]): boolean {
  return isObject(node) && Object.keys(node).every((key) => key === "type" || keys.includes(key));
}

/** Whether every argument has the JSON that its kind takes. */
function printable(node: JsonObject, metas: readonly FieldMeta[]): boolean {
  return metas.every((meta) => {
    const value = node[meta.name];
    if (value === undefined) return meta.kind !== "expressions" || !meta.required;
    if (meta.kind === "expressions") return isList(value);
    if (meta.kind === "name") return typeof value === "string";
    return true;
  });
}

function printPath(path: string): string {
  return isPlainPath(path) ? path : path.includes("`") || path === "" ? `@${printJson({ path })}` : `\`${path}\``;
}

function printArguments(node: JsonObject, metas: readonly FieldMeta[], catalog: Catalog): string {
  const parts: string[] = [];
  let positional = true;
  metas.forEach((meta) => {
    const value = node[meta.name];
    if (value === undefined) {
      if (!meta.required) positional = false;
      else if (positional) parts.push(HOLE);
      return;
    }
    if (meta.kind === "expressions" && isList(value)) {
      if (positional && (value.length > 0 || meta.required)) parts.push(...value.map((item) => print(item, catalog)));
      else parts.push(`${meta.name}: [${value.map((item) => print(item, catalog)).join(", ")}]`);
      // What stands behind a list is named.
      positional = false;
      return;
    }
    const text =
      meta.kind === "expression" ? print(value, catalog) : meta.kind === "name" && typeof value === "string" && isPlainPath(value) ? value : printJson(value);
    parts.push(positional && meta.required ? text : `${meta.name}: ${text}`);
    if (!meta.required) positional = false;
  });
  return parts.join(", ");
}
