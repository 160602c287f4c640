import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { type Json, parseJson, printJson, same } from "../json";
import { flatten } from "../scope";
import { expression } from "../testing/arbitrary";
import { catalog } from "../testing/catalog";
import { plain, inWords, summary } from "../words";
import { complete, nextHole } from "./complete";
import { tokens } from "./lexer";
import { parse } from "./parse";
import { print } from "./print";

const read = (text: string): string => {
  const { node, problem } = parse(text, catalog);
  return problem === undefined ? printJson(node ?? null) : `${problem.start}-${problem.end}: ${problem.text}`;
};

describe("expressions as text", () => {
  test("reading what is written gives the same expression", () => {
    fc.assert(
      fc.property(expression, (node) => {
        const text = print(node, catalog);
        const { node: back, problem } = parse(text, catalog);
        if (problem !== undefined) throw new Error(`${text}\n${problem.text}`);
        if (!same(back, node)) throw new Error(`${text}\n${printJson(node)}\n${printJson(back ?? null)}`);
      }),
      { numRuns: 2000 },
    );
  });

  test("any JSON at all has a text", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const node = parseJson(JSON.stringify(value));
        const back = parse(print(node, catalog), catalog);
        return back.problem === undefined && same(back.node, node);
      }),
    );
  });

  test("reading never throws, and a problem lies within the text", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc
            .array(fc.constantFrom("concat", "(", ")", ",", '"a"', "?", "event.id", "1.5", ":", "[", "]", "@", "`"), { maxLength: 12 })
            .map((all) => all.join("")),
        ),
        (text) => {
          const { problem } = parse(text, catalog);
          if (problem !== undefined) {
            expect(problem.start).toBeGreaterThanOrEqual(0);
            expect(problem.end).toBeLessThanOrEqual(text.length);
            expect(problem.start).toBeLessThanOrEqual(problem.end);
          }
          for (const token of tokens(text)) expect(text.slice(token.start, token.end)).toBe(token.text);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("what people type", () => {
    expect(read('concat("won|", opportunity.id)')).toBe(
      '{"type":"concat","arguments":[{"type":"literal","value":"won|"},{"type":"var","var":"opportunity.id"}]}',
    );
    expect(read("round(amount, digits: 2)")).toBe('{"type":"round","value":{"type":"var","var":"amount"},"digits":2}');
    expect(read("round(amount, 2)")).toBe('{"type":"round","value":{"type":"var","var":"amount"},"digits":2}');
    expect(read("map(lines, line, line.sku)")).toBe(
      '{"type":"map","list":{"type":"var","var":"lines"},"item_var":"line","to":{"type":"var","var":"line.sku"}}',
    );
    expect(read("datetime_difference(a, b, days)")).toBe(
      '{"type":"datetime_difference","from":{"type":"var","var":"a"},"to":{"type":"var","var":"b"},"unit":"days"}',
    );
    expect(read('equals_one_off(status, "won", "lost")')).toBe(
      '{"type":"equals_one_off","value":{"type":"var","var":"status"},"options":[{"type":"literal","value":"won"},{"type":"literal","value":"lost"}]}',
    );
    expect(read("1234567890.1234567890123456")).toBe('{"type":"literal","value":1234567890.1234567890123456}');
    expect(read("equals(a, ?)")).toBe('{"type":"equals","left":{"type":"var","var":"a"}}');
    expect(read('["a", 1]')).toBe('{"type":"literal","value":["a",1]}');
    expect(read("`event.custom field`")).toBe('{"type":"var","var":"event.custom field"}');
    expect(read("")).toBe("null");
  });

  test("what goes wrong is said where it is, with what to do", () => {
    expect(read('conact("a")')).toBe("0-6: there is no function `conact`; did you mean `concat`?");
    expect(read('concat("a"')).toBe("10-10: `,` or `)` is missing behind an argument of `concat`");
    expect(read('"open')).toBe('0-5: the text is not closed: put a " at its end');
    expect(read("a b")).toBe("2-3: something stands behind the expression: join parts with a function");
    expect(read("execution_time(1)")).toBe("15-16: `execution_time` takes no arguments");
    expect(read("round(a, digit: 2)")).toBe("9-14: `round` has no `digit`; did you mean `digits`?");
    expect(read("event.")).toBe("0-6: a field is missing behind the point");
  });
});

