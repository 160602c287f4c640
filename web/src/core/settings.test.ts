import { describe, expect, it } from "vitest";

import type { Field } from "~/generated/api";

import { durationSeconds, durationText, initialValues, partsOf, problemsOf, visibleFields } from "./settings";

const field = (name: string, type: Field["type"], more: Partial<Field> = {}): Field => ({
  name,
  type,
  title: name,
  required: true,
  help: null,
  pattern: null,
  options: null,
  default: null,
  example: null,
  when: null,
  ...more,
});
const choice = (value: string) => ({ value, title: value, help: null });

const fields: Field[] = [
  field("scheme", "enum", { options: [choice("none"), choice("hmac")], default: "none" }),
  field("secret", "secret", { when: { field: "scheme", equals: ["hmac"] } }),
  field("url", "url", { required: false }),
  field("every", "duration", { default: 300 }),
  field("key", "string", { required: false, pattern: "[a-z]{3}", help: "Three letters" }),
];

describe("a form from fields", () => {
  it("shows a field only where another has the value it hangs on", () => {
    expect(visibleFields(fields, {}).map((field) => field.name)).not.toContain("secret");
    expect(visibleFields(fields, { scheme: "hmac" }).map((field) => field.name)).toContain("secret");
  });

  it("asks for what is needed, but not for a secret that is stored", () => {
    const values = { ...initialValues(fields), scheme: "hmac" };
    expect(problemsOf(fields, values)).toEqual({ secret: "This is needed" });
    expect(problemsOf(fields, values, new Set(["secret"]))).toEqual({});
  });

  it("says what is wrong with a value", () => {
    const found = problemsOf(fields, { ...initialValues(fields), url: "example.com", every: "soon", key: "abcd" });
    expect(Object.keys(found).sort()).toEqual(["every", "key", "url"]);
    expect(found.key).toBe("Three letters");
  });

  it("sends secrets apart, and nothing that is hidden or empty", () => {
    const values = { scheme: "hmac", secret: "s3cret", url: "", every: "5 min", key: undefined };
    expect(partsOf(fields, values)).toEqual({ settings: { scheme: "hmac", every: 300 }, secrets: { secret: "s3cret" } });
    expect(partsOf(fields, { ...values, scheme: "none" }).secrets).toEqual({});
  });
});

it("reads and writes durations", () => {
  expect(["90", "5 min", "2h", "1 d", "soon", "3 weeks"].map(durationSeconds)).toEqual([90, 300, 7200, 86_400, null, null]);
  expect([90, 300, 7200, 86_400].map(durationText)).toEqual(["90 s", "5 min", "2 h", "1 d"]);
});
