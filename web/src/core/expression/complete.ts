/** What can come where the cursor is, in an expression as it is typed. */
import type { Catalog, ExpressionMeta, FieldMeta } from "../catalog";
import { score } from "../find";
import { type Fit, type Variable, fit, givesFit, typeName } from "../scope";
import { type Token, isPlainPath, tokens } from "./lexer";
import { HOLE } from "./print";

export interface Option {
  readonly kind: "variable" | "function" | "value";
  readonly label: string;
  /** Its type, or what it does. */
  readonly detail: string;
  readonly fit: Fit;
  readonly insert: string;
  /** What is selected after it is put in: a hole, or nothing. */
  readonly select: readonly [number, number];
  readonly variable?: Variable;
  readonly word?: ExpressionMeta;
}

export interface Completion {
  /** What the option replaces. */
  readonly from: number;
  readonly to: number;
  readonly query: string;
  /** The slot that is being filled, and the function that it is of. */
  readonly field: FieldMeta | undefined;
  readonly word: ExpressionMeta | undefined;
  readonly options: readonly Option[];
}

export interface Context {
  readonly catalog: Catalog;
  readonly variables: readonly Variable[];
  /** What the whole expression is for. */
  readonly field: Pick<FieldMeta, "accepts" | "choices"> | undefined;
  /** The values of the picked record, for literals that are offered. */
  readonly most?: number;
}

interface Frame {
  readonly word: ExpressionMeta | undefined;
  place: number;
  named: string | undefined;
}

export function complete(source: string, cursor: number, context: Context): Completion | undefined {
  const all = tokens(source);
  const touched = all.find((token) => token.start < cursor && cursor <= token.end && ["name", "quoted"].includes(token.kind));
  const inside = all.find((token) => token.kind === "text" && token.start < cursor && (cursor < token.end || token.open === true));
  if (inside !== undefined) return undefined;
  const number = all.find((token) => token.kind === "number" && token.start < cursor && cursor <= token.end);
  if (number !== undefined) return undefined;
  const hole = all.find((token) => token.text === HOLE && token.start <= cursor && cursor <= token.end);
  const before = all.filter((token) => token.end <= (touched?.start ?? cursor) && token !== hole);
  const slash = before.at(-1)?.text === "/" ? before.at(-1) : undefined;
  const frame = frameOf(slash === undefined ? before : before.slice(0, -1), context.catalog);
  const field = fieldOf(frame);
  const from = slash?.start ?? touched?.start ?? hole?.start ?? cursor;
  const to = touched?.end ?? (hole !== undefined ? hole.end : cursor);
  const query = touched === undefined ? "" : source.slice(touched.start, cursor).replace(/^`/, "");
  const rest = source.slice(to).trimStart();
  if (rest.startsWith("(")) return { from, to, query, field, word: frame?.word, options: [] };
  const options =
    frame === undefined || field !== undefined ? optionsFor(query, field ?? context.field, field?.kind ?? "expression", context, slash !== undefined) : [];
  return { from, to, query, field, word: frame?.word, options };
}

/** The innermost call that is open, and the place of the argument that comes next. */
function frameOf(before: readonly Token[], catalog: Catalog): Frame | undefined {
  const stack: Frame[] = [];
  before.forEach((token, index) => {
    if (token.kind !== "sign") return;
    const previous = before[index - 1];
    const top = stack.at(-1);
    if (token.text === "(") stack.push({ word: previous?.kind === "name" ? catalog.expression(previous.text) : undefined, place: 0, named: undefined });
    else if (token.text === ")") stack.pop();
    else if (token.text === "," && top !== undefined) {
      const now = top.word?.arguments[top.place];
      if (top.named === undefined && now?.kind !== "expressions") top.place += 1;
      top.named = undefined;
    } else if (token.text === ":" && top !== undefined && previous?.kind === "name") top.named = previous.text;
  });
  return stack.at(-1);
}

function fieldOf(frame: Frame | undefined): FieldMeta | undefined {
  if (frame?.word === undefined) return undefined;
  return frame.named === undefined ? frame.word.arguments[frame.place] : frame.word.arguments.find((field) => field.name === frame.named);
}

const FIT: Record<Fit, number> = { yes: 40, perhaps: 22, no: 0 };

/** Options that are offered at most. */
const MOST = 60;

function optionsFor(
  query: string,
  field: Pick<FieldMeta, "accepts" | "choices" | "literal"> | undefined,
  kind: FieldMeta["kind"],
  context: Context,
  functions: boolean,
): Option[] {
  const found: { option: Option; rank: number }[] = [];
  const add = (option: Omit<Option, "select"> & { select?: readonly [number, number] }, points: number): void => {
    if (points <= 0) return;
    found.push({ option: { select: [option.insert.length, option.insert.length], ...option }, rank: points + FIT[option.fit] });
  };
  for (const choice of field?.choices ?? []) {
    add({ kind: "value", label: choice, detail: "fixed value", fit: "yes", insert: JSON.stringify(choice) }, score(query, choice) + 30);
  }
  if (kind === "literal") {
    for (const value of literals(field?.literal))
      add({ kind: "value", label: value.replaceAll('"', ""), detail: "", fit: "yes", insert: value }, score(query, value.replaceAll('"', "")));
    return best(found, context.most);
  }
  if (kind === "name") return [];
  if (field?.accepts?.includes("boolean") === true && !field.accepts.includes("string")) {
    for (const value of ["true", "false"])
      add({ kind: "value", label: value, detail: "fixed value", fit: "yes", insert: value }, query === "" ? 0 : score(query, value));
  }
  if (!functions) {
    for (const variable of context.variables) {
      const points = query === "" ? 20 - variable.depth : Math.max(score(query, variable.path), score(query, variable.name) - 2);
      if (points <= 0) continue;
      const fits = fit(context.catalog, field?.accepts, variable.type);
      const insert = isPlainPath(variable.path) ? variable.path : `\`${variable.path}\``;
      add(
        { kind: "variable", label: variable.path, detail: typeName(variable.type), fit: fits, insert, variable },
        points + (variable.hasFields && fits !== "yes" ? -10 : 0),
      );
      if (fits !== "no") continue;
      // What does not fit as it is, but does once it is converted.
      for (const word of context.catalog.expressions) {
        const role = word.roles.find(
          (each) =>
            each.role === "converts" && each.from?.includes(variable.type.shape) === true && each.to?.some((to) => field?.accepts?.includes(to)) === true,
        );
        const slot = word.arguments[0];
        if (role === undefined || slot === undefined) continue;
        const text = `${word.name}(${insert})`;
        add({ kind: "variable", label: text, detail: typeName(variable.type), fit: "yes", insert: text, variable, word }, points - 25);
      }
    }
  }
  for (const word of context.catalog.expressions) {
    if (word.name === context.catalog.constant.type || word.name === context.catalog.variable.type) continue;
    const fits = givesFit(word.gives, field?.accepts);
    const points = query === "" ? (functions ? 10 : 1) : Math.max(score(query, word.name), ...word.search_terms.map((term) => score(query, term) - 25));
    const { text, select } = template(word);
    add({ kind: "function", label: word.name, detail: word.summary, fit: fits, insert: text, select, word }, points);
  }
  return best(found, context.most);
}

