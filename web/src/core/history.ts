/** Undo and redo of everything. Edits that belong together, such as the letters of a word, are one step. */
import { type Edit, all, apply } from "./edit";
import type { Json } from "./json";

interface Step {
  readonly label: string;
  readonly edit: Edit;
  readonly inverse: Edit;
  /** Edits with the same key that follow each other in time are one step. */
  readonly key: string | undefined;
  readonly time: number;
}

export interface History {
  readonly past: readonly Step[];
  readonly future: readonly Step[];
}

export const EMPTY: History = { past: [], future: [] };

/** Steps that are kept: older ones can no longer be taken back. */
export const LONGEST = 500;

/** Edits with the same key at most so long after each other are one step. */
export const TOGETHER_MS = 900;

export interface Change {
  readonly label: string;
  readonly edit: Edit;
  readonly key?: string | undefined;
}

export interface Moved {
  readonly document: Json;
  readonly history: History;
  readonly label: string;
}

export function perform(document: Json, history: History, change: Change, now: number): Moved {
  const { document: after, inverse } = apply(document, change.edit);
  const last = history.past.at(-1);
  const joins = last !== undefined && change.key !== undefined && last.key === change.key && now - last.time <= TOGETHER_MS && history.future.length === 0;
  const step: Step = joins
    ? { label: last.label, edit: all([last.edit, change.edit]), inverse: all([inverse, last.inverse]), key: change.key, time: now }
    : { label: change.label, edit: change.edit, inverse, key: change.key, time: now };
  const past = [...(joins ? history.past.slice(0, -1) : history.past), step].slice(-LONGEST);
  return { document: after, history: { past, future: [] }, label: step.label };
}

export function undo(document: Json, history: History): Moved | undefined {
  const step = history.past.at(-1);
  if (step === undefined) return undefined;
  return {
    document: apply(document, step.inverse).document,
    history: { past: history.past.slice(0, -1), future: [step, ...history.future] },
    label: step.label,
  };
}

export function redo(document: Json, history: History): Moved | undefined {
  const [step, ...future] = history.future;
  if (step === undefined) return undefined;
  return {
    document: apply(document, step.edit).document,
    history: { past: [...history.past, { ...step, key: undefined }], future },
    label: step.label,
  };
}
