import { places } from "~/core/spec";
import type { EditorStore } from "~/features/editor/store";

/** Goes to the problem after or before what is selected, round and round. */
export function goToProblem(store: EditorStore, step: 1 | -1): void {
  const order = new Map(places(store.state.document, store.catalog).map((place, at) => [place.id, at]));
  const problems = store.state.problems.all
    .filter((problem) => order.has(problem.id))
    .toSorted((one, other) => (order.get(one.id) ?? 0) - (order.get(other.id) ?? 0));
  const own = order.get(store.state.focus ?? "") ?? -1;
  const here = problems.findIndex((problem) => problem.id === store.state.focus && problem.below === store.state.node);
  let to =
    here >= 0
      ? here + step
      : step > 0
        ? problems.findIndex((problem) => (order.get(problem.id) ?? 0) > own)
        : problems.findLastIndex((problem) => (order.get(problem.id) ?? 0) < own);
  if (to < 0 || to >= problems.length) to = step > 0 ? 0 : problems.length - 1;
  const problem = problems[to];
  if (problem) store.reveal(problem.id, problem.below);
}
