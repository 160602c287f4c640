/** A poll of any JSON API, as people fill it in, and the document that it becomes. Pure. */
import type { Json, JsonObject } from "~/generated/api";

export type PagingKind = "none" | "page" | "offset" | "cursor" | "next_url" | "link_header" | "last_record";
export type SinceKind = "none" | "server" | "engine";

export type HttpPoll = {
  method: "GET" | "POST";
  path: string;
  query: [name: string, value: string][];
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
  const query = poll.query.filter(([name]) => name.trim());
  if (query.length > 0) request.query = Object.fromEntries(query.map(([name, value]) => [name.trim(), valueOf(value)]));
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
