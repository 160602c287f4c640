import { expect, it } from "vitest";

import { constantProblems, constantsOf, constantValues } from "./constants";

const declared = constantsOf({
  constants: [{ name: "label", type: "string", default: "Won" }, { name: "rate", type: "number" }, { name: "stages", type: "array<string>" }, "nonsense"],
});

it("reads the declarations of a spec, also of a broken one", () => {
  expect(declared.map((constant) => constant.name)).toEqual(["label", "rate", "stages"]);
  expect(constantsOf({})).toEqual([]);
});

it("asks for what has no default, and keeps the default where nothing is said", () => {
  expect(Object.keys(constantProblems(declared, { rate: "x" }))).toEqual(["rate", "stages"]);
  expect(constantProblems(declared, { rate: "0.5", stages: ["a"] })).toEqual({});
  expect(constantValues(declared, { label: "", rate: "0.5", stages: ["a"], gone: 1 })).toEqual({ rate: 0.5, stages: ["a"] });
});
