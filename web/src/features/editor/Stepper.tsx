import { type Iteration, type TraceInstruction, iterationFailed } from "~/core/trace";

import { Steps } from "./Steps";
import { useStore } from "./context";

/** Steps through the iterations of a loop. */
export function Stepper({ id, loop, iteration }: { id: string; loop: TraceInstruction; iteration: Iteration | undefined }) {
  const store = useStore();
  const iterations = loop.iterations ?? [];
  if (iterations.length === 0) return <span className="text-2xs text-faint">the list was empty</span>;
  const at = iteration === undefined ? -1 : iterations.indexOf(iteration);
  return (
    <span className="flex items-center gap-0.5" role="group" aria-label="Iterations">
      <Steps name="iteration" steps={iterations} current={iteration} isFailed={iterationFailed} onGo={(index) => store.step(id, index)} failedClass="ml-1">
        {at + 1} of {iterations.length}
      </Steps>
    </span>
  );
}
