/** A poll of any JSON API, as people fill it in, and the document that it becomes. Pure. */
import type { JsonObject } from "~/generated/api";

import { type HttpPaging, noPaging, pagingFrom, pagingOf, pagingProblems } from "./httpPaging";
import { type HttpRequest, noRequest, object, type Placeholders, requestFrom, requestOf, requestProblems, sorted, variable, word } from "./httpRequest";

export type SinceKind = "none" | "server" | "engine";

export type HttpPoll = HttpRequest &
  HttpPaging & {
    records: string;
    /** Whether the answer may leave the records out where there are none. */
    absent: boolean;
    since: SinceKind;
    sinceField: string;
    /** How the API writes times: a format of the definition, ISO 8601 where empty. */
    sinceFormat: string;
    key: string;
  };

export const emptyPoll: HttpPoll = {
  ...noRequest,
  ...noPaging,
  records: "",
  absent: false,
  since: "none",
  sinceField: "",
  sinceFormat: "",
  key: "id",
};

/** What may stand in braces in what pages ask for. */
export const pagePlaceholders: Placeholders = { page: variable("page.number"), offset: variable("page.offset"), cursor: variable("page.cursor"), size: variable("page.size") };

/** What may stand in braces in a poll. */
export const pollPlaceholders: Placeholders = { since: variable("since"), until: variable("until"), ...pagePlaceholders };

/** What is wrong, by field. */
export function pollProblems(poll: HttpPoll): { [field in keyof HttpPoll]?: string } {
  const problems: { [field in keyof HttpPoll]?: string } = { ...requestProblems(poll, pollPlaceholders), ...pagingProblems(poll) };
  if (poll.since !== "none" && !poll.sinceField.trim()) problems.sinceField = "This is needed";
  if (!poll.key.trim()) problems.key = "This is needed: without it, changes cannot be told from new records";
  return problems;
}

/** The settings of a source that polls so. */
export function pollSettings(poll: HttpPoll, title: string, model: string): JsonObject {
  const list: JsonObject = { request: requestOf(poll, pollPlaceholders) };
  if (poll.records.trim()) list.records = poll.records.trim();
  if (poll.absent) list.records_may_be_absent = true;
  const paging = pagingOf(poll);
  if (paging) list.paging = paging;

  const document: JsonObject = { title, model, list };
  if (poll.since !== "none") {
    const format = poll.sinceFormat ? { format: poll.sinceFormat } : null;
    document.incremental = { type: poll.since, field: poll.sinceField.trim(), ...(format ? { reads: format } : {}) };
  }
  return { poll: document, key: poll.key.trim() };
}

/** The form of a source that polls so. Null where its document says what the form cannot. */
export function pollOf(settings: JsonObject): HttpPoll | null {
  const document = object(settings.poll);
  const list = object(document.list);
  const incremental = object(document.incremental);
  const poll: HttpPoll = {
    ...requestFrom(object(list.request), pollPlaceholders),
    ...pagingFrom(object(list.paging)),
    records: word(list.records),
    absent: list.records_may_be_absent === true,
    since: (word(incremental.type) || "none") as SinceKind,
    sinceField: word(incremental.field),
    sinceFormat: word(object(incremental.reads).format),
    key: word(settings.key),
  };
  try {
    // What the form cannot hold would be lost by saving it.
    const again = pollSettings(poll, word(document.title), word(document.model));
    return sorted(again.poll ?? null) === sorted(document) ? poll : null;
  } catch {
    return null;
  }
}
