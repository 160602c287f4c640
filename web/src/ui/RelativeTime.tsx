import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

import { sessionQuery } from "~/api/session";
import { fullTime, relativeTime, shortTime } from "~/core/time";

import { Tooltip } from "./Tooltip";

/** One clock for all: ticks every ten seconds, and only while something is watching. */
const watchers = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function watch(callback: () => void): () => void {
  watchers.add(callback);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of watchers) each();
  }, 10_000);
  return () => {
    watchers.delete(callback);
    if (watchers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

export function useNow(): number {
  return useSyncExternalStore(watch, () => now);
}

export function useZone(): string {
  return useQuery(sessionQuery).data?.tenant.timezone ?? "UTC";
}

/** A time as people say it; in full, in the tenant's zone, on hover. `clock` shows date and time instead of the distance. */
export function RelativeTime({ at, clock, empty = "never" }: { at: string | null | undefined; clock?: boolean; empty?: string }) {
  const present = useNow();
  const zone = useZone();
  if (!at) return <span className="text-faint">{empty}</span>;
  // What happened since the last tick is not in the future.
  const reference = Math.max(present, Math.min(Date.parse(at), present + 15_000));
  return (
    <Tooltip text={fullTime(at, zone)}>
      <time dateTime={at} className="tabular whitespace-nowrap">
        {clock ? shortTime(at, zone, present) : relativeTime(at, reference, zone)}
      </time>
    </Tooltip>
  );
}
