import { ChevronLeft, ChevronRight, SkipForward } from "lucide-react";

import { type Iteration, type TraceInstruction, iterationFailed } from "~/core/trace";
import { IconButton } from "~/ui/Button";

import { useStore } from "./context";

/** Steps through the iterations of a loop. */
export function Stepper({ id, loop, iteration }: { id: string; loop: TraceInstruction; iteration: Iteration | undefined }) {
  const store = useStore();
  const iterations = loop.iterations ?? [];
  const failed = iterations.filter(iterationFailed);
  const at = iteration === undefined ? -1 : iterations.indexOf(iteration);
  const go = (to: Iteration | undefined): void => {
    if (to) store.step(id, to.index);
  };
  if (iterations.length === 0) return <span className="text-2xs text-faint">the list was empty</span>;
  const nextFailed = failed.find((each) => each.index > (iteration?.index ?? -1)) ?? failed[0];
  return (
    <span className="flex items-center gap-0.5" role="group" aria-label="Iterations">
      <IconButton
        label="Previous iteration"
        icon={<ChevronLeft className="size-3.5" />}
        className="!size-6"
        disabled={at <= 0}
        onClick={() => go(iterations[at - 1])}
      />
      <span className="tabular text-2xs text-muted" aria-live="polite">
        {at + 1} of {iterations.length}
      </span>
      <IconButton
        label="Next iteration"
        icon={<ChevronRight className="size-3.5" />}
        className="!size-6"
        disabled={at >= iterations.length - 1}
        onClick={() => go(iterations[at + 1])}
      />
      {failed.length > 0 && (
        <button
          type="button"
          onClick={() => go(nextFailed)}
          className="ml-1 flex h-6 items-center gap-1 rounded-sm bg-danger-soft px-1.5 text-2xs font-medium text-danger-text hover:bg-danger hover:text-surface"
        >
          <SkipForward aria-hidden="true" className="size-3" />
          {failed.length} failed
        </button>
      )}
    </span>
  );
}