function literals(kind: string | undefined): readonly string[] {
  if (kind === "boolean") return ["true", "false"];
  if (kind === "timezone") return Intl.supportedValuesOf("timeZone").map((zone) => JSON.stringify(zone));
  if (kind === "date_format") return ['"%Y-%m-%d"', '"%Y-%m-%d %H:%M"', '"%d-%m-%Y"', '"%d-%m-%Y %H:%M"', '"%Y-%m"', '"%Y"'];
  return [];
}

function best(found: readonly { option: Option; rank: number }[], most = MOST): Option[] {
  return found
    .toSorted((one, other) => other.rank - one.rank)
    .slice(0, most)
    .map((each) => each.option);
}

/** A function with a hole for each argument that it must have; the first hole is selected. */
export function template(word: ExpressionMeta): { text: string; select: readonly [number, number] } {
  const slots = word.arguments.filter((field) => field.required || (field.kind === "expressions" && word.arguments.every((each) => !each.required)));
  const text = `${word.name}(${slots.map((field) => (field.kind === "name" ? field.name.replace(/_var$/, "") : HOLE)).join(", ")})`;
  const hole = text.indexOf(HOLE);
  return { text, select: hole < 0 ? [text.length, text.length] : [hole, hole + 1] };
}

/** The next hole behind a place, or the first one; `undefined` where none is left. */
export function nextHole(source: string, cursor: number, backwards = false): readonly [number, number] | undefined {
  const holes = tokens(source).filter((token) => token.text === HOLE && token.kind === "sign");
  const hole = backwards ? (holes.findLast((token) => token.end < cursor) ?? holes.at(-1)) : (holes.find((token) => token.start >= cursor) ?? holes[0]);
  return hole === undefined ? undefined : [hole.start, hole.end];
}
