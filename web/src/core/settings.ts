/** Forms that are drawn from a list of fields: what is shown, what is wrong, and what is sent. Pure. */
import type { Field, Json, JsonObject } from "~/generated/api";

export type Values = { [name: string]: Json | undefined };

/** Whether what was chosen so far is what something depends on. */
export function holds(when: { field: string; equals: string[] } | null | undefined, fields: readonly Field[], values: Values): boolean {
  if (!when) return true;
  const other = fields.find((each) => each.name === when.field);
  return when.equals.includes(String(values[when.field] ?? other?.default ?? null));
}

/** The fields that the values given so far call for. */
export function visibleFields(fields: readonly Field[], values: Values): Field[] {
  return fields.filter((field) => holds(field.when, fields, values));
}

/** The fields with what stands in them at first. */
export function initialValues(fields: readonly Field[], known: JsonObject = {}): Values {
  return Object.fromEntries(fields.map((field) => [field.name, known[field.name] ?? field.default ?? undefined]));
}

/** Whether people write JSON into it where nothing better is known. */
export function isWrittenAsJson(field: Field): boolean {
  return field.type === "json" || field.type === "poll" || field.type === "enrichments";
}

function isEmpty(value: Json | undefined): boolean {
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

/** What is wrong, by field. `keep` names secrets that are stored already and may be left empty. */
export function problemsOf(fields: readonly Field[], values: Values, keep: ReadonlySet<string> = new Set()): { [name: string]: string } {
  const problems: { [name: string]: string } = {};
  for (const field of visibleFields(fields, values)) {
    const value = values[field.name];
    if (isEmpty(value)) {
      if (field.required && !keep.has(field.name)) problems[field.name] = "This is needed";
      continue;
    }
    const text = String(value);
    if (field.type === "url" && !isUrl(text)) problems[field.name] = "This is not a web address; it begins with https://";
    else if (field.type === "number" && !/^-?\d+(\.\d+)?$/.test(text)) problems[field.name] = "This is not a number";
    else if (field.type === "duration" && durationSeconds(text) === null) problems[field.name] = "A duration is written like 30 s, 5 min, 2 h or 1 d";
    else if (isWrittenAsJson(field) && typeof value === "string" && !isJson(value)) problems[field.name] = "This is not JSON";
    else if (field.pattern && typeof value === "string" && !fits(field.pattern, value)) problems[field.name] = field.help ?? `This does not fit ${field.pattern}`;
  }
  return problems;
}

function isUrl(text: string): boolean {
  try {
    return ["http:", "https:"].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function fits(pattern: string, text: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, "u").test(text);
  } catch {
    // The server knows another dialect; it has the last word anyway.
    return true;
  }
}

const units: { [unit: string]: number } = { s: 1, sec: 1, m: 60, min: 60, h: 3600, d: 86_400 };

/** "5 min" → 300; plain digits are seconds. */
export function durationSeconds(text: string): number | null {
  const match = /^\s*(\d+)\s*([a-z]*)\s*$/.exec(text);
  if (!match) return null;
  const unit = match[2] ? units[match[2]] : 1;
  return unit === undefined ? null : Number(match[1]) * unit;
}

/** 300 → "5 min", in the largest unit that leaves no rest. */
export function durationText(seconds: number): string {
  for (const [unit, size] of [
    ["d", 86_400],
    ["h", 3600],
    ["min", 60],
  ] as const) {
    if (seconds >= size && seconds % size === 0) return `${seconds / size} ${unit}`;
  }
  return `${seconds} s`;
}

/** What to send: settings and secrets apart; what is not shown or empty is left out. */
export function partsOf(fields: readonly Field[], values: Values): { settings: JsonObject; secrets: JsonObject } {
  const settings: JsonObject = {};
  const secrets: JsonObject = {};
  for (const field of visibleFields(fields, values)) {
    const value = values[field.name];
    if (value === undefined || isEmpty(value)) continue;
    if (field.type === "secret") secrets[field.name] = value;
    else if (field.type === "number" && typeof value === "string") settings[field.name] = Number(value);
    else if (isWrittenAsJson(field) && typeof value === "string") settings[field.name] = JSON.parse(value) as Json;
    else if (field.type === "duration" && typeof value === "string") settings[field.name] = durationSeconds(value) ?? value;
    else settings[field.name] = value;
  }
  return { settings, secrets };
}

/** The choices of an enum. */
export function optionsOf(field: Field): { value: string; label: string; hint?: string }[] {
  return (field.options ?? []).map((option) => ({ value: option.value, label: option.title, hint: option.help ?? undefined }));
}
