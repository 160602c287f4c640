import { describe, expect, it } from "vitest";

import { type Action, capsOf, chordOf, match } from "./keys";

const press = (key: string, more: Partial<Record<"ctrlKey" | "metaKey" | "altKey" | "shiftKey", boolean>> = {}) =>
  chordOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });
const action = (id: string, keys: string): Action => ({ id, keys, title: id, group: "", run: () => {} });
const actions = [action("providers", "g p"), action("palette", "Mod+k"), action("down", "j"), action("sheet", "?"), action("down-here", "j")];

describe("chordOf", () => {
  it("names the modifiers that the key does not show", () => {
    expect(press("k", { ctrlKey: true })).toBe("Mod+k");
    expect(press("k", { metaKey: true })).toBe("Mod+k");
    expect(press("?", { shiftKey: true })).toBe("?");
    expect(press("K", { shiftKey: true })).toBe("Shift+k");
    expect(press("Enter", { shiftKey: true })).toBe("Shift+Enter");
  });
});

describe("match", () => {
  const found = (before: string, chord: string) => {
    const result = match(actions, before, chord);
    return result && ("action" in result ? result.action.id : result.pending);
  };
  it("follows a sequence", () => {
    expect(found("", "g")).toBe("g");
    expect(found("g", "p")).toBe("providers");
  });
  it("starts again where a sequence leads nowhere", () => {
    expect(found("g", "j")).toBe("down-here");
    expect(found("g", "x")).toBeNull();
  });
  it("lets what came later win", () => {
    expect(found("", "j")).toBe("down-here");
  });
});

it("shows keys as caps", () => {
  expect(capsOf("g p")).toEqual(["G", "then", "P"]);
  expect(capsOf("Mod+Shift+k")).toEqual(["Mod", "Shift", "K"]);
});
