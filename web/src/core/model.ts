/** What people decide of a source model's fields, as the small declaration that lies over the inferred one. Pure. */
import type { Json, JsonObject } from "~/generated/api";

export type FieldEdit = { type?: string; may_be_empty?: boolean; personal?: string | null };

function objectAt(parent: JsonObject, key: string): JsonObject {
  const value = parent[key];
  if (value !== null && typeof value === "object" && !Array.isArray(value)) return value;
  // A bare string decides the type alone.
  return typeof value === "string" ? { type: value } : {};
}

/** The edits with one more decision about the field at a path such as `lines[].price`. Nothing that was given is changed. */
export function withEdit(edits: JsonObject, path: string, edit: FieldEdit): JsonObject {
  const steps = path.split(".").flatMap((part) => {
    const name = part.replace(/(\[\])+$/, "");
    const depth = (part.length - name.length) / 2;
    return [{ into: "fields", name }, ...Array.from({ length: depth }, () => ({ into: "items", name: "" }))];
  });
  const put = (node: JsonObject, at: number): JsonObject => {
    const step = steps[at];
    if (!step) return { ...node, ...(edit as JsonObject) };
    if (step.into === "items") return { ...node, items: put(objectAt(node, "items"), at + 1) };
    const fields = objectAt(node, "fields");
    return { ...node, fields: { ...fields, [step.name]: put(objectAt(fields, step.name), at + 1) } };
  };
  return put(edits, 0);
}

/** Whether somebody decided something about the field at a path. */
export function isEdited(edits: Json, path: string): boolean {
  let node: Json | undefined = edits;
  const into = (key: string) => {
    node = node !== null && typeof node === "object" && !Array.isArray(node) ? node[key] : undefined;
  };
  for (const part of path.split(".")) {
    const name = part.replace(/(\[\])+$/, "");
    into("fields");
    into(name);
    for (let depth = (part.length - name.length) / 2; depth > 0; depth -= 1) into("items");
  }
  if (typeof node === "string") return true;
  return node !== null && typeof node === "object" && !Array.isArray(node) && ["type", "may_be_empty", "personal"].some((key) => key in (node as JsonObject));
}

export type DeclaredField = { path: string; type: string; mayBeEmpty: boolean; personal: string | null };

function declaredAt(path: string, declared: Json | undefined): DeclaredField[] {
  if (typeof declared === "string") return [{ path, type: declared, mayBeEmpty: false, personal: null }];
  if (declared === null || typeof declared !== "object" || Array.isArray(declared)) return [];
  const { type, may_be_empty: empty, personal, items, fields } = declared;
  const word = typeof type === "string" ? type : fields !== undefined ? "object" : items !== undefined ? "array" : "any";
  const own = { path, type: word, mayBeEmpty: empty === true, personal: typeof personal === "string" ? personal : null };
  if (fields !== undefined) return [...(word === "object" ? [] : [own]), ...fieldsOf(declared, `${path}.`)];
  if (items !== undefined && items !== null && typeof items === "object") return [own, ...declaredAt(`${path}[]`, items).filter((each) => each.path !== `${path}[]`)];
  return [own];
}

/** The fields of a declaration one by one, those of objects and of the items of lists too, in their order. */
export function fieldsOf(declaration: Json | undefined, prefix = ""): DeclaredField[] {
  if (declaration === null || typeof declaration !== "object" || Array.isArray(declaration)) return [];
  const fields = declaration?.fields;
  if (fields === null || typeof fields !== "object" || Array.isArray(fields)) return [];
  return Object.entries(fields).flatMap(([name, declared]) => declaredAt(prefix + name, declared));
}
