/** Types as the checker tells them, and what fits where. */
import type { Catalog } from "./catalog";
import { type Json, isList, isNumber, isObject } from "./json";

export interface Type {
  readonly shape: string;
  readonly may_be_empty?: boolean;
  readonly personal?: string | readonly string[] | null;
  readonly fields?: { readonly [name: string]: Type };
  readonly items?: Type;
}

/** A variable in scope, as the checker tells it. */
export interface ScopeEntry {
  readonly name: string;
  readonly type: Type;
  /** `source_model`, `constant`, `item`, or the id of an instruction. */
  readonly origin: string;
}

/** A variable or a field of one. */
export interface Variable {
  readonly path: string;
  readonly name: string;
  readonly type: Type;
  readonly origin: string;
  readonly depth: number;
  readonly hasFields: boolean;
}

/** How deep fields are followed. */
const DEEPEST = 8;

/** Variables with the fields of each behind it. */
export function flatten(scope: readonly ScopeEntry[]): readonly Variable[] {
  const found: Variable[] = [];
  const walk = (path: string, name: string, type: Type, origin: string, depth: number): void => {
    const fields = type.fields === undefined ? [] : Object.entries(type.fields);
    found.push({ path, name, type, origin, depth, hasFields: fields.length > 0 });
    if (depth < DEEPEST) for (const [field, inner] of fields) walk(`${path}.${field}`, field, inner, origin, depth + 1);
  };
  for (const entry of scope) walk(entry.name, entry.name, entry.type, entry.origin, 0);
  return found;
}

export type Fit = "yes" | "perhaps" | "no";

/** Whether a value of a type can stand in a place. */
export function fit(catalog: Catalog, accepts: readonly string[] | undefined, type: Type | undefined): Fit {
  if (accepts === undefined || accepts.includes("any")) return "yes";
  if (type === undefined || ["any", "invalid", "null"].includes(type.shape)) return "perhaps";
  if (accepts.includes(type.shape)) return "yes";
  const records = (catalog.document as { record_kinds?: readonly string[] }).record_kinds ?? [];
  if (accepts.includes("record") && records.includes(type.shape)) return "yes";
  if (accepts.includes("mapping") && type.shape === "object") return "perhaps";
  return "no";
}

/** Whether what a function can give can stand in a place. */
export function givesFit(gives: readonly string[], accepts: readonly string[] | undefined): Fit {
  if (accepts === undefined || accepts.includes("any")) return "yes";
  if (gives.includes("any")) return "perhaps";
  return gives.some((shape) => accepts.includes(shape)) ? "yes" : "no";
}

/** The words of a type: `list of object`, `string`. */
export function typeName(type: Type | undefined): string {
  if (type === undefined) return "unknown";
  if (type.shape === "array") return type.items === undefined ? "list" : `list of ${typeName(type.items)}`;
  return type.shape.replaceAll("_", " ");
}

export function personalOf(type: Type | undefined): readonly string[] {
  const personal = type?.personal;
  if (personal === undefined || personal === null || personal === "") return [];
  return typeof personal === "string" ? [personal] : personal;
}

/** What a field takes, in words. */
export function acceptsText(accepts: readonly string[] | undefined): string {
  if (accepts === undefined || accepts.includes("any")) return "any value";
  return accepts.map((each) => each.replaceAll("_", " ")).join(" or ");
}

/** The value of a path in the variables of a record. */
export function valueAt(values: Json | undefined, path: string): Json | undefined {
  let value: Json | undefined = values;
  for (const step of path.split(".")) {
    if (isObject(value) && Object.hasOwn(value, step)) value = value[step];
    else return undefined;
  }
  return value;
}

/** The type that a value shows; a guess where no checker speaks. */
export function typeOfValue(value: Json): Type {
  if (value === null) return { shape: "null", may_be_empty: true };
  if (isNumber(value)) return { shape: "number" };
  if (isList(value)) return value.length === 0 ? { shape: "array" } : { shape: "array", items: typeOfValue(value[0] ?? null) };
  if (isObject(value)) return { shape: "object", fields: Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, typeOfValue(inner)])) };
  return { shape: typeof value };
}
