import { Lock } from "lucide-react";

import { shortDuration } from "~/core/time";
import type { Happened } from "~/core/trace";
import { Badge, type Tone } from "~/ui/Badge";

import { useEditor } from "./context";

const verdicts: Record<string, { tone: Tone; word: string }> = {
  created: { tone: "ok", word: "created" },
  updated: { tone: "info", word: "updated" },
  found: { tone: "neutral", word: "found" },
  kept: { tone: "violet", word: "kept" },
  locked: { tone: "violet", word: "locked" },
  nothing: { tone: "neutral", word: "nothing changed" },
};

/** What happened to an instruction, at the end of its card. */
export function Happening({ happened, id }: { happened: Happened; id: string }) {
  const effects = useEditor((state) => state.overlay?.effects);
  const building = useEditor((_, store) => store.mode === "build");
  const { outcome, instruction } = happened;
  if (outcome === "failed") return <Badge tone="danger">failed</Badge>;
  if (outcome === "undone") return <Badge tone="warn">undone</Badge>;
  if (outcome === "not_reached" || outcome === "disabled")
    return building ? null : <span className="shrink-0 text-2xs text-faint">{outcome === "disabled" ? "" : "not reached"}</span>;
  const own = (instruction.effects ?? []).map((at) => effects?.[at]).filter((effect) => effect !== undefined);
  const failures = happened.failed && (instruction.iterations !== undefined || instruction.branch !== undefined);
  return (
    <>
      {failures && instruction.iterations === undefined && <Badge tone="danger">failed inside</Badge>}
      {instruction.iterations !== undefined && (
        <span className="tabular shrink-0 text-2xs text-faint">
          {instruction.iterations.length} {instruction.iterations.length === 1 ? "iteration" : "iterations"}
        </span>
      )}
      {own.slice(0, 2).map((effect, at) => {
        const verdict = effect.outcome && verdicts[effect.outcome.verdict];
        const changed = effect.outcome?.changed?.filter((change) => change.change === "updated").length ?? 0;
        return verdict ? (
          <Badge key={`${id}${at}`} tone={verdict.tone} icon={verdict.tone === "violet" ? <Lock aria-hidden="true" /> : undefined}>
            {verdict.word}
            {effect.outcome?.verdict === "updated" && changed > 0 ? ` ${changed} ${changed === 1 ? "field" : "fields"}` : ""}
          </Badge>
        ) : null;
      })}
      {!building && instruction.time_ns !== undefined && (
        <span title="How long it took while it was worked out again, with all that it holds" className="tabular shrink-0 text-2xs text-faint">
          {shortDuration(instruction.time_ns)}
        </span>
      )}
    </>
  );
}
