/** What the language says about its words. The forms, the palette, the cards and the texts are drawn from it: no word is known by name. */
import { type Json, type JsonObject, isObject } from "./json";

export interface FieldMeta {
  readonly name: string;
  readonly kind: "expression" | "expressions" | "literal" | "name" | "instructions";
  readonly required: boolean;
  readonly accepts?: readonly string[];
  readonly nullable?: boolean;
  readonly personal?: boolean;
  readonly choices?: readonly string[];
  readonly feature?: string;
  readonly literal?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly at_least?: number;
  readonly summary: string;
}

export interface Role {
  readonly role: string;
  readonly from?: readonly string[];
  readonly to?: readonly string[];
}

interface Word {
  readonly name: string;
  readonly group: string;
  readonly origin: string;
  readonly summary: string;
  readonly phrase: string;
  readonly docs: string;
  readonly search_terms: readonly string[];
  readonly roles: readonly Role[];
}

export interface InstructionMeta extends Word {
  readonly block: boolean;
  readonly fields: readonly FieldMeta[];
  readonly returns: { readonly required: boolean; readonly summary: string } | null;
  readonly effect: boolean;
}

export interface ExpressionMeta extends Word {
  readonly arguments: readonly FieldMeta[];
  readonly returns: string;
  readonly gives: readonly string[];
}

export interface CodeMeta {
  readonly code: string;
  readonly title: string;
  readonly meaning: string;
  readonly why: string;
  readonly before: string;
  readonly after: string;
}

export interface CatalogDocument {
  readonly instructions: readonly InstructionMeta[];
  readonly expressions: readonly (Omit<ExpressionMeta, "arguments"> & { readonly arguments?: readonly FieldMeta[] })[];
  readonly groups: readonly { readonly name: string; readonly title: string; readonly of: string }[];
  readonly types: readonly { readonly name: string; readonly summary: string }[];
  readonly constant_types: readonly string[];
  readonly personal_categories: readonly string[];
  readonly names: { readonly pattern: string; readonly longest: number };
  readonly codes: readonly CodeMeta[];
}

/** A word with the place of its one literal: the expression that stands for a constant, and the one that stands for a variable. */
export interface Plain {
  readonly type: string;
  readonly key: string;
}

export class Catalog {
  readonly instructions: readonly InstructionMeta[];
  readonly expressions: readonly ExpressionMeta[];
  /** How a fixed value is written. */
  readonly constant: Plain;
  /** How a variable is written. */
  readonly variable: Plain;
  readonly #instructions = new Map<string, InstructionMeta>();
  readonly #expressions = new Map<string, ExpressionMeta>();
  readonly #codes = new Map<string, CodeMeta>();
  readonly #name: RegExp;

  constructor(readonly document: CatalogDocument) {
    this.instructions = document.instructions;
    this.expressions = document.expressions.map((meta) => ({ ...meta, arguments: meta.arguments ?? [] }));
    for (const meta of this.instructions) this.#instructions.set(meta.name, meta);
    for (const meta of this.expressions) this.#expressions.set(meta.name, meta);
    for (const code of document.codes) this.#codes.set(code.code, code);
    this.#name = new RegExp(document.names.pattern);
    this.constant = this.#plain("constant");
    this.variable = this.#plain("variable");
  }

  #plain(role: string): Plain {
    const meta = this.withRole(role);
    const key = meta?.arguments[0]?.name;
    if (meta === undefined || key === undefined) throw new Error(`the catalog has no expression with the role ${role}`);
    return { type: meta.name, key };
  }

  instruction(name: string | undefined): InstructionMeta | undefined {
    return name === undefined ? undefined : this.#instructions.get(name);
  }

  expression(name: string | undefined): ExpressionMeta | undefined {
    return name === undefined ? undefined : this.#expressions.get(name);
  }

  code(code: string): CodeMeta | undefined {
    return this.#codes.get(code);
  }

  /** The first expression that plays a role. */
  withRole(role: string): ExpressionMeta | undefined {
    return this.expressions.find((meta) => meta.roles.some((each) => each.role === role));
  }

  groupsOf(of: "instruction" | "expression") {
    return this.document.groups.filter((group) => group.of === of);
  }

  /** The blocks: instructions that hold lists of instructions. */
  get blocks(): readonly InstructionMeta[] {
    return this.instructions.filter((meta) => meta.block);
  }

  isName(text: string): boolean {
    return this.#name.test(text) && text.length <= this.document.names.longest;
  }

  literal(value: Json): JsonObject {
    return { type: this.constant.type, [this.constant.key]: value };
  }

  reference(path: string): JsonObject {
    return { type: this.variable.type, [this.variable.key]: path };
  }

  /** The fixed value that a node stands for; `undefined` where it is another expression. */
  literalOf(node: Json | undefined): Json | undefined {
    return isObject(node) && node.type === this.constant.type ? node[this.constant.key] : undefined;
  }

  /** The path of the variable that a node stands for; `undefined` where it is another expression. */
  referenceOf(node: Json | undefined): string | undefined {
    const path = isObject(node) && node.type === this.variable.type ? node[this.variable.key] : undefined;
    return typeof path === "string" ? path : undefined;
  }

  /** The fields of a node that are expressions, with their names. */
  fieldsOf(type: Json | undefined): readonly FieldMeta[] {
    return typeof type === "string" ? (this.expression(type)?.arguments ?? []) : [];
  }
}

/** `external_id` as people read it: `External id`. */
export function humanize(name: string): string {
  const words = name.replaceAll("_", " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
