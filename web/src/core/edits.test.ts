import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { allNames } from "./bindings";
import { copyText, pasted } from "./clipboard";
import { type Direction, dropTarget, step } from "./drop";
import { type Edit, NOTHING, apply, fromPatch } from "./edit";
import { EMPTY, perform, redo, undo } from "./history";
import {
  asExpression,
  asType,
  changeType,
  duplicate,
  insertAt,
  move,
  outermost,
  remove,
  renameVariable,
  setDisabled,
  setKey,
  setNode,
  surround,
  unwrap,
  wrap,
} from "./instructions";
import { type Json, fromPointer, parseJson, printJson, same } from "./json";
import { rows } from "./rows";
import { type Place, blank, find, idOf, listFields, places, repair, takenIds, typeOf, within } from "./spec";
import { expression, json, spec } from "./testing/arbitrary";
import { catalog } from "./testing/catalog";

const pick = <T>(items: readonly T[], at: number): T | undefined => (items.length === 0 ? undefined : items[at % items.length]);

/** What an editor can do, chosen by three numbers. */
function editBy(document: Json, kind: number, first: number, second: number, value: Json): Edit {
  const all = places(document, catalog);
  const place = pick(all, first);
  const other = pick(all, second);
  if (place === undefined || other === undefined) {
    const meta = pick(catalog.instructions, second);
    return meta === undefined ? NOTHING : insertAt(document, { list: ["instructions"], index: 0 }, [blank(meta, "first", new Set())]);
  }
  const ids = new Set([place.id, other.id]);
  const block = pick(catalog.blocks, second);
  const meta = pick(catalog.instructions, second);
  const field = pick(catalog.instruction(typeOf(place.instruction))?.fields.filter((each) => each.kind === "expression") ?? [], second);
  switch (kind % 11) {
    case 0:
      return remove(document, catalog, ids);
    case 1: {
      const row = pick(rows(document, catalog, new Set()), second);
      const target = row && dropTarget(document, catalog, new Set([place.id]), row, pick(["top", "bottom", "inside"] as const, first) ?? "top");
      return (target && move(document, catalog, new Set([place.id]), target)) ?? NOTHING;
    }
    case 2:
      return duplicate(document, catalog, ids)?.edit ?? NOTHING;
    case 3:
      return (block && wrap(document, catalog, new Set([place.id]), block)?.edit) ?? NOTHING;
    case 4:
      return unwrap(document, catalog, place.id)?.edit ?? NOTHING;
    case 5:
      return (meta && changeType(document, catalog, place.id, meta)) ?? NOTHING;
    case 6:
      return setDisabled(document, catalog, ids, second % 2 === 0);
    case 7:
      return setKey(document, catalog, place.id, "note", second % 2 === 0 ? "a note" : undefined) ?? NOTHING;
    case 8:
      return (field && setNode(document, catalog, place.id, [field.name], value)) ?? NOTHING;
    case 9: {
      const target = step(document, catalog, ids, pick(["up", "down", "in", "out"] as Direction[], first) ?? "up");
      return (target && move(document, catalog, ids, target)) ?? NOTHING;
    }
    default:
      return renameVariable(document, catalog, [...place.path, "return_as"], "renamed");
  }
}

const choices = fc.array(fc.tuple(fc.nat(10), fc.nat(50), fc.nat(50), expression), { maxLength: 8 });

function ids(list: readonly Place[]): string[] {
  return list.map((place) => place.id).toSorted();
}

