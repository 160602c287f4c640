/**
 * Which variable a reference means: what sets it, who uses it. This is the scope as far as the shape of the document tells it; types come
 * from the checker.
 */
import type { Catalog, FieldMeta } from "./catalog";
import { type Json, type JsonObject, type Path, at, isList, isObject, toPointer } from "./json";
import { ROOT, idOf, instructionsAt, isLoop, listFields, typeOf } from "./spec";

/** What sets a variable. */
export interface Binder {
  /** Where its name is written. */
  readonly path: Path;
  readonly name: string;
  readonly origin: "source_model" | "constant" | "item" | "instruction";
  /** The id of the instruction that sets it. */
  readonly instruction: string | undefined;
}

/** A place that uses a variable. */
export interface Reference {
  /** Where its path is written. */
  readonly path: Path;
  readonly text: string;
  readonly instruction: string;
  readonly binders: readonly Binder[];
}

type Environment = ReadonlyMap<string, readonly Binder[]>;

export interface Bindings {
  readonly references: readonly Reference[];
  readonly binders: readonly Binder[];
  /** What is in scope before each instruction, by its id. */
  readonly scopes: ReadonlyMap<string, Environment>;
  /** What is in scope at the very end. */
  readonly end: Environment;
}

const cache = new WeakMap<object, Bindings>();

export function bindings(document: Json, catalog: Catalog): Bindings {
  const known = typeof document === "object" && document !== null ? cache.get(document) : undefined;
  if (known !== undefined) return known;
  const references: Reference[] = [];
  const binders: Binder[] = [];
  const scopes = new Map<string, Environment>();
  const bind = (scope: Map<string, readonly Binder[]>, path: Path, name: Json | undefined, origin: Binder["origin"], instruction?: string): void => {
    if (typeof name !== "string" || name === "") return;
    const binder = { path, name, origin, instruction };
    binders.push(binder);
    scope.set(name, [binder]);
  };

  const node = (value: Json | undefined, path: Path, scope: Environment, owner: string): void => {
    if (!isObject(value)) return;
    const text = catalog.referenceOf(value);
    if (text !== undefined) {
      const head = text.split(".")[0] ?? "";
      references.push({ path: [...path, catalog.variable.key], text, instruction: owner, binders: scope.get(head) ?? [] });
      return;
    }
    fields(value, catalog.fieldsOf(value.type), path, scope, owner);
  };

  const fields = (holder: JsonObject, metas: readonly FieldMeta[], path: Path, outer: Environment, owner: string): void => {
    let scope = outer;
    for (const meta of metas) {
      const value = holder[meta.name];
      const own = [...path, meta.name];
      if (meta.kind === "expression") node(value, own, scope, owner);
      else if (meta.kind === "expressions" && isList(value)) value.forEach((item, index) => node(item, [...own, index], scope, owner));
      else if (meta.kind === "name") {
        // The item is known in what stands behind its name.
        const inner = new Map(scope);
        bind(inner, own, value, "item", owner);
        scope = inner;
      }
    }
  };

  const list = (items: readonly Json[], path: Path, outer: Environment): Environment => {
    const scope = new Map(outer);
    items.forEach((instruction, index) => {
      if (!isObject(instruction)) return;
      const own = [...path, index];
      const id = idOf(instruction);
      const meta = catalog.instruction(typeOf(instruction));
      scopes.set(id, new Map(scope));
      if (meta === undefined) return;
      fields(instruction, meta.fields, own, scope, id);
      const inner = new Map(scope);
      for (const field of meta.fields) {
        if (field.kind === "name") {
          const binder = binders.find((each) => each.path.length === own.length + 1 && toPointer(each.path) === toPointer([...own, field.name]));
          if (binder !== undefined) inner.set(binder.name, [binder]);
        }
      }
      const branches = listFields(meta).map((field) => {
        const value = instruction[field.name];
        return list(isList(value) ? value : [], [...own, field.name], inner);
      });
      if (!isLoop(meta) && branches.length > 1) {
        // What every branch sets is known behind the block.
        for (const [name, set] of branches[0] ?? []) {
          if (!scope.has(name) && branches.every((branch) => branch.has(name))) {
            scope.set(name, [...new Set([...set, ...branches.slice(1).flatMap((branch) => branch.get(name) ?? [])])]);
          }
        }
      }
      if (instruction.disabled !== true) bind(scope, [...own, "return_as"], instruction.return_as, "instruction", id);
    });
    return scope;
  };

  const top = new Map<string, readonly Binder[]>();
  bind(top, ["source_model", "var"], at(document, ["source_model", "var"]), "source_model");
  const constants = at(document, ["constants"]);
  if (isList(constants)) constants.forEach((_, index) => bind(top, ["constants", index, "name"], at(constants, [index, "name"]), "constant"));
  const end = list(instructionsAt(document, ROOT), ROOT, top);
  const result = { references, binders, scopes, end };
  if (typeof document === "object" && document !== null) cache.set(document, result);
  return result;
}

/** All places that have to change together when a variable gets another name: what sets it, and what uses it. */
export function renamed(document: Json, catalog: Catalog, path: Path): { binders: readonly Binder[]; references: readonly Reference[] } {
  const all = bindings(document, catalog);
  const pointer = toPointer(path);
  const group = new Set(all.binders.filter((binder) => toPointer(binder.path) === pointer));
  const references = new Set<Reference>();
  let grown = true;
  while (grown) {
    grown = false;
    for (const reference of all.references) {
      if (references.has(reference) || !reference.binders.some((binder) => group.has(binder))) continue;
      references.add(reference);
      for (const binder of reference.binders) group.add(binder);
      grown = true;
    }
  }
  return { binders: [...group], references: [...references] };
}

/** Every name that is used for a variable anywhere. */
export function allNames(document: Json, catalog: Catalog): Set<string> {
  return new Set(bindings(document, catalog).binders.map((binder) => binder.name));
}
