import { describe, expect, test } from "vitest";

import { parseShown } from "./json";
import { catalog } from "./testing/catalog";
import { type TraceInstruction, type TraceTree, current, failuresOf, filterIterations, currentItem, filterItems, nodesBelow, overlay, printItems, readItems, reasons, stepsTo, variablesAt } from "./trace";

const set = (id: string, value: string | undefined, message?: string): TraceInstruction =>
  ({
    id,
    type: "define_variable",
    outcome: value === undefined ? "failed" : "ran",
    fields: {
      value: {
        type: "parse_number",
        node: `/instructions/0/body/0/value`,
        ...(value === undefined ? { failed: true } : { kind: "number", value }),
        arguments: { value: { type: "var", label: "line.amount", node: "/instructions/0/body/0/value/value", kind: "string", value: value ?? "x" } },
      },
    },
    ...(value === undefined
      ? { messages: [{ code: "E503", severity: "error", instruction: id, node: "/instructions/0/body/0/value/value", path: [], text: message ?? "" }] }
      : { returned: { name: id, kind: "number", value } }),
  }) as TraceInstruction;

const loop = (id: string, iterations: readonly TraceInstruction[][]): TraceInstruction => ({
  id,
  type: "for_each",
  outcome: "ran",
  fields: {},
  iterations: iterations.map((instructions, index) => ({
    index,
    outcome: instructions.some((each) => each.outcome === "failed") ? "undone" : "ran",
    instructions,
  })),
});

/** An outer loop over three, of which the second holds an inner loop with failures. */
const tree: TraceTree = {
  status: "partially_failed",
  instructions: [
    set("first", "1"),
    loop("outer", [
      [set("amount", "10"), loop("inner", [[set("deep", "100")]])],
      [
        set("amount", "20"),
        loop("inner", [[set("deep", "200")], [set("deep", undefined, '"x" cannot be read')], [set("deep", undefined, '"y" cannot be read')]]),
      ],
      [set("amount", undefined, "12 is too much"), { id: "inner", type: "for_each", outcome: "not_reached" }],
    ]),
  ],
};

const steps = (entries: [string, number][]) => new Map(entries);

describe("an execution laid over a spec", () => {
  test("what happened in the iterations that are looked at", () => {
    const happened = overlay(
      tree,
      steps([
        ["outer", 1],
        ["inner", 0],
      ]),
    );
    expect(happened.get("amount")).toMatchObject({ outcome: "ran", path: [1] });
    expect(happened.get("deep")).toMatchObject({ outcome: "ran", path: [1, 0] });
    expect(happened.get("deep")?.instruction.returned?.value).toBe("200");
    expect(happened.get("outer")?.failed).toBe(true);
  });

  test("what an undone iteration did is shown as undone", () => {
    expect(overlay(tree, steps([["outer", 2]])).get("amount")?.outcome).toBe("failed");
    const inner = overlay(tree, steps([["outer", 1]])).get("inner");
    expect(inner?.iteration?.index).toBe(1);
  });

  test("a loop opens on its first failure, and a link on its very iteration", () => {
    const outer = tree.instructions[1];
    if (outer === undefined) throw new Error("no loop");
    expect(current(outer, new Map())?.index).toBe(1);
    expect([...stepsTo(tree, "deep", [1, 2])]).toEqual([
      ["inner", 2],
      ["outer", 1],
    ]);
    expect([...stepsTo(tree, "first", [])]).toEqual([]);
  });

  test("failures are told with their iterations, in order, and where they began", () => {
    expect(failuresOf(tree.instructions).map((failure) => [failure.id, failure.path, failure.message?.code])).toEqual([
      ["deep", [1, 1], "E503"],
      ["deep", [1, 2], "E503"],
      ["amount", [2], "E503"],
    ]);
  });

  test("failures that differ only in a value are one reason", () => {
    const outer = tree.instructions[1];
    const inner = outer?.iterations?.[1]?.instructions[1];
    if (outer === undefined || inner === undefined) throw new Error("no loop");
    expect(reasons(inner).map((reason) => [reason.id, reason.indexes])).toEqual([["deep", [1, 2]]]);
    expect(reasons(outer).map((reason) => [reason.id, reason.indexes])).toEqual([
      ["deep", [1]],
      ["amount", [2]],
    ]);
  });

  test("iterations are found by a value at any depth", () => {
    const outer = tree.instructions[1];
    if (outer === undefined) throw new Error("no loop");
    expect(filterIterations(outer, "200")).toEqual([1]);
    expect(filterIterations(outer, "")).toEqual([0, 1, 2]);
    expect(filterIterations(outer, "nothing")).toEqual([]);
  });

  test("nodes by their pointer below the instruction", () => {
    const nodes = nodesBelow(set("a", "5"), "/instructions/0/body/0");
    expect([...nodes.keys()]).toEqual(["/value", "/value/value"]);
    expect(nodes.get("/value/value")?.label).toBe("line.amount");
  });

  test("variables as they were at a step, those of an iteration only in it", () => {
    expect([...variablesAt(tree, catalog, "inner", steps([["outer", 0]]))]).toEqual([
      ["first", "1"],
      ["amount", "10"],
    ]);
    expect([...variablesAt(tree, catalog, "nowhere", new Map())]).toEqual([["first", "1"]]);
  });
});

test("what is shown reads numbers plainly, but for those that are too long", () => {
  expect(parseShown('{"index":3,"id":"5e8f","value":1.5}')).toEqual({ index: 3, id: "5e8f", value: 1.5 });
  const read = parseShown('{"index":3,"value":1234567890123456789012345678}') as { index: unknown; value: unknown };
  expect(read.index).toBe(3);
  expect(String(read.value)).toBe("1234567890123456789012345678");
});

describe("items of a list in an expression", () => {
  const pointer = "/instructions/0";
  const own = (index: number, value: string, failed = false) => ({
    index,
    arguments: { to: { type: "parse_number", node: `${pointer}/value/to`, ...(failed ? { failed } : { kind: "number", value }) } },
  });
  const instruction: TraceInstruction = {
    id: "amounts",
    type: "define_variable",
    outcome: "failed",
    fields: {
      value: {
        type: "map",
        node: `${pointer}/value`,
        failed: true,
        arguments: { list: { type: "var", node: `${pointer}/value/list`, kind: "array", value: ["one", "two", "three"] } },
        items: [own(0, "1"), own(1, "2"), own(2, "", true)],
      },
    },
  };
  const map = instruction.fields?.value;

  test("the one that failed is looked at first, and any other when it is chosen", () => {
    expect(nodesBelow(instruction, pointer).get("/value/to")?.failed).toBe(true);
    expect(nodesBelow(instruction, pointer, new Map([["amounts/value", 1]])).get("/value/to")?.value).toBe("2");
    expect(map && currentItem(map, 7)?.index).toBe(2);
  });

  test("they are found by what stands in the list and by what was made of it", () => {
    expect(map && filterItems(map, "TWO")).toEqual([1]);
    expect(map && filterItems(map, "1")).toEqual([0]);
    expect(map && filterItems(map, "")).toEqual([0, 1, 2]);
    expect(map && filterItems(map, "four")).toEqual([]);
  });

  test("an address holds those of one instruction", () => {
    const items = new Map([
      ["amounts/value", 1],
      ["amounts/value/to", 0],
      ["other/value", 3],
    ]);
    expect(printItems(items, "amounts")).toBe("/value:1,/value/to:0");
    expect([...readItems("/value:1,/value/to:0", "amounts")]).toEqual([...items].slice(0, 2));
    expect(printItems(items, "none")).toBeUndefined();
  });
});
