/** What the checker says, at the nodes it is about. It is kept by instruction, so that it stays in place while the spec is edited. */
import type { Catalog } from "./catalog";
import type { PatchOperation } from "./edit";
import type { Json } from "./json";
import { ownerOf, places } from "./spec";

export type Severity = "error" | "warning" | "info";

export interface Fix {
  readonly title: string;
  readonly patch: readonly PatchOperation[];
}

export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  readonly pointer: string;
  readonly instruction?: string | null;
  readonly text: string;
  readonly fixes?: readonly Fix[];
}

export interface Problem extends Diagnostic {
  /** The instruction it is about; empty where it is about the spec as a whole. */
  readonly id: string;
  /** The pointer below the instruction. */
  readonly below: string;
}

export interface Problems {
  readonly all: readonly Problem[];
  readonly byId: ReadonlyMap<string, readonly Problem[]>;
  readonly errors: number;
  readonly warnings: number;
}

export const NO_PROBLEMS: Problems = { all: [], byId: new Map(), errors: 0, warnings: 0 };

export function sortOut(document: Json, catalog: Catalog, diagnostics: readonly Diagnostic[], before: Problems = NO_PROBLEMS): Problems {
  const all = diagnostics.map((diagnostic): Problem => {
    const owner = ownerOf(document, catalog, diagnostic.pointer);
    return { ...diagnostic, id: owner?.place.id ?? "", below: owner?.rest ?? diagnostic.pointer };
  });
  // Mostly an edit changes nothing about what is wrong.
  if (all.length === before.all.length && all.every((problem, place) => sameProblem(problem, before.all[place]) && problem.id === before.all[place]?.id)) return before;
  const byId = new Map<string, Problem[]>();
  for (const problem of all) {
    const list = byId.get(problem.id);
    if (list === undefined) byId.set(problem.id, [problem]);
    else list.push(problem);
  }
  // Lists that say the same stay the same objects, so that what shows them need not be drawn again.
  const kept = new Map<string, readonly Problem[]>();
  for (const [id, list] of byId) {
    const old = before.byId.get(id);
    kept.set(id, old !== undefined && old.length === list.length && old.every((each, index) => sameProblem(each, list[index])) ? old : list);
  }
  return {
    all,
    byId: kept,
    errors: all.filter((problem) => problem.severity === "error").length,
    warnings: all.filter((problem) => problem.severity === "warning").length,
  };
}

function sameProblem(one: Problem, other: Problem | undefined): boolean {
  return other !== undefined && one.code === other.code && one.pointer === other.pointer && one.text === other.text && one.severity === other.severity;
}

/** The problems of a node itself, and of what is below it. */
export function at(problems: readonly Problem[] | undefined, pointer: string): { own: readonly Problem[]; below: readonly Problem[] } {
  const list = problems ?? [];
  return {
    own: list.filter((problem) => problem.below === pointer),
    below: list.filter((problem) => problem.below.startsWith(`${pointer}/`)),
  };
}

/** How many errors and warnings each collapsed block hides. */
export function counts(document: Json, catalog: Catalog, problems: Problems): ReadonlyMap<string, { errors: number; warnings: number }> {
  const result = new Map<string, { errors: number; warnings: number }>();
  const parents = new Map(places(document, catalog).map((place) => [place.id, place.parent]));
  for (const [id, list] of problems.byId) {
    for (let block: string | undefined = id; block !== undefined && block !== ""; block = parents.get(block)) {
      const count = result.get(block) ?? { errors: 0, warnings: 0 };
      count.errors += list.filter((problem) => problem.severity === "error").length;
      count.warnings += list.filter((problem) => problem.severity === "warning").length;
      result.set(block, count);
    }
  }
  return result;
}
