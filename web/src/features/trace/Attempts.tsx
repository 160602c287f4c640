import { Check, ChevronDown, History } from "lucide-react";
import { useState } from "react";

import { Popover } from "~/ui/Popover";
import { RelativeTime } from "~/ui/RelativeTime";
import { cx } from "~/ui/cx";

import { ExecutionStatusMark } from "../executions/status";
import type { Attempt } from "../editor/transport";

/** The attempts at an execution, newest first: when, with which version, how it ended, and who asked for it. Nothing where it ran once. */
export function Attempts({
  attempts,
  shown,
  onPick,
}: {
  attempts: readonly Attempt[];
  /** The earlier one that is looked at; none: how it stands. */
  shown: string | undefined;
  onPick: (id: string | undefined) => void;
}) {
  const [open, setOpen] = useState(false);
  if (attempts.length < 2) return null;
  const at = Math.max(
    0,
    attempts.findIndex((attempt) => (attempt.id ?? undefined) === shown),
  );
  return (
    <Popover
      align="end"
      title="Attempts"
      className="w-96"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <button type="button" className="flex h-7 items-center gap-1.5 rounded-md border border-line px-2 text-xs font-medium text-text hover:bg-hover">
          <History aria-hidden="true" className="size-3.5 text-muted" />
          <span className="tabular">
            Attempt {attempts.length - at} of {attempts.length}
          </span>
          <ChevronDown aria-hidden="true" className="size-3.5 text-muted" />
        </button>
      }
    >
      <ol className="-mx-2 -mb-2 max-h-96 overflow-y-auto">
        {attempts.map((attempt, place) => (
          <li key={attempt.id ?? "now"}>
            <button
              type="button"
              aria-current={place === at}
              onClick={() => {
                setOpen(false);
                onPick(attempt.id ?? undefined);
              }}
              className={cx("flex w-full items-start gap-2 rounded-md px-2 py-1.5 text-left text-xs hover:bg-hover", place === at && "bg-active")}
            >
              <span className="tabular w-5 shrink-0 text-right text-muted">{attempts.length - place}</span>
              <span className="min-w-0 flex-1">
                <span className="flex items-center gap-2">
                  <ExecutionStatusMark status={attempt.status} />
                  <span className="text-muted">
                    <RelativeTime at={attempt.at} /> · v{attempt.version}
                  </span>
                </span>
                <span className="mt-0.5 block text-muted">{askedFor(attempt)}</span>
                {attempt.message !== null && <span className="mt-0.5 block text-text">{attempt.message}</span>}
              </span>
              {place === at && <Check aria-hidden="true" className="size-3.5 shrink-0 text-muted" />}
            </button>
          </li>
        ))}
      </ol>
    </Popover>
  );
}

/** Who asked for an attempt, and how, in words. */
function askedFor({ asked }: Attempt): string {
  if (asked === null) return "When the record arrived";
  const version = asked.same_version ? "with the version that ran before" : "with the newest version";
  return `Asked for by ${asked.by}, ${version}${asked.fresh ? " and fresh related data" : ""}`;
}
