/** Related data that is fetched to go with each record, as people fill it in, and the document that it becomes. Pure. */
import type { Json, JsonObject } from "~/generated/api";

import { type HttpPaging, noPaging, pagingFrom, pagingOf, pagingProblems } from "./httpPaging";
import { pagePlaceholders } from "./httpPoll";
import { hasPlaceholder, type HttpRequest, noRequest, object, type Placeholders, requestFrom, requestOf, requestProblems, sorted, variable, word } from "./httpRequest";
import { durationSeconds, durationText } from "./settings";

/** One by its id, several by their ids at once, or a whole list that is loaded once and looked into. */
export type FetchKind = "one" | "many" | "table";
export type MissingKind = "null" | "fail" | "retry";

export type HttpEnrichment = HttpRequest &
  HttpPaging & {
    name: string;
    /** The enrichment that it hangs on; the record where empty. */
    on: string;
    /** The path, in what it hangs on, of the id that it is fetched by. */
    id: string;
    kind: FetchKind;
    /** Where the object stands in the answer; of many and of a list, where the list does. */
    record: string;
    /** Of many and of a list: the field that holds the id of an item. */
    key: string;
    /** Of many: how many at once. */
    batch: string;
    /** How long what was fetched serves others: `5 min`. */
    cache: string;
    missing: MissingKind;
    /** The name that people see, where it is not made of the other. */
    title: string;
  };

export const emptyEnrichment: HttpEnrichment = {
  name: "",
  on: "",
  id: "",
  kind: "one",
  ...noRequest,
  ...noPaging,
  record: "",
  key: "id",
  batch: "50",
  cache: "",
  missing: "null",
  title: "",
};

/** How long what was fetched serves where nothing else is said, in seconds: as definitions have it. */
const cached: { [kind in FetchKind]: number } = { one: 300, many: 300, table: 3600 };

const id: Placeholders = { id: variable("id") };
/** In a path or a parameter, ids stand with commas between them; alone in a body, they are a list. */
const ids: Placeholders = { ids: { type: "join", list: variable("ids"), separator: { type: "literal", value: "," } } };
const known: { [kind in FetchKind]: Placeholders } = { one: id, many: ids, table: pagePlaceholders };
const bare: { [kind in FetchKind]: Placeholders } = { one: id, many: { ids: variable("ids") }, table: pagePlaceholders };

/** What may stand in braces in the request. */
export function enrichmentPlaceholders(kind: FetchKind): Placeholders {
  return known[kind];
}

type Problems = { [field in keyof HttpEnrichment]?: string };

const word_like = /^[a-z][a-z0-9_]{0,39}$/;

/** What is wrong with one of several, by field. */
export function enrichmentProblems(given: HttpEnrichment, all: readonly HttpEnrichment[]): Problems {
  const problems: Problems = { ...requestProblems(given, known[given.kind]) };
  if (!word_like.test(given.name)) problems.name = "Lower-case letters, digits and underscores, beginning with a letter";
  else if (all.some((other) => other !== given && other.name === given.name)) problems.name = "Another enrichment is called that";
  if (given.on && !possibleParents(given, all).includes(given.on)) problems.on = "Something else has to carry it";
  if (!given.id.trim()) problems.id = "This is needed: the field that holds the id";
  const asks = given.kind === "one" ? "{id}" : "{ids}";
  const whole = [given.path, given.body, ...given.query.map(([, value]) => value), ...given.headers.map(([, value]) => value)].join(" ");
  if (given.kind !== "table" && !problems.path && !hasPlaceholder(whole, known[given.kind])) problems.path = `Say with ${asks} where the request names what it wants`;
  if (given.kind === "many" && !given.record.trim()) problems.record = "This is needed: where the list stands";
  if (given.kind !== "one" && !given.key.trim()) problems.key = "This is needed: by it, each is found again";
  if (given.kind === "many" && !/^[1-9]\d{0,2}$|^1000$/.test(given.batch)) problems.batch = "A number from 1 to 1000";
  if (given.kind === "table") Object.assign(problems, pagingProblems(given));
  if (given.cache.trim() && durationSeconds(given.cache) === null) problems.cache = "A duration is written like 30 s, 5 min, 2 h or 1 d";
  return problems;
}