describe("edits", () => {
  test("every edit has an inverse that gives back the very document, keys in order", () => {
    fc.assert(
      fc.property(spec, choices, (document, edits) => {
        let now = document;
        for (const [kind, first, second, value] of edits) {
          const { document: after, inverse } = apply(now, editBy(now, kind, first, second, value));
          expect(printJson(apply(after, inverse).document)).toBe(printJson(now));
          now = after;
        }
      }),
      { numRuns: 300 },
    );
  });

  test("whatever is done, ids stay unique and lists stay where they belong", () => {
    fc.assert(
      fc.property(spec, choices, (document, edits) => {
        let now = document;
        for (const [kind, first, second, value] of edits) now = apply(now, editBy(now, kind, first, second, value)).document;
        const all = places(now, catalog);
        expect(new Set(all.map((place) => place.id)).size).toBe(all.length);
        for (const place of all) {
          for (const field of listFields(catalog.instruction(typeOf(place.instruction)))) {
            if (field.required) expect(Array.isArray(place.instruction[field.name])).toBe(true);
          }
        }
        expect(repair(now, catalog)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  test("undo takes back everything, and redo does it again", () => {
    fc.assert(
      fc.property(spec, choices, (document, edits) => {
        let now = document;
        let history = EMPTY;
        edits.forEach(([kind, first, second, value], index) => {
          const edit = editBy(now, kind, first, second, value);
          ({ document: now, history } = perform(now, history, { label: "edit", edit, key: index % 2 === 0 ? "typing" : undefined }, index * 400));
        });
        const last = now;
        for (let back = undo(now, history); back !== undefined; back = undo(now, history)) ({ document: now, history } = back);
        expect(printJson(now)).toBe(printJson(document));
        for (let forth = redo(now, history); forth !== undefined; forth = redo(now, history)) ({ document: now, history } = forth);
        expect(printJson(now)).toBe(printJson(last));
      }),
    );
  });

  test("letters typed one after the other are one step", () => {
    let now: Json = { instructions: [{ id: "a", type: "skip_record" }] };
    let history = EMPTY;
    for (const [index, note] of ["o", "on", "one"].entries()) {
      const edit = setKey(now, catalog, "a", "note", note) ?? NOTHING;
      ({ document: now, history } = perform(now, history, { label: "Note", edit, key: "note:a" }, index * 100));
    }
    expect(history.past).toHaveLength(1);
    expect(undo(now, history)?.document).toEqual({ instructions: [{ id: "a", type: "skip_record" }] });
  });

  test("what is not touched is shared with the document before", () => {
    fc.assert(
      fc.property(spec, fc.nat(50), (document, at) => {
        const place = pick(places(document, catalog), at);
        if (place === undefined) return;
        const after = apply(document, setKey(document, catalog, place.id, "note", "new") ?? NOTHING).document;
        for (const other of places(document, catalog)) {
          if (!within(place.path, other.path)) expect(find(after, catalog, other.id)?.instruction).toBe(other.instruction);
        }
      }),
    );
  });

  test("moving keeps every instruction as it is, and never puts one into itself", () => {
    fc.assert(
      fc.property(spec, fc.nat(50), fc.nat(50), fc.nat(50), fc.constantFrom("top", "bottom", "inside"), (document, first, second, at, edge) => {
        const all = places(document, catalog);
        const chosen = new Set([pick(all, first)?.id ?? "", pick(all, second)?.id ?? ""]);
        const row = pick(rows(document, catalog, new Set()), at);
        const target = row && dropTarget(document, catalog, chosen, row, edge as "top");
        if (target === undefined) return;
        const edit = move(document, catalog, chosen, target);
        const after = apply(document, edit ?? NOTHING).document;
        expect(ids(places(after, catalog))).toEqual(ids(all));
        const moved = outermost(document, catalog, chosen).map((place) => place.id);
        const list = find(after, catalog, moved[0] ?? "")?.path.slice(0, -1);
        moved.forEach((id, index) => {
          const now = find(after, catalog, id)?.path;
          expect(now?.slice(0, -1)).toEqual(list);
          expect(now?.at(-1)).toBe((find(after, catalog, moved[0] ?? "")?.path.at(-1) as number) + index);
        });
      }),
      { numRuns: 400 },
    );
  });

  test("by keyboard, an instruction goes through the whole spec, down and back up", () => {
    fc.assert(
      fc.property(spec, (document) => {
        let now = apply(document, insertAt(document, { list: ["instructions"], index: 0 }, [{ id: "walker", type: "skip_record" }])).document;
        const start = printJson(now);
        let steps = 0;
        for (; steps < 1000; steps += 1) {
          const target = step(now, catalog, new Set(["walker"]), "down");
          if (target === undefined) break;
          now = apply(now, move(now, catalog, new Set(["walker"]), target) ?? NOTHING).document;
        }
        expect(find(now, catalog, "walker")?.path).toHaveLength(2);
        for (let back = 0; back <= steps; back += 1) {
          const target = step(now, catalog, new Set(["walker"]), "up");
          if (target !== undefined) now = apply(now, move(now, catalog, new Set(["walker"]), target) ?? NOTHING).document;
        }
        expect(printJson(now)).toBe(start);
      }),
      { numRuns: 50 },
    );
  });

  test("wrapping and unwrapping gives back the same", () => {
    fc.assert(
      fc.property(spec, fc.nat(50), fc.nat(1), (document, at, which) => {
        const place = pick(places(document, catalog), at);
        const block = pick(catalog.blocks, which);
        if (place === undefined || block === undefined) return;
        const wrapped = wrap(document, catalog, new Set([place.id]), block);
        if (wrapped === undefined) throw new Error("one instruction can always be wrapped");
        const inside = apply(document, wrapped.edit).document;
        expect(find(inside, catalog, place.id)?.parent).toBe(wrapped.id);
        expect(printJson(apply(inside, unwrap(inside, catalog, wrapped.id)?.edit ?? NOTHING).document)).toBe(printJson(document));
      }),
    );
  });

  test("a copy has ids and names of its own, and refers to its own", () => {
    const document: Json = {
      source_model: { type: "x", var: "event" },
      instructions: [
        { id: "agent", type: "upsert_agent_external_identity", external_id: catalog.reference("event.id"), return_as: "agent" },
        { id: "act", type: "upsert_activity", agent_external_identity: catalog.reference("agent.id"), moment: catalog.reference("event.at") },
      ],
    };
    const after = apply(document, duplicate(document, catalog, new Set(["agent", "act"]))?.edit ?? NOTHING).document;
    expect(places(after, catalog).map((place) => place.id)).toEqual(["agent", "act", "agent-2", "act-2"]);
    expect(find(after, catalog, "agent-2")?.instruction.return_as).toBe("agent_2");
    expect(find(after, catalog, "act-2")?.instruction.agent_external_identity).toEqual(catalog.reference("agent_2.id"));
    expect(find(after, catalog, "act-2")?.instruction.moment).toEqual(catalog.reference("event.at"));
  });

  test("copied text pastes as the same instructions, elsewhere too", () => {
    fc.assert(
      fc.property(spec, fc.nat(50), (document, at) => {
        const place = pick(places(document, catalog), at);
        if (place === undefined) return;
        const text = copyText(document, catalog, new Set([place.id]));
        const empty: Json = { instructions: [] };
        const { instructions } = pasted(text, empty, catalog);
        expect(printJson(instructions?.[0] ?? null)).toBe(printJson(place.instruction));
        const here = pasted(text, document, catalog).instructions ?? [];
        const taken = takenIds(document, catalog);
        for (const copy of places({ instructions: here }, catalog)) expect(taken.has(copy.id)).toBe(false);
      }),
    );
  });

  test("pasting something else says what is wrong", () => {
    expect(pasted("not json", {}, catalog).problem).toContain("no JSON");
    expect(pasted('{"a": 1}', {}, catalog).problem).toContain("holds no instructions");
    expect(pasted('[{"type": "upsert_car"}]', {}, catalog).problem).toContain("upsert_car");
  });

  test("renaming follows a variable that both branches set, and leaves another of that name alone", () => {
    const set = (id: string): Json => ({ id, type: "define_variable", value: catalog.literal("x"), return_as: "label" });
    const use = (id: string): Json => ({ id, type: "skip_record", reason: catalog.reference("label") });
    const document: Json = {
      instructions: [
        { id: "if", type: "if_else", condition: catalog.literal(true), then: [set("a"), use("in-then")], else: [set("b")] },
        use("behind"),
        { id: "loop", type: "for_each", list: catalog.literal([]), item_var: "item", body: [] },
      ],
    };
    const path = [...(find(document, catalog, "a")?.path ?? []), "return_as"];
    const after = apply(document, renameVariable(document, catalog, path, "title")).document;
    expect(find(after, catalog, "b")?.instruction.return_as).toBe("title");
    expect(find(after, catalog, "behind")?.instruction.reason).toEqual(catalog.reference("title"));
    expect(allNames(after, catalog)).toEqual(new Set(["title", "item"]));
  });

  test("changing the type keeps what fits", () => {
    const activity: Json = {
      id: "a",
      type: "upsert_activity",
      note: "n",
      external_id: catalog.reference("event.id"),
      activity_type: catalog.literal("won"),
      agent_external_identity: catalog.reference("agent"),
      moment: catalog.reference("event.at"),
      contact_key: catalog.reference("event.email"),
      return_as: "it",
    };
    const period = catalog.instruction("upsert_period");
    if (period === undefined) throw new Error("no such word");
    const now = asType(activity, catalog, period, new Set());
    expect(now).toMatchObject({
      id: "a",
      type: "upsert_period",
      note: "n",
      external_id: catalog.reference("event.id"),
      contact_key: catalog.reference("event.email"),
      return_as: "it",
    });
    expect(now.started_at).toEqual(catalog.reference("event.at"));
    expect(now.period_type).toEqual(catalog.literal("won"));
  });

  test("an expression becomes another with its arguments", () => {
    const [a, b] = [catalog.reference("event.a"), catalog.literal("b")];
    const equals = { type: "equals", left: a, right: b };
    expect(asExpression(equals, catalog, "string_contains")).toEqual({ type: "string_contains", value: a, search: b });
    expect(asExpression(equals, catalog, "coalesce")).toEqual({ type: "coalesce", arguments: [a, b] });
    expect(asExpression({ type: "coalesce", arguments: [a, b] }, catalog, "equals")).toEqual(equals);
    expect(asExpression(a, catalog, "parse_number")).toEqual({ type: "parse_number", value: a });
    expect(surround(equals, catalog, "not")).toEqual({ type: "not", argument: equals });
    expect(surround(a, catalog, "concat")).toEqual({ type: "concat", arguments: [a] });
  });

  test("a fix is an edit that can be taken back", () => {
    const document: Json = { a: [1, 2], b: { c: "x" } };
    const edit = fromPatch(document, [
      { op: "add", path: "/a/1", value: "new" },
      { op: "replace", path: "/b/c", value: "y" },
      { op: "move", from: "/a/0", path: "/b/d" },
      { op: "remove", path: "/a/1" },
      { op: "add", path: "/a/-", value: "end" },
    ]);
    const { document: after, inverse } = apply(document, edit);
    expect(after).toEqual({ a: ["new", "end"], b: { c: "y", d: 1 } });
    expect(apply(after, inverse).document).toEqual(document);
  });
});

describe("json", () => {
  test("numbers keep every digit", () => {
    const text = '{"a":1234567890123456789012345678,"b":1.50,"c":[0.1000,-0.0]}';
    expect(printJson(parseJson(text))).toBe(text);
  });

  test("it reads what it writes", () => {
    fc.assert(fc.property(json, (value) => same(parseJson(printJson(value)), value)));
  });

  test("pointers", () => {
    expect(fromPointer("/a~1b/0/~0", { "a/b": [{ "~": 1 }] })).toEqual(["a/b", 0, "~"]);
    expect(fromPointer("/a/0", { a: { "0": 1 } })).toEqual(["a", "0"]);
  });
});

test("rows show every instruction once, and none that a collapsed block holds", () => {
  fc.assert(
    fc.property(spec, fc.nat(50), (document, at) => {
      const all = places(document, catalog);
      const shown = rows(document, catalog, new Set()).filter((row) => row.kind === "instruction");
      expect(shown.map((row) => row.id)).toEqual(all.map((place) => place.id));
      const folded = pick(all, at);
      if (folded === undefined) return;
      const left = rows(document, catalog, new Set([folded.id])).filter((row) => row.kind === "instruction");
      expect(left).toHaveLength(all.length - all.filter((place) => place.id !== folded.id && within(place.path, folded.path)).length);
      expect(idOf(folded.instruction)).toBe(folded.id);
    }),
  );
});
