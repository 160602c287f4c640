import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { bindings } from "./bindings";
import { diff } from "./diff";
import { NOTHING, apply } from "./edit";
import { findIn, nearest, search } from "./find";
import { insertAt, move, remove, setKey, setNode } from "./instructions";
import { type Json, parseJson, printJson, same } from "./json";
import { merge } from "./merge";
import { freshId, places, takenIds } from "./spec";
import { spec } from "./testing/arbitrary";
import { catalog } from "./testing/catalog";
import { plain, summary } from "./words";

const demo = (name: string): Json => parseJson(readFileSync(resolve(import.meta.dirname, `../../../crates/engine/src/demo/${name}.json`), "utf8"));
const pipeline = demo("pipeline");

const changed = (document: Json, at: number, kind: number): Json => {
  const all = places(document, catalog);
  const place = all[at % Math.max(1, all.length)];
  if (place === undefined) return document;
  const edit = [
    () => setKey(document, catalog, place.id, "note", `changed ${at}`),
    () => remove(document, catalog, new Set([place.id])),
    () =>
      insertAt(document, { list: place.path.slice(0, -1), index: place.path.at(-1) as number }, [
        { id: freshId(takenIds(document, catalog), `new-${at}`), type: "skip_record", reason: catalog.literal("x") },
      ]),
    () => move(document, catalog, new Set([place.id]), { list: ["instructions"], index: 0 }),
  ][kind % 4]?.();
  return apply(document, edit ?? NOTHING).document;
};

describe("the difference between two specs", () => {
  test("there is none between a spec and itself", () => {
    fc.assert(fc.property(spec, (document) => diff(document, document, catalog).length === 0));
  });

  test("it is told by instruction, in words", () => {
    let now = apply(pipeline, setNode(pipeline, catalog, "if-lost", ["condition", "right"], catalog.literal("gone")) ?? NOTHING).document;
    now = apply(now, move(now, catalog, new Set(["segment"]), { list: ["instructions"], index: 0 }) ?? NOTHING).document;
    now = apply(now, remove(now, catalog, new Set(["first-reached"]))).document;
    now = apply(now, setKey(now, catalog, "team", "disabled", true) ?? NOTHING).document;
    const found = diff(pipeline, now, catalog).map((change) => [
      change.kind,
      change.id,
      plain(change.words),
      ...change.fields.map((field) => `${field.label}: ${field.from} → ${field.to}`),
    ]);
    expect(found).toEqual([
      ["moved", "segment", "Upsert segment event.opportunity.pipeline"],
      ["changed", "team", "Upsert team event.opportunity.owner.team", "Disabled: undefined → true"],
      [
        "changed",
        "if-lost",
        "If event.opportunity.status is “gone”",
        'Condition: equals(event.opportunity.status, "lost") → equals(event.opportunity.status, "gone")',
      ],
      ["removed", "first-reached", "Lock moment of reached"],
    ]);
  });

  test("constants by their name", () => {
    const now = apply(pipeline, { do: "put", path: ["constants", 1, "default"], value: 0.2 }).document;
    expect(diff(pipeline, now, catalog)).toMatchObject([
      { kind: "changed", about: "constant", id: "margin", fields: [{ label: "Default", from: "0.18", to: "0.2" }] },
    ]);
  });
});

