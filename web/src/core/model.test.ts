import { expect, it } from "vitest";

import { isEdited, withEdit, fieldsOf } from "./model";

it("lays decisions over nested fields and list items", () => {
  const one = withEdit({}, "lines[].price", { type: "number" });
  expect(one).toEqual({ fields: { lines: { items: { fields: { price: { type: "number" } } } } } });
  const two = withEdit(one, "lines[].price", { personal: null });
  expect(two).toEqual({ fields: { lines: { items: { fields: { price: { type: "number", personal: null } } } } } });
  expect(withEdit({}, "tags[]", { personal: "name" })).toEqual({ fields: { tags: { items: { personal: "name" } } } });
});

it("keeps what was decided before, also in its short form, and changes nothing in place", () => {
  const before = { key: "id", fields: { email: "string" } };
  const after = withEdit(before, "email", { personal: "email" });
  expect(after).toEqual({ key: "id", fields: { email: { type: "string", personal: "email" } } });
  expect(before.fields.email).toBe("string");
});

it("knows what was decided", () => {
  const edits = withEdit({}, "lines[].price", { type: "number" });
  expect(isEdited(edits, "lines[].price")).toBe(true);
  expect(isEdited(edits, "lines")).toBe(false);
  expect(isEdited({ fields: { email: "string" } }, "email")).toBe(true);
  expect(isEdited({}, "email")).toBe(false);
});

it("tells the fields of a declaration one by one", () => {
  const declaration = {
    key: "id",
    fields: {
      id: "string",
      owner: { fields: { name: { type: "string", personal: "name" } } },
      lines: { type: "array", items: { fields: { price: { type: "number", may_be_empty: true } } } },
      tags: { type: "array", items: "string" },
    },
  };
  expect(fieldsOf(declaration).map((field) => `${field.path} ${field.type}${field.mayBeEmpty ? "?" : ""}${field.personal ? ` (${field.personal})` : ""}`)).toEqual([
    "id string",
    "owner.name string (name)",
    "lines array",
    "lines[].price number?",
    "tags array",
  ]);
  expect(fieldsOf(null)).toEqual([]);
});
