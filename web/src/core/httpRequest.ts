/** What may stand in braces in a path, a parameter or a body, and the value of a definition that it stands for. Pure. */
import type { Json, JsonObject } from "~/generated/api";

export type Placeholders = { [name: string]: Json };

export const variable = (name: string): Json => ({ type: "var", var: name });

const pattern = /\{(\w+)\}/g;

/** Whether a text holds one of these placeholders. */
export function hasPlaceholder(text: string, known: Placeholders): boolean {
  return [...text.matchAll(pattern)].some((match) => (match[1] ?? "") in known);
}

/** A text with placeholders as a value of the definition: a bare one is what it stands for, a mixture is joined. */
export function valueOf(text: string, known: Placeholders): Json {
  const parts: Json[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    const value = known[match[1] ?? ""];
    if (value === undefined) continue;
    if (match.index > at) parts.push({ type: "literal", value: text.slice(at, match.index) });
    parts.push(value);
    at = match.index + match[0].length;
  }
  if (parts.length === 0) return text;
  if (at < text.length) parts.push({ type: "literal", value: text.slice(at) });
  return parts.length === 1 ? (parts[0] as Json) : { type: "concat", arguments: parts };
}

/** A path as a definition has it: text as it stands, or segments of which some are computed. */
export function pathOf(text: string, known: Placeholders): Json {
  if (!hasPlaceholder(text, known)) return text;
  const segments = text.replace(/^\/+/, "").split("/");
  return segments.map((segment) => valueOf(segment, known));
}

/** A JSON body in which texts with placeholders are computed. `bare` are those that stand alone, and then need be no text. */
export function bodyOf(value: Json, known: Placeholders, bare: Placeholders = known): Json {
  if (typeof value === "string") {
    const alone = /^\{(\w+)\}$/.exec(value)?.[1];
    const computed = (alone === undefined ? undefined : bare[alone]) ?? valueOf(value, known);
    return typeof computed === "string" ? computed : { $value: computed };
  }
  if (Array.isArray(value)) return value.map((each) => bodyOf(each, known, bare));
  if (value !== null && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, bodyOf(each, known, bare)]));
  return value;
}

export function object(value: Json | undefined): JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
}

export function word(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** JSON in which the order of keys says nothing. */
export const sorted = (value: Json): string => JSON.stringify(value, (_, each: Json) => (each !== null && typeof each === "object" && !Array.isArray(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => a.localeCompare(b))) : each));

/** A value of the definition as people write it. Empty where it is of another kind. */
export function textOf(value: Json | undefined, known: Placeholders): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  const name = Object.keys(known).find((each) => sorted(known[each] ?? null) === sorted(value));
  if (name) return `{${name}}`;
  const { type, value: literal, arguments: parts } = object(value);
  if (type === "literal") return word(literal);
  return type === "concat" && Array.isArray(parts) ? parts.map((part) => textOf(part, known)).join("") : "";
}

/** A path of a definition as people write it. */
export function pathText(value: Json | undefined, known: Placeholders): string {
  return Array.isArray(value) ? `/${value.map((segment) => textOf(segment, known)).join("/")}` : word(value);
}

/** A body of a definition as people write it. */
export function contentOf(value: Json, known: Placeholders, bare: Placeholders = known): Json {
  if (Array.isArray(value)) return value.map((each) => contentOf(each, known, bare));
  if (value === null || typeof value !== "object") return value;
  const keys = Object.keys(value);
  if (keys.length === 1 && keys[0] === "$value") return textOf(value.$value, bare) || textOf(value.$value, known);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, contentOf(each as Json, known, bare)]));
}

/** A request as people fill it in. */
export type HttpRequest = { method: "GET" | "POST"; path: string; query: [name: string, value: string][]; headers: [name: string, value: string][]; body: string };

/** A request of which nothing is filled in yet. */
export const noRequest: HttpRequest = { method: "GET", path: "", query: [], headers: [], body: "" };

/** What is wrong with a request, by field. */
export function requestProblems(request: HttpRequest, known: Placeholders): { path?: string; body?: string } {
  const problems: { path?: string; body?: string } = {};
  if (!request.path.startsWith("/")) problems.path = "It begins with / and follows the base address";
  else if (request.path.includes("?") && hasPlaceholder(request.path, known)) problems.path = "What follows the ? belongs to the query parameters";
  if (request.method === "POST" && request.body.trim()) {
    try {
      JSON.parse(request.body);
    } catch {
      problems.body = "This is not JSON";
    }
  }
  return problems;
}

/** The request of a definition. */
export function requestOf(given: HttpRequest, known: Placeholders, bare: Placeholders = known): JsonObject {
  const request: JsonObject = { method: given.method, path: pathOf(given.path, known) };
  const filled = (pairs: readonly [string, string][]): JsonObject | null => {
    const named = pairs.filter(([name]) => name.trim());
    return named.length > 0 ? Object.fromEntries(named.map(([name, value]) => [name.trim(), valueOf(value, known)])) : null;
  };
  const [query, headers] = [filled(given.query), filled(given.headers)];
  if (query) request.query = query;
  if (headers) request.headers = headers;
  if (given.method === "POST" && given.body.trim()) request.body = { type: "json", content: bodyOf(JSON.parse(given.body) as Json, known, bare) };
  return request;
}

/** A request of a definition as people fill it in. What it cannot hold is lost: compare. */
export function requestFrom(document: JsonObject, known: Placeholders, bare: Placeholders = known): HttpRequest {
  const pairs = (value: Json | undefined): [string, string][] => Object.entries(object(value)).map(([name, each]) => [name, textOf(each as Json, known)]);
  const body = object(document.body);
  return {
    method: document.method === "POST" ? "POST" : "GET",
    path: pathText(document.path, known),
    query: pairs(document.query),
    headers: pairs(document.headers),
    body: body.content === undefined ? "" : JSON.stringify(contentOf(body.content, known, bare), null, 2),
  };
}