describe("merging", () => {
  test("with one side unchanged, the other is the result", () => {
    fc.assert(
      fc.property(spec, fc.nat(20), fc.nat(3), (base, at, kind) => {
        const other = changed(base, at, kind);
        for (const merged of [merge(base, other, base, catalog), merge(base, base, other, catalog), merge(base, other, other, catalog)]) {
          expect(merged.conflicts).toEqual([]);
          if (!same(merged.document, other)) throw new Error(`${printJson(merged.document)}\n${printJson(other)}`);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("changes at different places come together", () => {
    const mine = apply(pipeline, setNode(pipeline, catalog, "lost", ["activity_type"], catalog.literal("Lost")) ?? NOTHING).document;
    let theirs = apply(pipeline, insertAt(pipeline, { list: ["instructions"], index: 3 }, [{ id: "theirs", type: "skip_record" }])).document;
    theirs = apply(theirs, setKey(theirs, catalog, "stage", "note", "Theirs") ?? NOTHING).document;
    const { document, conflicts } = merge(pipeline, mine, theirs, catalog);
    expect(conflicts).toEqual([]);
    expect(diff(theirs, document, catalog).map((change) => [change.kind, change.id])).toEqual([["changed", "lost"]]);
    expect(diff(mine, document, catalog).map((change) => [change.kind, change.id])).toEqual([
      ["added", "theirs"],
      ["changed", "stage"],
    ]);
  });

  test("where both changed the same, it is a conflict, and mine stands until theirs is chosen", () => {
    const mine = apply(pipeline, setKey(pipeline, catalog, "stage", "note", "Mine") ?? NOTHING).document;
    const theirs = apply(pipeline, setKey(pipeline, catalog, "stage", "note", "Theirs") ?? NOTHING).document;
    const merged = merge(pipeline, mine, theirs, catalog);
    expect(merged.conflicts).toMatchObject([{ id: "stage", field: "note", mine: "Mine", theirs: "Theirs", chosen: "mine" }]);
    expect(same(merged.document, mine)).toBe(true);
    const key = merged.conflicts[0]?.key ?? "";
    expect(same(merge(pipeline, mine, theirs, catalog, new Map([[key, "theirs"]])).document, theirs)).toBe(true);
  });

  test("what one removed and the other changed is a conflict", () => {
    const mine = apply(pipeline, remove(pipeline, catalog, new Set(["stage"]))).document;
    const theirs = apply(pipeline, setKey(pipeline, catalog, "stage", "note", "Theirs") ?? NOTHING).document;
    const merged = merge(pipeline, mine, theirs, catalog);
    expect(merged.conflicts).toMatchObject([{ id: "stage", what: "removed", chosen: "mine" }]);
    const kept = merge(pipeline, mine, theirs, catalog, new Map([[merged.conflicts[0]?.key ?? "", "theirs"]]));
    expect(places(kept.document, catalog).some((place) => place.id === "stage")).toBe(true);
  });

  test("two that both added with the same id are two", () => {
    const add = (reason: string): Json =>
      apply(pipeline, insertAt(pipeline, { list: ["instructions"], index: 0 }, [{ id: "skip-record", type: "skip_record", reason: catalog.literal(reason) }]))
        .document;
    const { document, conflicts } = merge(pipeline, add("mine"), add("theirs"), catalog);
    expect(conflicts).toEqual([]);
    const reasons = places(document, catalog)
      .filter((place) => place.id.startsWith("skip-record"))
      .map((place) => plain(summary(place.instruction, catalog)));
    expect(reasons.toSorted()).toEqual(["Skip the record: “mine”", "Skip the record: “theirs”"]);
  });

  test("constants, enrichments and the source model come together name by name, as where a preset has moved on", () => {
    const constant = (name: string, more: { [key: string]: Json } = {}): Json => ({ name, type: "string", default: "a", ...more });
    const enrichment = (as: string, on = "deal"): Json => ({ type: as, on, as });
    const made = (constants: readonly Json[], enrichments: readonly Json[], source: { [key: string]: Json }): Json => ({
      format: 1,
      source_model: { type: "deal", var: "deal", ...source },
      constants: [...constants],
      enrichments: [...enrichments],
      instructions: [],
    });
    const base = made([constant("label"), constant("stage"), constant("old")], [enrichment("owner")], {});
    const mine = made([constant("label", { default: "mine" }), constant("stage", { default: "mine" }), constant("old"), constant("own")], [enrichment("owner"), enrichment("stage")], {});
    const theirs = made(
      [constant("label", { description: "What it is called" }), constant("stage", { default: "theirs" }), constant("new")],
      [enrichment("owner"), enrichment("team", "deal.owner")],
      { var: "opportunity" },
    );
    const merged = merge(base, mine, theirs, catalog);
    expect(merged.conflicts).toMatchObject([{ about: "constant", id: "stage", field: "default", mine: "mine", theirs: "theirs", chosen: "mine" }]);
    const key = merged.conflicts[0]?.key ?? "";
    const { document } = merge(base, mine, theirs, catalog, new Map([[key, "theirs" as const]]));
    expect(document).toEqual({
      format: 1,
      source_model: { type: "deal", var: "opportunity" },
      constants: [
        constant("label", { default: "mine", description: "What it is called" }),
        constant("stage", { default: "theirs" }),
        constant("own"),
        constant("new"),
      ],
      enrichments: [enrichment("owner"), enrichment("stage"), enrichment("team", "deal.owner")],
      instructions: [],
    });
    // What was merged once needs no second merge.
    expect(merge(theirs, document, theirs, catalog)).toEqual({ document, conflicts: [] });
  });

  test("whatever both did, the result has every id once, and nothing is lost that both kept", () => {
    const edits = fc.array(fc.tuple(fc.nat(20), fc.nat(3)), { maxLength: 4 });
    fc.assert(
      fc.property(spec, edits, edits, (base, one, other) => {
        const mine = one.reduce((document, [at, kind]) => changed(document, at, kind), base);
        const theirs = other.reduce((document, [at, kind]) => changed(document, at + 100, kind), base);
        const { document } = merge(base, mine, theirs, catalog);
        const ids = places(document, catalog).map((place) => place.id);
        expect(new Set(ids).size).toBe(ids.length);
        const inBoth = places(mine, catalog).filter((place) => places(theirs, catalog).some((each) => each.id === place.id));
        for (const place of inBoth) expect(ids).toContain(place.id);
      }),
      { numRuns: 300 },
    );
  });
});

describe("finding", () => {
  test("words of the language by what people call them", () => {
    expect(search("deal", catalog.instructions).map((word) => word.name)).toContain("upsert_sale");
    expect(search("upsert sale", catalog.instructions)[0]?.name).toBe("upsert_sale");
    expect(search("loop", catalog.instructions)[0]?.name).toBe("for_each");
    expect(search("vlookup", catalog.expressions)[0]?.name).toBe("lookup");
    expect(search("zzzz", catalog.expressions)).toEqual([]);
  });

  test("instructions by what they hold, not by what is in their lists", () => {
    expect(findIn(pipeline, catalog, "product.sku").map((place) => place.id)).toEqual(["proposition", "sale"]);
    expect(findIn(pipeline, catalog, "made-up leads").map((place) => place.id)).toEqual(["if-test"]);
    expect(findIn(pipeline, catalog, "")).toEqual([]);
  });

  test("the nearest name", () => {
    expect(nearest("equals_one_of", ["equals", "equals_one_off"])).toBe("equals_one_off");
    expect(nearest("xyz", ["equals"])).toBeUndefined();
  });
});

test("every card of the demonstration says what it does", () => {
  expect([...places(pipeline, catalog), ...places(demo("calls"), catalog)].map((place) => plain(summary(place.instruction, catalog)))).toMatchInlineSnapshot(`
    [
      "If event.opportunity.name starts with “TEST”",
      "Skip the record: “A test opportunity”",
      "Upsert team event.opportunity.owner.team",
      "Upsert agent event.opportunity.owner.id named event.opportunity.owner.name",
      "Upsert segment event.opportunity.pipeline",
      "Set changed_at to event.opportunity.updated_at as datetime",
      "Move contact event.opportunity.contact.email to event.opportunity.stage if event.opportunity.status is “open”, else null on track event.opportunity.pipeline at changed_at",
      "Upsert activity {event.opportunity.id}|{event.opportunity.stage} of type event.opportunity.stage in stage_names or else event.opportunity.stage for agent",
      "Lock moment of reached",
      "If event.opportunity.status is “won”",
      "For each product in event.opportunity.products",
      "Upsert proposition product.sku named product.name",
      "Set amount to product.amount as number",
      "Upsert sale opp|{event.opportunity.id}|{product.sku} for agent, worth amount",
      "If event.opportunity.status is “lost”",
      "Upsert anonymous activity lost|{event.opportunity.id} of type “Deal lost”",
      "Upsert agent event.call.user.id named event.call.user.name",
      "Set started_at to timestamp event.call.started_at as datetime",
      "Set seconds to event.call.duration or else 0",
      "Set answered to event.call.status is “answered”",
      "Upsert call event.call.id by agent, lasting seconds s",
      "If answered and seconds ≥ conversation_seconds",
      "Upsert activity call|{event.call.id} of type “Conversation” for agent",
    ]
  `);
});

test("scope follows blocks and loops", () => {
  const found = bindings(pipeline, catalog);
  expect([...(found.scopes.get("sale")?.keys() ?? [])]).toEqual([
    "event",
    "stage_names",
    "margin",
    "team",
    "agent",
    "segment",
    "changed_at",
    "reached",
    "product",
    "proposition",
    "amount",
  ]);
  expect([...found.end.keys()]).toEqual(["event", "stage_names", "margin", "team", "agent", "segment", "changed_at", "reached"]);
  expect(found.references.filter((reference) => reference.binders.length === 0)).toEqual([]);
});