describe("completion", () => {
  const variables = flatten([
    {
      name: "event",
      origin: "source_model",
      type: {
        shape: "object",
        fields: {
          id: { shape: "string" },
          amount: { shape: "number" },
          updated_at: { shape: "string" },
          lines: { shape: "array", items: { shape: "object", fields: {} } },
          agent: { shape: "string" },
        },
      },
    },
    { name: "agent", origin: "owner", type: { shape: "agent_external_identity", fields: { id: { shape: "string" } } } },
  ]);
  const at = (text: string, accepts?: string[]) => {
    const cursor = text.indexOf("|") < 0 ? text.length : text.indexOf("|");
    return complete(text.replace("|", ""), cursor, { catalog, variables, field: { accepts } });
  };

  test("what fits the type stands first", () => {
    expect(at("am", ["number"])?.options[0]).toMatchObject({ kind: "variable", label: "event.amount", fit: "yes" });
    expect(at("ag", ["agent_external_identity"])?.options[0]?.label).toBe("agent");
    expect(at("upd", ["datetime"])?.options[0]).toMatchObject({ label: "parse_datetime(event.updated_at)", insert: "parse_datetime(event.updated_at)" });
    expect(at("", ["number"])?.options[0]?.label).toBe("event.amount");
  });

  test("inside a function it is the argument that counts", () => {
    const inside = at("round(|)", ["string"]);
    expect(inside?.field?.name).toBe("value");
    expect(inside?.options[0]?.label).toBe("event.amount");
    expect(at("datetime_difference(a, b, |)")?.options.map((option) => option.label)).toEqual(["seconds", "minutes", "hours", "days"]);
    expect(at("parse_datetime(event.id, timezone: ams|)")?.options[0]?.insert).toBe('"Europe/Amsterdam"');
    expect(at("equals_one_off(event.id, event.|")?.field?.name).toBe("options");
  });

  test("a slash asks for functions", () => {
    const commands = at("/sum", ["number"]);
    expect(commands).toMatchObject({ from: 0, to: 4 });
    expect(commands?.options[0]).toMatchObject({ kind: "function", label: "sum" });
    expect(at("/")?.options.every((option) => option.kind === "function")).toBe(true);
  });

  test("a function comes with holes, and the next hole is found", () => {
    const option = at("/equals")?.options[0];
    expect(option?.insert).toBe("equals(?, ?)");
    expect(option?.select).toEqual([7, 8]);
    expect(nextHole("equals(a, ?)", 8)).toEqual([10, 11]);
    expect(nextHole("equals(a, b)", 0)).toBeUndefined();
    expect(at("equals(event.id, |?)")).toMatchObject({ from: 17, to: 18 });
  });

  test("nothing is offered inside a text or a number", () => {
    expect(at('concat("ev|ent")')).toBeUndefined();
    expect(at("12|")).toBeUndefined();
  });

  test("it never throws", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(20), (text, cursor) => void complete(text, Math.min(cursor, text.length), { catalog, variables, field: undefined })),
    );
  });
});

describe("words", () => {
  test("an instruction in a line", () => {
    const sale = {
      id: "s",
      type: "upsert_sale",
      external_id: { type: "concat", arguments: [catalog.literal("opp|"), catalog.reference("opportunity.id")] },
      agent_external_identity: catalog.reference("agent"),
      contract_value: catalog.reference("opportunity.monetaryValue"),
    };
    expect(plain(summary(sale, catalog))).toBe("Upsert sale opp|{opportunity.id} for agent, worth opportunity.monetaryValue");
    expect(plain(summary({ id: "s", type: "upsert_sale" }, catalog))).toBe("Upsert sale external_id for agent_external_identity");
    expect(summary({ id: "s", type: "upsert_sale" }, catalog)[1]).toEqual({ kind: "missing", text: "external_id" });
    expect(plain(summary({ id: "x", type: "no_such" }, catalog))).toBe("no_such");
  });

  test("conditions read as sentences", () => {
    const both: Json = {
      type: "and",
      arguments: [
        { type: "equals", left: catalog.reference("status"), right: catalog.literal("won") },
        { type: "not", argument: { type: "is_empty", value: catalog.reference("owner") } },
      ],
    };
    expect(plain(inWords(both, catalog))).toBe("status is “won” and not (owner is empty)");
  });
});
