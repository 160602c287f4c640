/**
 * Changes to a document as data. Applying one gives the changed document, which shares every untouched part with the one before, and
 * the change that takes it back.
 */
import { type Json, type JsonObject, type Path, at, fromPointer, isList, isObject } from "./json";

export type Edit =
  /** Puts a value at a key of an object, in the place of what is there or behind the key `after` (`null`: in front). */
  | { readonly do: "put"; readonly path: Path; readonly value: Json; readonly after?: string | null }
  /** Takes a key out of an object, or an item out of a list. */
  | { readonly do: "take"; readonly path: Path }
  /** Puts an item into a list, before the one that is at the place. */
  | { readonly do: "insert"; readonly path: Path; readonly value: Json }
  /** Several, in order. */
  | { readonly do: "all"; readonly edits: readonly Edit[] };

export interface Applied {
  readonly document: Json;
  readonly inverse: Edit;
}

export const NOTHING: Edit = { do: "all", edits: [] };

export function put(path: Path, value: Json): Edit {
  return { do: "put", path, value };
}

export function take(path: Path): Edit {
  return { do: "take", path };
}

export function insert(path: Path, value: Json): Edit {
  return { do: "insert", path, value };
}

export function all(edits: readonly Edit[]): Edit {
  return edits.length === 1 ? (edits[0] as Edit) : { do: "all", edits };
}

/** What cannot be applied: the place does not exist. */
export class NoSuchPlace extends Error {
  constructor(path: Path) {
    super(`there is no ${path.join("/") || "such place"} in the document`);
  }
}

export function apply(document: Json, edit: Edit): Applied {
  switch (edit.do) {
    case "put":
      return putAt(document, edit);
    case "take": {
      const [parent, step] = split(edit.path);
      const holder = at(document, parent);
      if (isList(holder) && typeof step === "number" && step < holder.length) {
        return {
          document: replace(document, parent, holder.toSpliced(step, 1)),
          inverse: { do: "insert", path: edit.path, value: holder[step] as Json },
        };
      }
      if (isObject(holder) && Object.hasOwn(holder, String(step))) {
        const key = String(step);
        const rest = Object.fromEntries(Object.entries(holder).filter(([name]) => name !== key));
        return {
          document: replace(document, parent, rest),
          inverse: { do: "put", path: edit.path, value: holder[key] as Json, after: before(holder, key) },
        };
      }
      throw new NoSuchPlace(edit.path);
    }
    case "insert": {
      const [parent, step] = split(edit.path);
      const list = at(document, parent);
      if (!isList(list) || typeof step !== "number" || step > list.length) throw new NoSuchPlace(edit.path);
      return {
        document: replace(document, parent, list.toSpliced(step, 0, edit.value)),
        inverse: { do: "take", path: edit.path },
      };
    }
    case "all": {
      const inverses: Edit[] = [];
      let now = document;
      for (const each of edit.edits) {
        const applied = apply(now, each);
        now = applied.document;
        inverses.push(applied.inverse);
      }
      return { document: now, inverse: { do: "all", edits: inverses.reverse() } };
    }
  }
}

function putAt(document: Json, edit: Extract<Edit, { do: "put" }>): Applied {
  if (edit.path.length === 0) return { document: edit.value, inverse: put([], document) };
  const [parent, step] = split(edit.path);
  const holder = at(document, parent);
  if (isList(holder) && typeof step === "number" && step < holder.length) {
    return { document: replace(document, parent, holder.with(step, edit.value)), inverse: put(edit.path, holder[step] as Json) };
  }
  if (!isObject(holder)) throw new NoSuchPlace(edit.path);
  const key = String(step);
  if (Object.hasOwn(holder, key)) {
    return {
      document: replace(document, parent, { ...holder, [key]: edit.value }),
      inverse: put(edit.path, holder[key] as Json),
    };
  }
  return {
    document: replace(document, parent, withKey(holder, key, edit.value, edit.after)),
    inverse: { do: "take", path: edit.path },
  };
}

function split(path: Path): [Path, string | number] {
  const step = path.at(-1);
  if (step === undefined) throw new NoSuchPlace(path);
  return [path.slice(0, -1), step];
}

/** The key in front of this one; `null` where it is the first. */
function before(holder: JsonObject, key: string): string | null {
  const keys = Object.keys(holder);
  return keys[keys.indexOf(key) - 1] ?? null;
}

function withKey(holder: JsonObject, key: string, value: Json, after: string | null | undefined): JsonObject {
  if (after === null) return { [key]: value, ...holder };
  if (after === undefined || !Object.hasOwn(holder, after)) return { ...holder, [key]: value };
  const entries: [string, Json][] = [];
  for (const [name, old] of Object.entries(holder)) {
    entries.push([name, old]);
    if (name === after) entries.push([key, value]);
  }
  return Object.fromEntries(entries);
}

/** The document with something else at a path that exists. */
function replace(document: Json, path: Path, value: Json): Json {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (isList(document) && typeof step === "number") return document.with(step, replace(document[step] as Json, rest, value));
  if (isObject(document)) return { ...document, [String(step)]: replace(document[String(step)] as Json, rest, value) };
  throw new NoSuchPlace(path);
}

/** One operation of a JSON patch (RFC 6902), as fixes hold them. */
export interface PatchOperation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: Json;
}

/** The edit that a JSON patch is, on this document. */
export function fromPatch(document: Json, patch: readonly PatchOperation[]): Edit {
  const edits: Edit[] = [];
  let now = document;
  for (const operation of patch) {
    for (const edit of editsOf(now, operation)) {
      edits.push(edit);
      now = apply(now, edit).document;
    }
  }
  return all(edits);
}

function editsOf(document: Json, operation: PatchOperation): Edit[] {
  const path = fromPointer(operation.path, document);
  const value = operation.value ?? null;
  switch (operation.op) {
    case "add": {
      const parent = at(document, path.slice(0, -1));
      if (!isList(parent)) return [put(path, value)];
      const step = path.at(-1);
      return [insert([...path.slice(0, -1), step === "-" ? parent.length : (step as string | number)], value)];
    }
    case "replace":
      return [put(path, value)];
    case "remove":
      return [take(path)];
    case "move": {
      const from = fromPointer(operation.from ?? "", document);
      const moved = at(document, from);
      if (moved === undefined) throw new NoSuchPlace(from);
      const without = apply(document, take(from)).document;
      return [take(from), ...editsOf(without, { op: "add", path: operation.path, value: moved })];
    }
    case "copy": {
      const copied = at(document, fromPointer(operation.from ?? "", document));
      if (copied === undefined) throw new NoSuchPlace(path);
      return editsOf(document, { op: "add", path: operation.path, value: copied });
    }
    default:
      throw new Error(`a fix with the operation ${operation.op} is not known`);
  }
}
