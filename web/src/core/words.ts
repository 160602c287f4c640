/** Instructions and expressions in words, by the phrases of the catalog with the values filled in. */
import type { Catalog, FieldMeta } from "./catalog";
import { type Json, type JsonObject, isList, isNumber, isObject, numberText, printJson } from "./json";
import { typeOf } from "./spec";

/** A piece of a line, by what it stands for. */
export interface Word {
  readonly kind: "text" | "variable" | "literal" | "template" | "missing";
  readonly text: string;
}

type Part = { readonly text: string } | { readonly field: string; readonly separator: string } | { readonly optional: readonly Part[] };

interface Phrase {
  readonly template: boolean;
  readonly parts: readonly Part[];
}

const phrases = new Map<string, Phrase>();

function phraseOf(source: string): Phrase {
  let known = phrases.get(source);
  if (known === undefined) {
    const template = source.startsWith("`") && source.endsWith("`") && source.length > 1;
    known = { template, parts: parse(template ? source.slice(1, -1) : source) };
    phrases.set(source, known);
  }
  return known;
}

function parse(source: string): Part[] {
  const parts: Part[] = [];
  for (const match of source.matchAll(/\[([^\]]*)\]|\{([^}|]+)(?:\|([^}]*))?\}|([^[{]+)/g)) {
    if (match[1] !== undefined) parts.push({ optional: parse(match[1]) });
    else if (match[2] !== undefined) parts.push({ field: match[2], separator: match[3] ?? ", " });
    else parts.push({ text: match[4] ?? "" });
  }
  return parts;
}

/** Pieces that are drawn before a line is cut. */
const LONGEST = 40;

/** How deep expressions are told in a line; what is deeper becomes an ellipsis. */
const DEEPEST = 4;

/** Longer texts are cut in a line. */
const LONGEST_TEXT = 60;

export function valueText(value: Json): string {
  if (typeof value === "string") return value.length > LONGEST_TEXT ? `“${value.slice(0, LONGEST_TEXT)}…”` : `“${value}”`;
  if (isNumber(value)) return numberText(value);
  const text = printJson(value);
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

class Writer {
  readonly words: Word[] = [];

  constructor(private readonly catalog: Catalog) {}

  push(kind: Word["kind"], text: string): void {
    const last = this.words.at(-1);
    if (text === "" || this.words.length > LONGEST) return;
    if (last?.kind === kind && (kind === "text" || kind === "template")) this.words[this.words.length - 1] = { kind, text: last.text + text };
    else this.words.push({ kind, text });
  }

  phrase(holder: JsonObject, metas: readonly FieldMeta[], parts: readonly Part[], depth: number): void {
    for (const part of parts) {
      if ("text" in part) this.push("text", part.text);
      else if ("optional" in part) {
        const there = part.optional.every((each) => !("field" in each) || (holder[each.field] !== undefined && holder[each.field] !== null));
        if (there) this.phrase(holder, metas, part.optional, depth);
      } else
        this.field(
          holder[part.field],
          metas.find((meta) => meta.name === part.field),
          part.separator,
          depth,
        );
    }
  }

  field(value: Json | undefined, meta: FieldMeta | undefined, separator: string, depth: number): void {
    if (value === undefined) this.push("missing", meta?.name ?? "?");
    else if (meta?.kind === "expressions" && isList(value)) {
      value.forEach((item, index) => {
        if (index > 0) this.push("text", separator);
        this.node(item, depth + 1);
      });
    } else if (meta?.kind === "expression") this.node(value, depth + 1);
    else if (typeof value === "string") this.push(meta?.kind === "literal" ? "text" : "variable", value);
    else this.push("literal", valueText(value));
  }

  node(node: Json, depth: number): void {
    const { catalog } = this;
    const literal = catalog.literalOf(node);
    const reference = catalog.referenceOf(node);
    if (literal !== undefined) this.push("literal", valueText(literal));
    else if (reference !== undefined) this.push("variable", reference);
    else if (depth > DEEPEST) this.push("text", "…");
    else {
      const meta = catalog.expression(typeOf(node));
      if (meta === undefined || !isObject(node)) return this.push("missing", typeOf(node) || "?");
      const phrase = phraseOf(meta.phrase);
      if (phrase.template) this.template(node, meta.arguments, phrase.parts, depth);
      else if (phrase.parts.length > 0) this.nested(node, meta.arguments, phrase.parts, depth);
      else {
        this.push("text", `${meta.name}(`);
        let first = true;
        for (const field of meta.arguments) {
          if (node[field.name] === undefined) continue;
          if (!first) this.push("text", ", ");
          first = false;
          this.field(node[field.name], field, ", ", depth);
        }
        this.push("text", ")");
      }
    }
  }

  /** Inside another expression, one of several words stands in brackets. */
  nested(node: JsonObject, metas: readonly FieldMeta[], parts: readonly Part[], depth: number): void {
    const brackets = depth > 1 && parts.length > 1;
    if (brackets) this.push("text", "(");
    this.phrase(node, metas, parts, depth);
    if (brackets) this.push("text", ")");
  }

  template(node: JsonObject, metas: readonly FieldMeta[], parts: readonly Part[], depth: number): void {
    for (const part of parts) {
      if ("text" in part) this.push("template", part.text);
      if (!("field" in part)) continue;
      const value = node[part.field];
      const items = isList(value) ? value : value === undefined ? [] : [value];
      if (items.length === 0) this.push("missing", metas.find((meta) => meta.name === part.field)?.name ?? "?");
      items.forEach((item, index) => {
        if (index > 0) this.push("template", part.separator);
        const literal = this.catalog.literalOf(item);
        if (literal !== undefined) this.push("template", typeof literal === "string" ? literal : valueText(literal));
        else {
          this.push("template", "{");
          this.node(item, depth + 1);
          this.push("template", "}");
        }
      });
    }
  }
}

const lines = new WeakMap<object, readonly Word[]>();

/** The one line of an instruction's card. */
export function summary(instruction: JsonObject, catalog: Catalog): readonly Word[] {
  const known = lines.get(instruction);
  if (known !== undefined) return known;
  const writer = new Writer(catalog);
  const meta = catalog.instruction(typeOf(instruction));
  if (meta === undefined) writer.push("missing", typeOf(instruction) || "no type");
  else {
    const metas: FieldMeta[] = [...meta.fields, { name: "return_as", kind: "name", required: true, summary: "" }];
    writer.phrase(instruction, metas, phraseOf(meta.phrase).parts, -1);
  }
  lines.set(instruction, writer.words);
  return writer.words;
}

/** An expression in words. */
export function inWords(node: Json, catalog: Catalog): readonly Word[] {
  const writer = new Writer(catalog);
  writer.node(node, 0);
  return writer.words;
}

export function plain(words: readonly Word[]): string {
  return words.map((word) => word.text).join("");
}
