// The types of the HTTP API by the names that the application uses. They come from the generated `openapi.ts`; here stand only the ones
// that say more than the document can (an object where it says any JSON), and pages of lists.

import type { Execution, Json, Type } from "./openapi";
import type * as Wire from "./openapi";

export type * from "./openapi";

export type JsonObject = { [key: string]: Json };

/** A type with some fields known better. */
type Known<T, Better> = Omit<T, keyof Better> & Better;

export type Link = Known<Wire.Link, { constants: JsonObject }>;
export type Source = Known<Wire.Source, { settings: JsonObject; links: Link[]; interval_seconds?: number | null }>;
export type Provider = Known<Wire.Provider, { settings: JsonObject }>;
export type Model = Known<Wire.Model, { edits: JsonObject; suggested_key?: string | null; suggested_version?: string | null }>;
export type DataRecord = Wire.Record;
export type DataRecordWithHistory = Wire.RecordWithHistory;
export type Page<T> = { items: T[]; next: string | null };

export type Usage = { database_bytes: number; payload_bytes: number; tables: { name: string; bytes: number; rows: number }[] };

export type Fix = { title: string; patch: { op: "add" | "remove" | "replace" | "move" | "copy"; path: string; value?: Json; from?: string }[] };
export type Diagnostic = {
  code: string;
  severity: "error" | "warning";
  pointer: string;
  instruction?: string | null;
  text: string;
  fixes?: Fix[];
};
export type CheckAnswer = {
  diagnostics: Diagnostic[];
  types: { [pointer: string]: Type };
  scopes: { [pointer: string]: { name: string; type: Type; origin: string }[] };
};

export type Field = Known<Wire.FormField, { type: "string" | "secret" | "url" | "enum" | "boolean" | "datetime" | "list" | "number" | "duration" | "json" | "poll" | "enrichments"; group?: string }>;
export type SourceDefinition = Known<Wire.SourceType, { settings: Field[] }>;
export type PresetConstant = { name: string; type: string; default?: Json; description?: string; value?: Json };
export type PresetDefinition = Known<Wire.PresetOffer, { constants: PresetConstant[] }>;
export type ProviderType = Known<Wire.ProviderType, { settings: Field[]; sources: SourceDefinition[]; presets: PresetDefinition[] }>;
export type TestAnswer = { ok: boolean; detail: string };
export type RecordSummary = { id: string; at: string; source: string; key: string; version: string | null; summary: string };
export type HistoricRecord = { id: string; record: Json; enrichments: Json; masked: string[] };

export type SpecAnswer = { spec: JsonObject; version: number; author: string; at: string; note: string | null; diagnostics: Diagnostic[] };
export type Version = { version: number; author: string; at: string; note: string | null };
export type Coverage = {
  executions: number;
  instructions: { [id: string]: { ran: number; failed: number; skipped: number; branches?: { then: number; else: number } } };
  always_empty: string[];
};
export type Node = {
  type: string;
  label?: string;
  node: string;
  kind?: string;
  value: Json;
  masked?: boolean;
  failed?: boolean;
  arguments?: { [name: string]: Node | Node[] };
  items?: Node[];
};
export type TraceInstruction = {
  id: string;
  type: string;
  outcome: "ran" | "failed" | "disabled" | "not_reached";
  fields: { [name: string]: Node };
  branch?: string;
  then?: TraceInstruction[];
  else?: TraceInstruction[];
  iterations?: { index: number; outcome: string; instructions: TraceInstruction[] }[];
  effects?: number[];
  messages?: Diagnostic[];
  returned?: Json;
};
export type Effect = {
  operation: string;
  instruction: string;
  path: string;
  id: string;
  external_id: string;
  outcome?: { verdict: string; changed?: { field: string; from: Json; to: Json }[]; kept?: string[]; record_url?: string };
  [field: string]: unknown;
};
export type Trace = {
  execution: Execution | null;
  verified: "yes" | "differs" | "payload_gone" | "erased";
  verified_detail?: string | null;
  spec: JsonObject;
  version: number;
  diagnostics: Diagnostic[];
  record: Json;
  enrichments: Json;
  masked: string[];
  constants: JsonObject;
  timezone: string;
  messages: Diagnostic[];
  effects: Effect[];
  tree: { status: string; instructions: TraceInstruction[] };
  previous: string | null;
  next: string | null;
};

export type Problem = { type: string; title: string; status: number; code: string; detail?: string; pointer?: string; diagnostics?: Diagnostic[]; [more: string]: unknown };
