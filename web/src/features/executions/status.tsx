import { words } from "~/core/numbers";
import { Status, type Tone } from "~/ui/Badge";
import { Tooltip } from "~/ui/Tooltip";

const tones: Record<string, Tone> = {
  succeeded: "ok",
  skipped: "info",
  partially_failed: "warn",
  failed: "danger",
  stale: "violet",
  replaced: "violet",
  undone: "violet",
  waiting: "neutral",
};

export const statuses = ["failed", "partially_failed", "waiting", "succeeded", "skipped", "stale", "replaced", "undone"];

export function ExecutionStatusMark({ status, message }: { status: string; message?: string | null }) {
  const mark = (
    <span>
      <Status tone={tones[status] ?? "neutral"} pulse={status === "waiting"}>
        {words(status)}
      </Status>
    </span>
  );
  return message ? <Tooltip text={message}>{mark}</Tooltip> : mark;
}

/** What an execution wrote, in a few words: "2 created, 1 updated". */
export function Writes({ writes }: { writes: { [verdict: string]: number } | null | undefined }) {
  const parts = Object.entries(writes ?? {}).filter(([, value]) => value > 0);
  if (parts.length === 0) return <span className="text-faint">nothing</span>;
  return <span className="tabular text-muted">{parts.map(([verdict, value]) => `${value} ${verdict.replaceAll("_", " ")}`).join(", ")}</span>;
}