/** What an enrichment can hang on besides the record: those that do not hang on it themselves. */
export function possibleParents(given: HttpEnrichment, all: readonly HttpEnrichment[]): string[] {
  const others = all.filter((other) => other !== given && other.name !== "" && other.name !== given.name);
  const hangsOnIt = (other: HttpEnrichment, steps = 0): boolean => other.on === given.name || (other.on !== "" && steps <= all.length && others.some((parent) => parent.name === other.on && hangsOnIt(parent, steps + 1)));
  return others.filter((other) => given.name === "" || !hangsOnIt(other)).map((other) => other.name);
}

/** What an enrichment does, in a line. */
export function enrichmentSummary(given: HttpEnrichment): string {
  return `by ${given.on ? `${given.on}.` : ""}${given.id || "…"} · ${given.method} ${given.path || "…"}`;
}

function fetchOf(given: HttpEnrichment): JsonObject {
  const request = requestOf(given, known[given.kind], bare[given.kind]);
  const seconds = given.cache.trim() ? durationSeconds(given.cache) : null;
  const common: JsonObject = {
    ...(given.title ? { title: given.title } : {}),
    ...(seconds === null ? {} : { cache_seconds: seconds }),
    ...(given.missing === "null" ? {} : { missing: given.missing }),
  };
  const at = given.record.trim();
  if (given.kind === "table") {
    const paging = pagingOf(given);
    return { type: "table", list: { request, ...(at ? { records: at } : {}), ...(paging ? { paging } : {}) }, key: given.key.trim(), ...common };
  }
  if (given.kind === "many") return { type: "by_id", request, batch: { size: Number(given.batch), records: at, key: given.key.trim() }, ...common };
  return { type: "by_id", request, ...(at ? { record: at } : {}), ...common };
}

/** The enrichments of a source's settings. */
export function enrichmentsDocument(all: readonly HttpEnrichment[]): JsonObject {
  return Object.fromEntries(all.map((each) => [each.name, { ...(each.on ? { on: each.on } : {}), id: each.id.trim(), fetch: fetchOf(each) }]));
}

function enrichmentFrom(name: string, document: JsonObject): HttpEnrichment {
  const fetch = object(document.fetch);
  const [list, batch] = [object(fetch.list), object(fetch.batch)];
  const kind: FetchKind = fetch.type === "table" ? "table" : fetch.batch === undefined ? "one" : "many";
  return {
    ...requestFrom(object(kind === "table" ? list.request : fetch.request), known[kind], bare[kind]),
    ...(kind === "table" ? pagingFrom(object(list.paging)) : noPaging),
    name,
    on: word(document.on),
    id: word(document.id),
    kind,
    record: word(kind === "table" ? list.records : kind === "many" ? batch.records : fetch.record),
    key: word(kind === "table" ? fetch.key : batch.key) || emptyEnrichment.key,
    batch: typeof batch.size === "number" ? String(batch.size) : emptyEnrichment.batch,
    cache: typeof fetch.cache_seconds === "number" ? durationText(fetch.cache_seconds) : "",
    missing: (word(fetch.missing) || "null") as MissingKind,
    title: word(fetch.title),
  };
}

/** The form of a source's enrichments. Null where their document says what the form cannot. */
export function enrichmentsOf(settings: JsonObject): HttpEnrichment[] | null {
  const document: Json = settings.enrichments ?? {};
  const all = Object.entries(object(document)).map(([name, each]) => enrichmentFrom(name, object(each as Json)));
  try {
    return sorted(enrichmentsDocument(all)) === sorted(document) ? all : null;
  } catch {
    return null;
  }
}

/** How long what was fetched serves where nothing else is said, in words. */
export function usualCache(kind: FetchKind): string {
  return durationText(cached[kind]);
}
