import { ChevronLeft, ChevronRight, SkipForward } from "lucide-react";
import type { ReactNode } from "react";

import { IconButton } from "~/ui/Button";
import { cx } from "~/ui/cx";

type Step = { readonly index: number };

type Props<T extends Step> = {
  /** What one of them is called: `iteration`, `item`. */
  readonly name: string;
  /** Those that can be gone to, in order. */
  readonly steps: readonly T[];
  /** The one that is shown. */
  readonly current: T | undefined;
  readonly isFailed: (step: T) => boolean;
  readonly onGo: (index: number) => void;
  /** Where among them it is, in words. */
  readonly children: ReactNode;
  /** Of the button that leads to the next that failed. */
  readonly failedClass?: string;
};

/** Back, forward, and on to the next that failed. */
export function Steps<T extends Step>({ name, steps, current, isFailed, onGo, children, failedClass }: Props<T>) {
  const at = current === undefined ? -1 : steps.indexOf(current);
  const failed = steps.filter(isFailed);
  const nextFailed = failed.find((each) => each.index > (current?.index ?? -1)) ?? failed[0];
  const go = (to: T | undefined): void => {
    if (to) onGo(to.index);
  };
  return (
    <>
      <IconButton
        label={`Previous ${name}`}
        icon={<ChevronLeft className="size-3.5" />}
        className="!size-6"
        disabled={at <= 0}
        onClick={() => go(steps[at - 1])}
      />
      <span className="tabular shrink-0 text-2xs text-muted" aria-live="polite">
        {children}
      </span>
      <IconButton
        label={`Next ${name}`}
        icon={<ChevronRight className="size-3.5" />}
        className="!size-6"
        disabled={at >= steps.length - 1}
        onClick={() => go(steps[at + 1])}
      />
      {failed.length > 0 && (
        <button
          type="button"
          onClick={() => go(nextFailed)}
          className={cx(
            "flex h-6 items-center gap-1 rounded-sm bg-danger-soft px-1.5 text-2xs font-medium text-danger-text hover:bg-danger hover:text-surface",
            failedClass,
          )}
        >
          <SkipForward aria-hidden="true" className="size-3" />
          {failed.length} failed
        </button>
      )}
    </>
  );
}
