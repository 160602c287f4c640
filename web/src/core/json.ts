/**
 * JSON documents with exact numbers. A spec's numbers have up to 28 digits, which a binary float cannot hold: they are read as
 * number tokens that keep their text, and written back as they were.
 */
import { LosslessNumber, isLosslessNumber, isSafeNumber, parse as parseLossless, stringify as stringifyLossless } from "lossless-json";

export type Json = null | boolean | string | number | LosslessNumber | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A way into a document: keys of objects and places in lists. */
export type Path = readonly (string | number)[];

export function parseJson(text: string): Json {
  return parseLossless(text) as Json;
}

/**
 * Reads what is only shown, not written back: numbers are plain, but for those that a float cannot hold. Where there is none of those,
 * the platform's own reader does it, in a tenth of the time.
 */
export function parseShown(text: string): Json {
  if (!/[:,[\s]-?\d[\d.]{15,}/.test(text) && !/[:,[\s]-?\d+(?:\.\d+)?[eE]/.test(text)) return JSON.parse(text) as Json;
  return parseLossless(text, null, (digits) => (isSafeNumber(digits) ? Number(digits) : new LosslessNumber(digits))) as Json;
}

export function printJson(value: Json, indent?: number): string {
  return stringifyLossless(value, undefined, indent) ?? "null";
}

export function isNumber(value: unknown): value is number | LosslessNumber {
  return typeof value === "number" || isLosslessNumber(value);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isLosslessNumber(value);
}

export function isList(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** The number that a text is, digit by digit; `undefined` where it is none. */
export function numberOf(text: string): LosslessNumber | undefined {
  return NUMBER.test(text) ? new LosslessNumber(text) : undefined;
}

export function numberText(value: number | LosslessNumber): string {
  return String(value);
}

/** A number token for a whole number that the program made. */
export function whole(value: number): LosslessNumber {
  return new LosslessNumber(String(value));
}

/** Whether two values are written the same, whatever the order of keys. */
export function same(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  if (isNumber(one)) return isNumber(other) && numberText(one) === numberText(other);
  if (isList(one)) return isList(other) && one.length === other.length && one.every((item, index) => same(item, other[index]));
  if (isObject(one)) {
    if (!isObject(other)) return false;
    const keys = Object.keys(one);
    return keys.length === Object.keys(other).length && keys.every((key) => Object.hasOwn(other, key) && same(one[key], other[key]));
  }
  return false;
}

/** A value that was read anew, with every part of it that says the same as before in the very object of before: who watches for changes sees none. */
export function sharing<T>(now: T, before: unknown): T {
  if (now === before) return now;
  if (typeof now !== "object" || now === null || typeof before !== "object" || before === null) return now;
  if (isLosslessNumber(now) || isLosslessNumber(before)) return isNumber(now) && isNumber(before) && numberText(now) === numberText(before) ? (before as T) : now;
  if (Array.isArray(now)) {
    if (!Array.isArray(before)) return now;
    const items = now.map((item: unknown, place) => sharing(item, before[place]));
    return (items.length === before.length && items.every((item, place) => item === before[place]) ? before : items) as T;
  }
  if (Array.isArray(before)) return now;
  const old = before as { readonly [key: string]: unknown };
  const entries = Object.entries(now).map(([key, inner]): [string, unknown] => [key, sharing(inner, Object.hasOwn(old, key) ? old[key] : undefined)]);
  const keys = Object.keys(old);
  const unchanged = entries.length === keys.length && entries.every(([key, inner], place) => keys[place] === key && inner === old[key]);
  return unchanged ? (before as T) : (Object.fromEntries(entries) as T);
}

/** What stands at a path; `undefined` where nothing does. */
export function at(document: Json | undefined, path: Path): Json | undefined {
  let value: Json | undefined = document;
  for (const step of path) {
    if (isList(value)) value = typeof step === "number" ? value[step] : undefined;
    else if (isObject(value) && Object.hasOwn(value, String(step))) value = value[String(step)];
    else return undefined;
  }
  return value;
}

export function toPointer(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** The path of a JSON pointer in a document: whether a step is a key or a place in a list is told by the document. */
export function fromPointer(pointer: string, document?: Json): Path {
  if (pointer === "") return [];
  let value: Json | undefined = document;
  return pointer
    .split("/")
    .slice(1)
    .map((raw) => {
      const step = raw.replaceAll("~1", "/").replaceAll("~0", "~");
      const place = (value === undefined || isList(value)) && /^(0|[1-9]\d*)$/.test(step) ? Number(step) : step;
      value = value === undefined ? undefined : at(value, [place]);
      return place;
    });
}

/** What kind of value it is, as messages name it. */
export function kindOf(value: Json): string {
  if (value === null) return "null";
  if (isNumber(value)) return "number";
  if (isList(value)) return "array";
  return typeof value === "object" ? "object" : typeof value;
}

const printed = new WeakMap<object, string>();

/** Writes a document, keeping the text of every part: after an edit only what has changed is written anew. */
export function printShared(value: Json): string {
  if (typeof value !== "object" || value === null || isNumber(value)) return printJson(value);
  const known = printed.get(value);
  if (known !== undefined) return known;
  const text = isList(value)
    ? `[${value.map(printShared).join(",")}]`
    : `{${Object.entries(value)
        .map(([key, inner]) => `${JSON.stringify(key)}:${printShared(inner)}`)
        .join(",")}}`;
  printed.set(value, text);
  return text;
}
