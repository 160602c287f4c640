import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { emptyEnrichment, enrichmentProblems, enrichmentsDocument, enrichmentsOf, type HttpEnrichment, possibleParents } from "./httpEnrichment";
import { durationText } from "./settings";

const owner: HttpEnrichment = { ...emptyEnrichment, name: "owner", id: "owner.id", path: "/users/{id}", record: "data" };
const team: HttpEnrichment = { ...emptyEnrichment, name: "team", on: "owner", id: "team_id", kind: "table", path: "/teams", record: "teams", key: "code", missing: "fail", cache: "2 h" };
const many: HttpEnrichment = { ...emptyEnrichment, name: "company", id: "company_id", kind: "many", method: "POST", path: "/companies/search", body: '{"ids": "{ids}", "as": "all of {ids}"}', record: "results", batch: "20" };

it("makes the document of what was filled in", () => {
  expect(enrichmentsDocument([owner, team, many])).toEqual({
    owner: { id: "owner.id", fetch: { type: "by_id", request: { method: "GET", path: ["users", { type: "var", var: "id" }] }, record: "data" } },
    team: { on: "owner", id: "team_id", fetch: { type: "table", list: { request: { method: "GET", path: "/teams" }, records: "teams" }, key: "code", cache_seconds: 7200, missing: "fail" } },
    company: {
      id: "company_id",
      fetch: {
        type: "by_id",
        request: {
          method: "POST",
          path: "/companies/search",
          body: {
            type: "json",
            content: {
              ids: { $value: { type: "var", var: "ids" } },
              as: { $value: { type: "concat", arguments: [{ type: "literal", value: "all of " }, { type: "join", list: { type: "var", var: "ids" }, separator: { type: "literal", value: "," } }] } },
            },
          },
        },
        batch: { size: 20, records: "results", key: "id" },
      },
    },
  });
});

describe("what is wrong", () => {
  it("is nothing where all is well", () => {
    for (const each of [owner, team, many]) expect(enrichmentProblems(each, [owner, team, many])).toEqual({});
  });

  it("is said by field", () => {
    const problems = (change: Partial<HttpEnrichment>, others: HttpEnrichment[] = []) => Object.keys(enrichmentProblems({ ...owner, ...change }, others));
    expect(problems({ name: "Owner" })).toEqual(["name"]);
    expect(problems({}, [{ ...team, name: "owner" }])).toEqual(["name"]);
    expect(problems({ id: " " })).toEqual(["id"]);
    expect(problems({ path: "/users" })).toEqual(["path"]);
    expect(problems({ path: "/users?id={id}" })).toEqual(["path"]);
    expect(problems({ path: "/users", query: [["id", "{id}"]] })).toEqual([]);
    expect(problems({ cache: "soon" })).toEqual(["cache"]);
    expect(problems({ kind: "many", path: "/users/{ids}", record: "", key: "", batch: "0" }).sort()).toEqual(["batch", "key", "record"]);
    expect(problems({ on: "team" }, [team])).toEqual(["on"]);
  });

  it("never lets one hang on itself", () => {
    const all = [owner, team, { ...owner, name: "boss", on: "team" }, { ...owner, name: "other" }];
    expect(possibleParents(all[0] as HttpEnrichment, all)).toEqual(["other"]);
    expect(possibleParents(all[1] as HttpEnrichment, all)).toEqual(["owner", "other"]);
  });
});

it("makes of a document the form that it came of, and of no other document any", () => {
  const text = fc.stringMatching(/^[a-z]{1,6}$/);
  const pairs = fc.uniqueArray(fc.tuple(text, fc.oneof(text, fc.constantFrom("{id}", "{ids}", "{page}", "x{id}y"))), { maxLength: 2, selector: ([name]) => name });
  const enrichment = fc
    .record({
      name: text,
      on: fc.constantFrom("", "owner"),
      id: text.map((each) => `${each}.id`),
      kind: fc.constantFrom("one" as const, "many" as const, "table" as const),
      method: fc.constantFrom("GET" as const, "POST" as const),
      path: fc.constantFrom("/users", "/users/{id}/x", "/a/{ids}"),
      query: pairs,
      headers: pairs,
      body: pairs.map((each) => (each.length > 0 ? JSON.stringify(Object.fromEntries(each), null, 2) : "")),
      paging: fc.constantFrom("none" as const, "page" as const, "link_header" as const),
      size: fc.integer({ min: 1, max: 999 }).map(String),
      record: text,
      key: text,
      batch: fc.integer({ min: 1, max: 99 }).map(String),
      cache: fc.oneof(fc.constant(""), fc.integer({ min: 0, max: 9999 }).map(durationText)),
      missing: fc.constantFrom("null" as const, "fail" as const, "retry" as const),
      title: fc.constantFrom("", "Who owns it"),
    })
    .map((each): HttpEnrichment => {
      const paged = each.kind === "table" && each.paging !== "none";
      return {
        ...each,
        body: each.method === "POST" ? each.body : "",
        paging: paged ? each.paging : "none",
        pagingPath: "",
        size: paged ? each.size : "100",
        key: each.kind === "one" ? "id" : each.key,
        batch: each.kind === "many" ? each.batch : "50",
      };
    });
  fc.assert(
    fc.property(fc.uniqueArray(enrichment, { maxLength: 3, selector: (each) => each.name }), (given) => {
      expect(enrichmentsOf({ enrichments: enrichmentsDocument(given) })).toEqual(given);
    }),
  );
  expect(enrichmentsOf({})).toEqual([]);
  expect(enrichmentsOf({ enrichments: { fields: { id: "x", fetch: { type: "named_fields" } } } })).toBeNull();
  expect(enrichmentsOf({ enrichments: { owner: { id: { type: "var", var: "record.x" }, fetch: { type: "by_id", request: { method: "GET", path: "/x" } } } } })).toBeNull();
});
