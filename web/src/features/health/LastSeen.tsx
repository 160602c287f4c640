import type { Health } from "~/generated/api";
import { RelativeTime } from "~/ui/RelativeTime";

/** When a record came last that was new; of what is polled, also when that went well last. */
export function LastSeen({ health }: { health: Health | null | undefined }) {
  return (
    <span className="inline-flex flex-col items-end">
      <RelativeTime at={health?.last_record_at} empty={health?.last_run_at ? "nothing yet" : "never"} />
      {health?.last_run_at && (
        <span className="text-xs text-faint">
          asked <RelativeTime at={health.last_run_at} />
        </span>
      )}
    </span>
  );
}
