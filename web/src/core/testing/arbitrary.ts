/** Random specs, expressions and edits, drawn from the catalog. */
import fc from "fast-check";
import { LosslessNumber } from "lossless-json";

import type { FieldMeta } from "../catalog";
import type { Json } from "../json";
import { freshId, idOf } from "../spec";
import { catalog } from "./catalog";

const text = fc.oneof(fc.string({ maxLength: 12, unit: "grapheme" }), fc.constantFrom("won", "opp|", 'a "quote"', "`", "?", "a.b", "line\nbreak", ""));
const number = fc
  .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 8 }), fc.nat(99_999_999))
  .map(([whole, digits, fraction]) => {
    const tail = digits === 0 ? "" : `.${String(fraction).padStart(digits, "0").slice(0, digits)}`;
    return new LosslessNumber(`${whole}${tail}`);
  });
const key = fc.constantFrom("id", "name", "a b", "x-y", "Ünder", "0");

export const json: fc.Arbitrary<Json> = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("json"), { maxLength: 3 }),
    fc.dictionary(key, tie("json"), { maxKeys: 3 }),
  ),
})).json;

const path = fc.oneof(
  fc.constantFrom(
    "event",
    "event.id",
    "event.opportunity.owner.id",
    "agent",
    "won_label",
    "product.sku",
    "event.custom field.x",
    "event.a-b",
    "true",
    "item.0",
  ),
  fc.string({ minLength: 1, maxLength: 8 }),
);

function argument(field: FieldMeta, depth: number): fc.Arbitrary<Json | undefined> {
  const value: fc.Arbitrary<Json> = (() => {
    switch (field.kind) {
      case "expression":
        return expressionTo(depth - 1);
      case "expressions":
        return fc.array(expressionTo(depth - 1), { maxLength: 3 });
      case "name":
        return fc.constantFrom("item", "line", "x1");
      default:
        if (field.choices !== undefined) return fc.constantFrom(...field.choices);
        if (field.literal === "json") return json;
        return field.literal === "boolean"
          ? fc.boolean()
          : field.literal === "integer"
            ? fc.integer({ min: -28, max: 28 }).map((each) => new LosslessNumber(String(each)))
            : text;
    }
  })();
  // Something required can be missing while one is still at it; a list of arguments is then empty.
  const there = field.required && field.kind === "expressions";
  return there ? value : fc.option(value, { nil: undefined, freq: field.required ? 9 : 1 });
}

function expressionTo(depth: number): fc.Arbitrary<Json> {
  const plain: fc.Arbitrary<Json> = fc.oneof(
    json.map((value) => catalog.literal(value)),
    path.map((each) => catalog.reference(each)),
  );
  if (depth <= 0) return plain;
  const words = catalog.expressions.filter((word) => word.name !== catalog.constant.type && word.name !== catalog.variable.type);
  return fc.oneof(
    plain,
    fc.constantFrom(...words).chain((word) =>
      fc.tuple(...word.arguments.map((field) => argument(field, depth))).map((values) => {
        const node: Record<string, Json> = { type: word.name };
        word.arguments.forEach((field, index) => {
          const value = values[index];
          if (value !== undefined) node[field.name] = value;
        });
        return node;
      }),
    ),
  );
}

export const expression: fc.Arbitrary<Json> = expressionTo(3);

function instructionTo(depth: number): fc.Arbitrary<Json> {
  const words = catalog.instructions.filter((word) => depth > 0 || !word.block);
  return fc.constantFrom(...words).chain((word) =>
    fc
      .tuple(
        fc.record({
          note: fc.option(text, { nil: undefined, freq: 1 }),
          disabled: fc.option(fc.constant(true), { nil: undefined, freq: 1 }),
          return_as: fc.constantFrom(undefined, "agent", "sale", "moment"),
        }),
        ...word.fields.map((field): fc.Arbitrary<Json | undefined> => {
          if (field.kind === "instructions") {
            const list = fc.array(instructionTo(depth - 1), { maxLength: 3 });
            return field.required
              ? list
              : fc.option(
                  list.filter((items) => items.length > 0),
                  { nil: undefined },
                );
          }
          return argument(field, 2);
        }),
      )
      .map(([common, ...values]) => {
        const instruction: Record<string, Json> = { id: word.name, type: word.name };
        if (common.note !== undefined) instruction.note = common.note;
        if (common.disabled !== undefined) instruction.disabled = true;
        word.fields.forEach((field, index) => {
          const value = values[index];
          if (value !== undefined) instruction[field.name] = value;
        });
        if (word.returns !== null && common.return_as !== undefined) instruction.return_as = common.return_as;
        return instruction;
      }),
  );
}

/** A spec whose instructions have ids of their own. */
export const spec: fc.Arbitrary<Json> = fc.array(instructionTo(2), { maxLength: 6 }).map((instructions) => {
  const taken = new Set<string>();
  const identify = (value: Json): Json => {
    const instruction = value as Record<string, Json>;
    const copy: Record<string, Json> = { ...instruction, id: freshId(taken, idOf(instruction)) };
    for (const field of catalog.instruction(String(instruction.type))?.fields ?? []) {
      if (field.kind === "instructions" && copy[field.name] !== undefined) copy[field.name] = (copy[field.name] as Json[]).map(identify);
    }
    return copy;
  };
  return {
    format: new LosslessNumber("1"),
    source_model: { type: "opportunity_event", var: "event" },
    constants: [{ name: "won_label", type: "string", default: "won" }],
    instructions: instructions.map(identify),
  };
});
