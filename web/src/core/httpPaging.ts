/** How the pages of an answer follow each other, as people fill it in. Pure. */
import type { JsonObject } from "~/generated/api";

import { word } from "./httpRequest";

export type PagingKind = "none" | "page" | "offset" | "cursor" | "next_url" | "link_header" | "last_record";

export type HttpPaging = {
  paging: PagingKind;
  /** The path of the cursor, of the next URL, or of the last record's field. */
  pagingPath: string;
  size: string;
};

export const noPaging: HttpPaging = { paging: "none", pagingPath: "", size: "100" };

/** What is wrong, by field. */
export function pagingProblems(given: HttpPaging): { pagingPath?: string; size?: string } {
  const problems: { pagingPath?: string; size?: string } = {};
  if (["cursor", "next_url", "last_record"].includes(given.paging) && !given.pagingPath.trim()) problems.pagingPath = "This is needed";
  if (["page", "offset", "last_record"].includes(given.paging) && !/^[1-9]\d{0,4}$/.test(given.size)) problems.size = "A number from 1 to 10000";
  return problems;
}

/** The paging of a definition. */
export function pagingOf(given: HttpPaging): JsonObject | null {
  const size = Number(given.size) || undefined;
  const path = given.pagingPath.trim();
  switch (given.paging) {
    case "none":
      return null;
    case "page":
    case "offset":
      return { type: given.paging, size: size ?? 100 };
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

/** The paging of a definition as people fill it in. */
export function pagingFrom(paging: JsonObject): HttpPaging {
  const kind = word(paging.type) as PagingKind;
  return {
    paging: kind || "none",
    pagingPath: word(paging.cursor) || word(paging.url) || word(paging.field),
    size: typeof paging.size === "number" ? String(paging.size) : kind ? "" : noPaging.size,
  };
}
