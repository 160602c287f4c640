/** Drafts that survive a closed tab: kept in this browser, by processor, with the version they began from. */
import { type Json, parseJson, printShared } from "~/core/json";

export type Draft = { readonly version: number; readonly document: Json; readonly at: string };

const KEY = "salesdash.draft.";

export function readDraft(processor: string): Draft | undefined {
  try {
    const text = localStorage.getItem(KEY + processor);
    if (text === null) return undefined;
    const head = text.indexOf("\n");
    const { version, at } = JSON.parse(text.slice(0, head)) as { version: number; at: string };
    return { version, at, document: parseJson(text.slice(head + 1)) };
  } catch {
    return undefined;
  }
}

/** Keeps a draft; gives whether there was room for it. */
export function writeDraft(processor: string, version: number, document: Json): boolean {
  try {
    localStorage.setItem(KEY + processor, `${JSON.stringify({ version, at: new Date().toISOString() })}\n${printShared(document)}`);
    return true;
  } catch {
    return false;
  }
}

export function dropDraft(processor: string): void {
  localStorage.removeItem(KEY + processor);
}
