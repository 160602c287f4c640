import { describe, expect, it } from "vitest";

import { clock, duration, fullTime, instantOf, localOf, relativeTime } from "./time";

const now = Date.parse("2026-11-25T12:00:00Z");

describe("relativeTime", () => {
  it("says how long ago, and the date from a week on", () => {
    expect(relativeTime("2026-11-25T11:57:00Z", now, "UTC")).toMatch(/3.?min/);
    expect(relativeTime("2026-11-25T14:00:00Z", now, "UTC")).toMatch(/in 2/);
    expect(relativeTime("2026-11-01T00:30:00Z", now, "Europe/Amsterdam")).toBe("1 Nov");
    expect(relativeTime("2025-10-31T23:30:00Z", now, "Europe/Amsterdam")).toBe("1 Nov 2025");
    expect(relativeTime("not a time", now, "UTC")).toBe("not a time");
  });
});

describe("fullTime", () => {
  it("names the zone and its wall clock", () => {
    expect(fullTime("2026-11-25T12:00:07Z", "Europe/Amsterdam")).toContain("13:00:07");
    expect(fullTime("2026-07-25T12:00:07Z", "Europe/Amsterdam")).toContain("14:00:07");
  });
});

describe("instantOf and localOf", () => {
  it("are inverse, over both changes of the clock", () => {
    for (const local of ["2026-03-29T01:59", "2026-03-29T03:01", "2026-10-25T01:30", "2026-10-25T04:00", "2026-12-31T23:59"]) {
      const instant = instantOf(local, "Europe/Amsterdam");
      expect(localOf(instant ?? "", "Europe/Amsterdam")).toBe(local);
    }
    expect(instantOf("2026-07-01", "Europe/Amsterdam")).toBe("2026-06-30T22:00:00.000Z");
    expect(instantOf("never", "UTC")).toBeNull();
  });
});

describe("duration", () => {
  it("takes the unit that fits", () => {
    expect([840, 1500, 12_345, 1_400_000, 185_000_000, 7_260_000_000].map(duration)).toEqual(["840 µs", "1.5 ms", "12 ms", "1.4 s", "3 min 5 s", "2 h 1 min"]);
  });
});

it("shows seconds as a clock does", () => {
  expect([0, 23, 285, 3723].map(clock)).toEqual(["0:00", "0:23", "4:45", "1:02:03"]);
});
