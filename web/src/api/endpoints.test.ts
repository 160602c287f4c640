import { expect, it } from "vitest";

import { endpoints } from "~/generated/openapi";

const sources = import.meta.glob<string>("../**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });

/** Every `api.get("/…")` of the application, with what stands in `${…}` as a parameter. */
function calls(): { file: string; method: string; path: string }[] {
  const found: { file: string; method: string; path: string }[] = [];
  const shapes: [RegExp, (match: RegExpExecArray) => [string, string]][] = [
    [/\bapi\.(get|getTagged|post|put|putTagged|patch|delete)(?:<[^(]*>)?\(\s*[`"](\/[^`"]*)[`"]/g, (match) => [(match[1] ?? "").replace("Tagged", "").toUpperCase(), match[2] ?? ""]],
    [/\b(?:pages|list|useList)<[^(]*>\(\s*[`"](\/[^`"]*)[`"]/g, (match) => ["GET", match[1] ?? ""]],
    [/\bapi\.response\(\s*"(\w+)",\s*[`"](\/[^`"]*)[`"]/g, (match) => [match[1] ?? "", match[2] ?? ""]],
  ];
  for (const [file, text] of Object.entries(sources)) {
    if (file.includes(".test.") || file.includes("/generated/")) continue;
    for (const [shape, read] of shapes) {
      for (let match = shape.exec(text); match; match = shape.exec(text)) {
        const [method, path] = read(match);
        found.push({ file, method, path: path.replace(/\$\{[^}]*\}/g, "{}") });
      }
    }
  }
  return found;
}

it("asks only for what the server offers", () => {
  const made = calls();
  expect(made.length).toBeGreaterThan(40);
  // What the application fills in may stand for a parameter, or for a word such as `pause`.
  const offered = endpoints.map((endpoint) => {
    const [method, path = ""] = endpoint.split(" ");
    const steps = path.split("/").map((step) => (step.startsWith("{") ? "[^/]+" : `(?:${step}|\\{\\})`));
    return new RegExp(`^${method} ${steps.join("/")}$`);
  });
  const unknown = made.filter(({ method, path }) => !offered.some((pattern) => pattern.test(`${method} ${path}`)));
  expect(unknown.map(({ file, method, path }) => `${method} ${path} (${file})`).sort()).toEqual([]);
});
