/** A poll of any JSON API, as people fill it in, and the document that it becomes. Pure. */
import type { Json, JsonObject } from "~/generated/api";

export type PagingKind = "none" | "page" | "offset" | "cursor" | "next_url" | "link_header" | "last_record";
export type SinceKind = "none" | "server" | "engine";

export type HttpPoll = {
  method: "GET" | "POST";
  path: string;
  query: [name: string, value: string][];
  headers: [name: string, value: string][];
  body: string;
  records: string;
  paging: PagingKind;
  /** The path of the cursor, of the next URL, or of the last record's field. */
  pagingPath: string;
  size: string;
  since: SinceKind;
  sinceField: string;
  /** How the API writes times: a format of the definition, ISO 8601 where empty. */
  sinceFormat: string;
  key: string;
};

export const emptyPoll: HttpPoll = {
  method: "GET",
  path: "",
  query: [],
  headers: [],
  body: "",
  records: "",
  paging: "none",
  pagingPath: "",
  size: "100",
  since: "none",
  sinceField: "",
  sinceFormat: "",
  key: "id",
};

/** What may stand in braces in a parameter or a body, and what it stands for. */
export const placeholders: { [name: string]: string } = {
  since: "since",
  until: "until",
  page: "page.number",
  offset: "page.offset",
  cursor: "page.cursor",
  size: "page.size",
};

const pattern = /\{(\w+)\}/g;

/** A text with placeholders as a value of the definition: a bare one is a variable, a mixture is joined. */
export function valueOf(text: string): Json {
  const parts: Json[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    const name = placeholders[match[1] ?? ""];
    if (!name) continue;
    if (match.index > at) parts.push({ type: "literal", value: text.slice(at, match.index) });
    parts.push({ type: "var", var: name });
    at = match.index + match[0].length;
  }
  if (parts.length === 0) return text;
  if (at < text.length) parts.push({ type: "literal", value: text.slice(at) });
  return parts.length === 1 ? (parts[0] as Json) : { type: "concat", arguments: parts };
}

/** A JSON body in which texts with placeholders are computed. */
function bodyOf(value: Json): Json {
  if (typeof value === "string") {
    const computed = valueOf(value);
    return typeof computed === "string" ? computed : { $value: computed };
  }
  if (Array.isArray(value)) return value.map(bodyOf);
  if (value !== null && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, bodyOf(each)]));
  return value;
}

/** What is wrong, by field. */
export function pollProblems(poll: HttpPoll): { [field in keyof HttpPoll]?: string } {
  const problems: { [field in keyof HttpPoll]?: string } = {};
  if (!poll.path.startsWith("/")) problems.path = "It begins with / and follows the base address";
  if (["cursor", "next_url", "last_record"].includes(poll.paging) && !poll.pagingPath.trim()) problems.pagingPath = "This is needed";
  if (["page", "offset", "last_record"].includes(poll.paging) && !/^[1-9]\d{0,4}$/.test(poll.size)) problems.size = "A number from 1 to 10000";
  if (poll.since !== "none" && !poll.sinceField.trim()) problems.sinceField = "This is needed";
  if (!poll.key.trim()) problems.key = "This is needed: without it, changes cannot be told from new records";
  if (poll.method === "POST" && poll.body.trim()) {
    try {
      JSON.parse(poll.body);
    } catch {
      problems.body = "This is not JSON";
    }
  }
  return problems;
}

