/** Reads an expression that is typed. Problems come with the place they are at, and say what to do. */
import type { Catalog, ExpressionMeta, FieldMeta } from "../catalog";
import { nearest } from "../find";
import { type Json, isObject, parseJson } from "../json";
import { type Token, tokens } from "./lexer";

export interface Problem {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export type Parsed = { readonly node: Json | undefined; readonly problem?: undefined } | { readonly node?: undefined; readonly problem: Problem };

class Failed extends Error {
  constructor(readonly problem: Problem) {
    super(problem.text);
  }
}

export function parse(source: string, catalog: Catalog): Parsed {
  const parser = new Parser(source, catalog);
  try {
    return { node: parser.whole() };
  } catch (error) {
    if (error instanceof Failed) return { problem: error.problem };
    throw error;
  }
}

class Parser {
  readonly #tokens: readonly Token[];
  #place = 0;

  constructor(
    private readonly source: string,
    private readonly catalog: Catalog,
  ) {
    this.#tokens = tokens(source);
  }

  #fail(text: string, token: Token | undefined = this.#tokens[this.#place]): never {
    const end = this.source.length;
    throw new Failed({ start: token?.start ?? end, end: token?.end ?? end, text });
  }

  #peek(sign: string): boolean {
    const token = this.#tokens[this.#place];
    return token?.kind === "sign" && token.text === sign;
  }

  #take(sign: string): boolean {
    if (!this.#peek(sign)) return false;
    this.#place += 1;
    return true;
  }

  #expect(sign: string, where: string, what = `\`${sign}\``): void {
    if (!this.#take(sign)) this.#fail(`${what} is missing ${where}`);
  }

  whole(): Json | undefined {
    if (this.#tokens.length === 0) return undefined;
    const node = this.node();
    if (this.#place < this.#tokens.length) this.#fail("something stands behind the expression: join parts with a function");
    return node;
  }

  /** One expression; `undefined` where a hole is left. */
  node(): Json | undefined {
    const token = this.#tokens[this.#place];
    if (token === undefined) this.#fail("a value, a variable or a function is missing here");
    if (this.#take("?")) return undefined;
    if (this.#take("@")) return this.raw();
    if (token.kind === "quoted") {
      this.#place += 1;
      if (token.open === true) this.#fail("the path is not closed: put a ` at its end", token);
      return this.catalog.reference(token.text.slice(1, -1));
    }
    if (token.kind === "name" && !["true", "false", "null"].includes(token.text)) {
      this.#place += 1;
      if (this.#peek("(")) return this.call(token);
      if (token.text.endsWith(".")) this.#fail("a field is missing behind the point", token);
      return this.catalog.reference(token.text);
    }
    return this.catalog.literal(this.json());
  }

  /** What stands in the document as JSON, where the text has no other form for it. */
  raw(): Json {
    const value = this.json();
    if (!isObject(value) || Object.keys(value).length !== 1) return value;
    return typeof value.path === "string" ? this.catalog.reference(value.path) : value;
  }

  /** A literal: any JSON. */
  json(): Json {
    const token = this.#tokens[this.#place];
    if (token === undefined) this.#fail("a value is missing here");
    this.#place += 1;
    if (token.kind === "number") return this.#read(token, token.text);
    if (token.kind === "name" && ["true", "false", "null"].includes(token.text)) return this.#read(token, token.text);
    if (token.kind === "text") {
      if (token.open === true) this.#fail('the text is not closed: put a " at its end', token);
      return this.#read(token, token.text);
    }
    if (token.text === "[" || token.text === "{") {
      let depth = 1;
      while (depth > 0) {
        const next = this.#tokens[this.#place];
        if (next === undefined) this.#fail(`the ${token.text === "[" ? "list" : "object"} is not closed`, token);
        if (next.kind === "sign" && "[{".includes(next.text)) depth += 1;
        if (next.kind === "sign" && "]}".includes(next.text)) depth -= 1;
        this.#place += 1;
      }
      const end = this.#tokens[this.#place - 1]?.end ?? token.end;
      return this.#read({ ...token, end }, this.source.slice(token.start, end));
    }
    this.#fail("a value, a variable or a function belongs here", token);
  }

  #read(token: Token, text: string): Json {
    try {
      return parseJson(text);
    } catch {
      this.#fail("this is not a value that can be read", token);
    }
  }

  call(name: Token): Json {
    const meta = this.catalog.expression(name.text);
    if (meta === undefined) {
      const near = nearest(
        name.text,
        this.catalog.expressions.map((each) => each.name),
      );
      this.#fail(`there is no function \`${name.text}\`${near === undefined ? "" : `; did you mean \`${near}\`?`}`, name);
    }
    this.#expect("(", "behind the function");
    const given: Record<string, Json> = {};
    let next = 0;
    let first = true;
    while (!this.#take(")")) {
      if (!first) this.#expect(",", `behind an argument of \`${meta.name}\``, "`,` or `)`");
      first = false;
      next = this.argument(meta, given, next);
    }
    const node: Record<string, Json> = { type: meta.name };
    for (const field of meta.arguments) {
      const value = given[field.name] ?? (field.kind === "expressions" && field.required ? [] : undefined);
      if (value !== undefined) node[field.name] = value;
    }
    return node;
  }

  /** One argument, by name or in order; gives the place of the next one. */
  argument(meta: ExpressionMeta, given: Record<string, Json>, next: number): number {
    const token = this.#tokens[this.#place];
    const colon = this.#tokens[this.#place + 1];
    if (token?.kind === "name" && colon?.kind === "sign" && colon.text === ":") {
      const field = meta.arguments.find((each) => each.name === token.text);
      if (field === undefined) {
        const near = nearest(
          token.text,
          meta.arguments.map((each) => each.name),
        );
        this.#fail(`\`${meta.name}\` has no \`${token.text}\`${near === undefined ? "" : `; did you mean \`${near}\`?`}`, token);
      }
      this.#place += 2;
      const value = field.kind === "expressions" ? this.list() : this.value(field);
      if (value !== undefined) given[field.name] = value;
      return next;
    }
    const field = meta.arguments[next];
    if (field === undefined) {
      const most = meta.arguments.length;
      this.#fail(most === 0 ? `\`${meta.name}\` takes no arguments` : `\`${meta.name}\` takes at most ${most} argument${most === 1 ? "" : "s"}`, token);
    }
    if (field.kind === "expressions") {
      const node = this.node();
      const list = (given[field.name] ?? []) as Json[];
      given[field.name] = node === undefined ? list : [...list, node];
      return next;
    }
    const value = this.value(field);
    if (value !== undefined) given[field.name] = value;
    return next + 1;
  }

  value(field: FieldMeta): Json | undefined {
    if (field.kind === "expression") return this.node();
    if (this.#take("?")) return undefined;
    const token = this.#tokens[this.#place];
    if (token?.kind === "name" && (field.kind === "name" || (field.choices ?? []).includes(token.text))) {
      this.#place += 1;
      return token.text;
    }
    return this.json();
  }

  /** `[a, b]` as a list of expressions. */
  list(): Json {
    this.#expect("[", "before a list");
    const items: Json[] = [];
    let first = true;
    while (!this.#take("]")) {
      if (!first) this.#expect(",", "behind an item of the list", "`,` or `]`");
      first = false;
      const node = this.node();
      if (node !== undefined) items.push(node);
    }
    return items;
  }
}
