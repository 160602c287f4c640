import type { Health } from "~/generated/api";
import { Status, type Tone } from "~/ui/Badge";
import { Tooltip } from "~/ui/Tooltip";

const states: Record<string, { tone: Tone; word: string }> = {
  ok: { tone: "ok", word: "Healthy" },
  waiting: { tone: "neutral", word: "Waiting" },
  quiet: { tone: "warn", word: "Quiet" },
  failing: { tone: "danger", word: "Failing" },
  paused: { tone: "neutral", word: "Paused" },
  needs_reconnecting: { tone: "danger", word: "Needs reconnecting" },
  active: { tone: "ok", word: "Active" },
};

/** How a source or a provider does, in a word; why, on hover. */
export function HealthStatus({ health, status }: { health: Health | null | undefined; status?: string }) {
  const state = status === "needs_reconnecting" ? status : (health?.state ?? "waiting");
  const { tone, word } = states[state] ?? { tone: "neutral" as Tone, word: state };
  const shown = (
    <span tabIndex={-1}>
      <Status tone={tone}>{word}</Status>
    </span>
  );
  return health?.detail ? <Tooltip text={health.detail}>{shown}</Tooltip> : shown;
}