/** The settings of a source that polls so. */
export function pollSettings(poll: HttpPoll, title: string, model: string): JsonObject {
  const request: JsonObject = { method: poll.method, path: poll.path };
  const filled = (pairs: readonly [string, string][]): JsonObject | null => {
    const given = pairs.filter(([name]) => name.trim());
    return given.length > 0 ? Object.fromEntries(given.map(([name, value]) => [name.trim(), valueOf(value)])) : null;
  };
  const [query, headers] = [filled(poll.query), filled(poll.headers)];
  if (query) request.query = query;
  if (headers) request.headers = headers;
  if (poll.method === "POST" && poll.body.trim()) request.body = { type: "json", content: bodyOf(JSON.parse(poll.body) as Json) };

  const list: JsonObject = { request };
  if (poll.records.trim()) list.records = poll.records.trim();
  const paging = pagingOf(poll);
  if (paging) list.paging = paging;

  const document: JsonObject = { title, model, list };
  if (poll.since !== "none") {
    const format = poll.sinceFormat ? { format: poll.sinceFormat } : null;
    document.incremental = { type: poll.since, field: poll.sinceField.trim(), ...(format ? { reads: format } : {}) };
  }
  return { poll: document, key: poll.key.trim() };
}

function pagingOf(poll: HttpPoll): JsonObject | null {
  const size = Number(poll.size) || undefined;
  const path = poll.pagingPath.trim();
  switch (poll.paging) {
    case "none":
      return null;
    case "page":
    case "offset":
      return { type: poll.paging, size: size ?? 100 };
    case "cursor":
      return { type: "cursor", cursor: path, ...(size ? { size } : {}) };
    case "next_url":
      return { type: "next_url", url: path, ...(size ? { size } : {}) };
    case "link_header":
      return { type: "link_header", ...(size ? { size } : {}) };
    case "last_record":
      return { type: "last_record", field: path, size: size ?? 100 };
  }
}

function object(value: Json | undefined): JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
}

function word(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** A value of the definition as people write it. Empty where it is of another kind. */
function textOf(value: Json | undefined): string {
  if (typeof value === "string") return value;
  const { type, var: variable, value: literal, arguments: parts } = object(value);
  if (type === "var") {
    const name = Object.keys(placeholders).find((each) => placeholders[each] === variable);
    return name ? `{${name}}` : "";
  }
  if (type === "literal") return word(literal);
  return type === "concat" && Array.isArray(parts) ? parts.map(textOf).join("") : "";
}

function contentOf(value: Json): Json {
  if (Array.isArray(value)) return value.map(contentOf);
  if (value === null || typeof value !== "object") return value;
  const keys = Object.keys(value);
  if (keys.length === 1 && keys[0] === "$value") return textOf(value.$value);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, contentOf(each as Json)]));
}

const key = (value: Json): string => JSON.stringify(value, (_, each: Json) => (each !== null && typeof each === "object" && !Array.isArray(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => a.localeCompare(b))) : each));

/** The form of a source that polls so. Null where its document says what the form cannot. */
export function pollOf(settings: JsonObject): HttpPoll | null {
  const document = object(settings.poll);
  const list = object(document.list);
  const request = object(list.request);
  const paging = object(list.paging);
  const incremental = object(document.incremental);
  const pairs = (value: Json | undefined): [string, string][] => Object.entries(object(value)).map(([name, each]) => [name, textOf(each)]);
  const body = object(request.body);
  const kind = word(paging.type) as PagingKind;
  const poll: HttpPoll = {
    method: request.method === "POST" ? "POST" : "GET",
    path: word(request.path),
    query: pairs(request.query),
    headers: pairs(request.headers),
    body: body.content === undefined ? "" : JSON.stringify(contentOf(body.content), null, 2),
    records: word(list.records),
    paging: kind || "none",
    pagingPath: word(paging.cursor) || word(paging.url) || word(paging.field),
    size: typeof paging.size === "number" ? String(paging.size) : kind ? "" : emptyPoll.size,
    since: (word(incremental.type) || "none") as SinceKind,
    sinceField: word(incremental.field),
    sinceFormat: word(object(incremental.reads).format),
    key: word(settings.key),
  };
  try {
    // What the form cannot hold would be lost by saving it.
    const again = pollSettings(poll, word(document.title), word(document.model));
    return key(again.poll ?? null) === key(document) ? poll : null;
  } catch {
    return null;
  }
}
