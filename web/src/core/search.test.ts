import { expect, it } from "vitest";

import { rankBy } from "./search";

const names = ["Unlinked identities", "Providers", "Processors", "Sales", "Settings", "New provider"];
const find = (typed: string) => rankBy(names, typed, (name) => [name]);

it("puts what starts with the text first", () => {
  expect(find("pro")[0]).toBe("Providers");
  expect(find("provider")).toEqual(["Providers", "New provider"]);
});

it("takes words in any order, and letters in order as a last resort", () => {
  expect(find("provider new")).toEqual(["New provider"]);
  expect(find("prs")).toContain("Processors");
  expect(find("zzz")).toEqual([]);
});

it("gives everything when nothing is typed", () => {
  expect(find("  ")).toEqual(names);
});
