/** The constants of a processor, valued on a link. Pure. */
import type { Json, JsonObject } from "~/generated/api";

export type ConstantDeclaration = { name: string; type: string; default?: Json; description?: string };

/** The constants that a spec declares. */
export function constantsOf(spec: JsonObject | undefined): ConstantDeclaration[] {
  const list = spec?.constants;
  if (!Array.isArray(list)) return [];
  return list.flatMap((item) => {
    if (item === null || typeof item !== "object" || Array.isArray(item) || typeof item.name !== "string") return [];
    return [
      {
        name: item.name,
        type: typeof item.type === "string" ? item.type : "string",
        default: item.default,
        description: typeof item.description === "string" ? item.description : undefined,
      },
    ];
  });
}

/** What is wrong with the values, by constant: the ones without a value and without a default, and numbers that are none. */
export function constantProblems(declared: readonly ConstantDeclaration[], values: JsonObject): { [name: string]: string } {
  const problems: { [name: string]: string } = {};
  for (const constant of declared) {
    const value = values[constant.name];
    const missing = value === undefined || value === null || value === "";
    if (missing && constant.default === undefined) problems[constant.name] = "This processor needs a value here";
    if (!missing && constant.type === "number" && Number.isNaN(Number(value))) problems[constant.name] = "This is not a number";
  }
  return problems;
}

/** What to send: numbers as numbers, what is empty left to its default. */
export function constantValues(declared: readonly ConstantDeclaration[], values: JsonObject): JsonObject {
  const out: JsonObject = {};
  for (const { name, type } of declared) {
    const value = values[name];
    if (value === undefined || value === null || value === "") continue;
    out[name] = type === "number" && typeof value === "string" ? Number(value) : value;
  }
  return out;
}
