import { describe, expect, it } from "vitest";

import { emptyPoll, pollProblems, pollSettings, valueOf } from "./httpPoll";

describe("valueOf", () => {
  it("computes placeholders, and leaves other braces alone", () => {
    expect(valueOf("open")).toBe("open");
    expect(valueOf("{since}")).toEqual({ type: "var", var: "since" });
    expect(valueOf("updated>{since}")).toEqual({ type: "concat", arguments: [{ type: "literal", value: "updated>" }, { type: "var", var: "since" }] });
    expect(valueOf("{unknown}")).toBe("{unknown}");
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
