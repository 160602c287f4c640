import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { JsonObject } from "~/generated/api";

import { emptyPoll, type HttpPoll, pollOf, pollPlaceholders, pollProblems, pollSettings } from "./httpPoll";
import { pathOf, pathText, valueOf as computed } from "./httpRequest";

const valueOf = (text: string) => computed(text, pollPlaceholders);

describe("valueOf", () => {
  it("computes placeholders, and leaves other braces alone", () => {
    expect(valueOf("open")).toBe("open");
    expect(valueOf("{since}")).toEqual({ type: "var", var: "since" });
    expect(valueOf("updated>{since}")).toEqual({ type: "concat", arguments: [{ type: "literal", value: "updated>" }, { type: "var", var: "since" }] });
    expect(valueOf("{unknown}")).toBe("{unknown}");
  });

  it("computes the segments of a path", () => {
    const since = { type: "var", var: "since" };
    expect(pathOf("/v1/deals", pollPlaceholders)).toBe("/v1/deals");
    expect(pathOf("/v1/{since}/deals", pollPlaceholders)).toEqual(["v1", since, "deals"]);
    expect(pathText(["v1", { type: "concat", arguments: [{ type: "literal", value: "from-" }, since] }], pollPlaceholders)).toBe("/v1/from-{since}");
  });
});

it("makes a poll of a form", () => {
  const poll = {
    ...emptyPoll,
    method: "POST" as const,
    path: "/v2/search",
    query: [
      ["limit", "{size}"],
      ["", "ignored"],
    ] as [string, string][],
    body: '{"after": "{cursor}", "only": ["won"]}',
    records: "data.items",
    paging: "cursor" as const,
    pagingPath: "data.next",
    size: "50",
    since: "server" as const,
    sinceField: "updated_at",
  };
  expect(pollProblems(poll)).toEqual({});
  expect(pollSettings(poll, "Deals", "deal")).toEqual({
    key: "id",
    poll: {
      title: "Deals",
      model: "deal",
      list: {
        request: { method: "POST", path: "/v2/search", query: { limit: { type: "var", var: "page.size" } }, body: { type: "json", content: { after: { $value: { type: "var", var: "page.cursor" } }, only: ["won"] } } },
        records: "data.items",
        paging: { type: "cursor", cursor: "data.next", size: 50 },
      },
      incremental: { type: "server", field: "updated_at" },
    },
  });
});

it("says what is missing", () => {
  expect(Object.keys(pollProblems({ ...emptyPoll, path: "deals", paging: "next_url", since: "engine", key: "" })).sort()).toEqual(["key", "pagingPath", "path", "sinceField"]);
  expect(pollProblems({ ...emptyPoll, path: "/x", method: "POST", body: "{" }).body).toBeDefined();
});

it("makes of a document the form that it came of, and of no other document any", () => {
  const text = fc.stringMatching(/^[a-z]{1,6}$/);
  const value = fc.oneof(text, fc.constantFrom("{since}", "{page}", "after {cursor} of {size}", "{unknown}"));
  // A document has each parameter once, and its names are in the order of an object's keys.
  const pairs = fc.uniqueArray(fc.tuple(text, value), { maxLength: 3, selector: ([name]) => name });
  const poll = fc
    .record({
      method: fc.constantFrom("GET" as const, "POST" as const),
      path: fc.array(value, { minLength: 1, maxLength: 3 }).map((each) => `/${each.join("/")}`),
      query: pairs,
      headers: pairs,
      body: pairs.map((each) => (each.length > 0 ? JSON.stringify(Object.fromEntries(each), null, 2) : "")),
      records: fc.oneof(fc.constant(""), text),
      absent: fc.boolean(),
      paging: fc.constantFrom("none" as const, "page" as const, "offset" as const, "cursor" as const, "next_url" as const, "link_header" as const, "last_record" as const),
      pagingPath: text,
      size: fc.integer({ min: 1, max: 999 }).map(String),
      since: fc.constantFrom("none" as const, "server" as const, "engine" as const),
      sinceField: text,
      sinceFormat: fc.constantFrom("", "seconds", "date"),
      key: text,
    })
    .map((each): HttpPoll => {
      const taken = ["cursor", "next_url", "last_record"].includes(each.paging);
      const none = each.since === "none" ? { sinceField: "", sinceFormat: "" } : {};
      return { ...each, ...none, body: each.method === "POST" ? each.body : "", pagingPath: taken ? each.pagingPath : "", size: each.paging === "none" ? "100" : each.size };
    });
  fc.assert(
    fc.property(poll, (given) => {
      expect(pollOf(pollSettings(given, "Deals", "deal"))).toEqual(given);
    }),
  );
  const settings = pollSettings({ ...emptyPoll, path: "/deals" }, "Deals", "deal");
  expect(pollOf(settings)?.path).toBe("/deals");
  expect(pollOf({ ...settings, poll: { ...(settings.poll as JsonObject), partitions: { type: "setting", setting: "boards" } } })).toBeNull();
  expect(pollOf({ ...settings, poll: { list: { request: { path: ["v2", "deals"] } } } })).toBeNull();
  expect(pollOf({})).toBeNull();
});
