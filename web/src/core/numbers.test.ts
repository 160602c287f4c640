import { expect, it } from "vitest";

import { bytes, decimal, plural, words } from "./numbers";

it("keeps every digit of a decimal", () => {
  expect(decimal("1234567.10")).toBe("1,234,567.10");
  expect(decimal("-0.1234567890123456789")).toBe("-0.1234567890123456789");
  expect(decimal("12345678901234567890")).toBe("12,345,678,901,234,567,890");
  expect(decimal("n/a")).toBe("n/a");
  expect([decimal("5350.6", 2), decimal("12", 2), decimal("1.2345", 2)]).toEqual(["5,350.60", "12.00", "1.2345"]);
});

it("counts in words", () => {
  expect(plural(1, "record")).toBe("1 record");
  expect(plural(2500, "activity", "activities")).toBe("2,500 activities");
  expect(words("needs_reconnecting")).toBe("Needs reconnecting");
});

it("gives sizes in decimal units", () => {
  expect([999, 1000, 1_234_000, 250_000_000].map(bytes)).toEqual(["999 B", "1.0 kB", "1.2 MB", "250 MB"]);
});
