/** What the editor asks the server. Specs travel as text, so that their numbers keep every digit. */
import { exchange } from "~/api/client";
import type { Diagnostic } from "~/core/problems";
import { type Json, type JsonObject, at, isList, isObject, parseJson, parseShown, printShared } from "~/core/json";
import type { ScopeEntry, Type } from "~/core/scope";
import type { TraceMessage, TraceTree } from "~/core/trace";
import type { Execution } from "~/generated/api";

export type SavedSpec = {
  spec: Json;
  version: number;
  author: string | null;
  at: string | null;
  note: string | null;
  etag: string | null;
};

export async function loadSpec(processor: string, version?: number): Promise<SavedSpec> {
  const { text, etag } = await exchange("GET", `/processors/${processor}/spec`, { query: { version } });
  return saved(text, etag);
}

function saved(text: string, etag: string | null): SavedSpec {
  const answer = parseJson(text);
  if (!isObject(answer)) throw new Error("the server's answer holds no spec");
  const word = (key: string): string | null => (typeof answer[key] === "string" ? answer[key] : null);
  return { spec: answer.spec ?? null, version: Number(String(answer.version ?? 0)), author: word("author"), at: word("at"), note: word("note"), etag };
}

export type PresetOffer = {
  /** Its name in the provider type. */
  readonly preset: string;
  readonly type: string;
  /** What tells this one from others, for the save that takes it over. */
  readonly revision: string;
  /** What it was when it was last taken over. */
  readonly base: Json;
  /** What it is now. */
  readonly latest: Json;
  /** The values of constants that follow it. */
  readonly constants: readonly { readonly source: string; readonly name: string; readonly from: Json; readonly to: Json }[];
};

/** The newer preset of a processor; nothing where there is none that can be merged. */
export async function loadPreset(processor: string): Promise<PresetOffer | undefined> {
  const { text } = await exchange("GET", `/processors/${processor}/preset`);
  const answer = parseJson(text);
  if (!isObject(answer) || answer.newer !== true || answer.other_model !== null) return undefined;
  const { preset, type, revision, base, latest, constants } = answer;
  if (typeof preset !== "string" || typeof type !== "string" || typeof revision !== "string" || base === undefined || latest === undefined || latest === null) return undefined;
  const changes = (Array.isArray(constants) ? constants : []).filter(isObject).map((change) => ({
    source: isObject(change.source) ? String(change.source.name) : "",
    name: String(change.name),
    from: change.from ?? null,
    to: change.to ?? null,
  }));
  return { preset, type, revision, base, latest, constants: changes };
}

export async function saveSpec(processor: string, etag: string, document: Json, note: string, preset?: string): Promise<SavedSpec> {
  const more = [note === "" ? "" : `,"note":${JSON.stringify(note)}`, preset === undefined ? "" : `,"preset_revision":${JSON.stringify(preset)}`];
  const body = `{"spec":${printShared(document)}${more.join("")}}`;
  const { text, etag: newer } = await exchange("PUT", `/processors/${processor}/spec`, { body, ifMatch: etag });
  return saved(text, newer);
}

export type CheckAnswer = {
  diagnostics: readonly Diagnostic[];
  types: { readonly [pointer: string]: Type };
  scopes: { readonly [pointer: string]: readonly ScopeEntry[] };
};

/** Checks a draft; types and scopes come for the instructions at these pointers. */
export async function check(document: Json, at: readonly string[], signal: AbortSignal): Promise<CheckAnswer> {
  const body = `{"spec":${printShared(document)},"scopes_at":${JSON.stringify(at)}}`;
  const { text } = await exchange("POST", "/check", { body, signal, aside: true });
  return parseShown(text) as unknown as CheckAnswer;
}

export type Effect = {
  readonly operation: string;
  readonly instruction: string;
  readonly external_id?: string;
  /** What it writes to: a kind of record or of identity. */
  readonly kind?: string;
  readonly outcome?: {
    readonly verdict: string;
    /** What was touched: a field where one was updated, else that the row was created or taken away. */
    readonly changed?: readonly { readonly change: string; readonly field?: string; readonly from?: Json; readonly to?: Json }[];
    readonly kept?: readonly string[];
  };
  readonly [field: string]: unknown;
};

export type Difference = {
  /** The instruction that writes otherwise; null where the record itself differs. */
  readonly instruction: string | null;
  readonly external_id: string | null;
  readonly pointer: string;
  readonly from: Json;
  readonly to: Json;
};

/** An attempt at an execution: how it stands (no id), or what it came to before it was made to run again. */
export type Attempt = {
  readonly id: string | null;
  readonly at: string;
  readonly status: string;
  readonly version: number;
  readonly message: string | null;
  readonly asked: { readonly at: string; readonly by: string; readonly same_version: boolean; readonly fresh: boolean } | null;
};

export type Trace = {
  readonly execution: Execution | null;
  readonly verified: "yes" | "differs" | "payload_gone" | "erased" | "not_evaluated" | null;
  readonly erased_at?: string | null;
  readonly verified_detail?: string | null;
  readonly spec: Json;
  readonly version: number;
  readonly record: Json;
  readonly enrichments?: Json;
  readonly masked?: readonly string[];
  readonly constants?: JsonObject;
  readonly messages: readonly TraceMessage[];
  readonly effects: readonly Effect[];
  readonly tree: TraceTree;
  /** With the related data as it is now: what differs from what it comes to with the recorded. */
  readonly differences?: readonly Difference[];
  /** Every attempt, newest first; a draft that is tried has none. */
  readonly attempts?: readonly Attempt[];
  readonly previous: string | null;
  readonly next: string | null;
};

/** The related data of a record: as it was recorded, or fetched again. */
export type Enrichments = "recorded" | "fresh";

/** Runs a draft over a record, without writing anything. */
export async function tryOut(
  document: Json,
  record: { id: string } | { value: Json },
  { signal, enrichments }: { signal?: AbortSignal; enrichments?: Enrichments } = {},
): Promise<Trace> {
  const picked = "id" in record ? `{"id":${JSON.stringify(record.id)}}` : `{"value":${printShared(record.value)}}`;
  const body = `{"spec":${printShared(document)},"record":${picked}${enrichments === undefined ? "" : `,"enrichments":"${enrichments}"`}}`;
  const { text } = await exchange("POST", "/test", { body, signal, aside: true });
  return parseShown(text) as unknown as Trace;
}

export async function loadTrace(execution: string, query: { reveal?: string; enrichments?: Enrichments; attempt?: string }, signal?: AbortSignal): Promise<Trace> {
  const { text } = await exchange("GET", `/executions/${execution}/trace`, { query, signal });
  const shown = parseShown(text) as unknown as Omit<Trace, "tree"> & { tree: Trace["tree"] | null };
  // Where the record is gone, nothing can be worked out: the spec is shown as it stands.
  return { ...shown, tree: shown.tree ?? { status: shown.execution?.status ?? "", instructions: [] } };
}

/** Whether a spec asks for related data. */
export function isEnriched(spec: Json): boolean {
  const enrichments = at(spec, ["enrichments"]);
  return isList(enrichments) && enrichments.length > 0;
}
