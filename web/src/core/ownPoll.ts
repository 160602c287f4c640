/** A source that people define themselves: what it asks for, what is fetched to go with its records, and what tries have taught of the fields. Pure. */
import type { Json, JsonObject } from "~/generated/api";

import { enrichmentProblems, enrichmentsDocument, enrichmentsOf, type HttpEnrichment } from "./httpEnrichment";
import { emptyPoll, type HttpPoll, pollOf, pollProblems, pollSettings } from "./httpPoll";

export type OwnPoll = {
  poll: HttpPoll;
  /** Null where they say what the form cannot: they then stay as they are. */
  enrichments: HttpEnrichment[] | null;
  /** What tries have learnt of the fields of models, by the name of each. */
  shapes: { [model: string]: Json };
};

export const emptyOwnPoll: OwnPoll = { poll: emptyPoll, enrichments: [], shapes: {} };

/** Whether there is nothing wrong with it. */
export function isSound(own: OwnPoll): boolean {
  const all = own.enrichments ?? [];
  return Object.keys(pollProblems(own.poll)).length === 0 && all.every((each) => Object.keys(enrichmentProblems(each, all)).length === 0);
}

/** The settings of the source; `stored` are those that it has. */
export function ownSettings(own: OwnPoll, title: string, model: string, stored: JsonObject = {}): JsonObject {
  const settings = pollSettings(own.poll, title, model);
  if (own.enrichments === null) return stored.enrichments === undefined ? settings : { ...settings, enrichments: stored.enrichments };
  return own.enrichments.length > 0 ? { ...settings, enrichments: enrichmentsDocument(own.enrichments) } : settings;
}

/** The form of a source that is there. Null where its poll says what the form cannot. */
export function ownPollOf(settings: JsonObject): OwnPoll | null {
  const poll = pollOf(settings);
  return poll && { poll, enrichments: enrichmentsOf(settings), shapes: {} };
}
