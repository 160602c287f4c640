import { CircleAlert, Compass, RotateCw } from "lucide-react";
import type { ReactNode } from "react";

import { ApiError, messageOf } from "~/api/client";

import { Button } from "./Button";
import { cx } from "./cx";

type EmptyProps = { icon?: ReactNode; title: ReactNode; children?: ReactNode; action?: ReactNode; className?: string };

/** Nothing here: what would be here, why it is not, and what to do about it. */
export function EmptyState({ icon, title, children, action, className }: EmptyProps) {
  return (
    <div data-empty className={cx("flex flex-col items-center justify-center px-6 py-14 text-center", className)}>
      {icon && (
        <div aria-hidden="true" className="mb-3 flex size-10 items-center justify-center rounded-lg border border-line bg-sunken text-muted [&>svg]:size-5">
          {icon}
        </div>
      )}
      <p className="text-sm font-semibold text-text">{title}</p>
      {children && <div className="mt-1 max-w-md text-sm text-muted">{children}</div>}
      {action && <div className="mt-4 flex gap-2">{action}</div>}
    </div>
  );
}

/** Something could not be loaded: what the server said, and a way to try again. What does not exist will not by trying again. */
export function ErrorState({ error, onRetry, title, className }: { error: unknown; onRetry?: () => void; title?: string; className?: string }) {
  const code = error instanceof ApiError ? error.code : undefined;
  if (error instanceof ApiError && error.status === 404) {
    return (
      <div role="alert" data-failed className={className}>
        <EmptyState icon={<Compass />} title="There is no such thing here" action={<Button onClick={() => window.history.back()}>Go back</Button>}>
          It was deleted, or the address is misspelt.
        </EmptyState>
      </div>
    );
  }
  return (
    <div role="alert" data-failed className={cx("flex flex-col items-center justify-center px-6 py-14 text-center", className)}>
      <div aria-hidden="true" className="mb-3 flex size-10 items-center justify-center rounded-lg bg-danger-soft text-danger-text">
        <CircleAlert className="size-5" />
      </div>
      <p className="text-sm font-semibold text-text">{title ?? "This could not be loaded"}</p>
      <p className="mt-1 max-w-md text-sm text-muted">{messageOf(error)}</p>
      {code && <p className="mt-1 font-mono text-xs text-faint">{code}</p>}
      {onRetry && (
        <Button className="mt-4" icon={<RotateCw className="size-3.5" />} onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden="true" className={cx("animate-pulse rounded-sm bg-active", className ?? "h-4 w-32")} />;
}

/** Rows of a list that is being loaded. */
export function SkeletonRows({ rows = 8 }: { rows?: number }) {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col">
      {Array.from({ length: rows }, (_, at) => (
        <div key={at} className="flex h-9 items-center gap-6 border-b border-line px-5">
          <Skeleton className="h-3 w-40" />
          <Skeleton className="h-3 w-24" />
          <Skeleton className="h-3 w-56" />
        </div>
      ))}
    </div>
  );
}

/** A notice within a page. */
export function Notice({ tone = "info", title, children, action }: { tone?: "info" | "warn" | "danger" | "ok"; title?: ReactNode; children?: ReactNode; action?: ReactNode }) {
  const tones = {
    info: "bg-info-soft text-info-text",
    warn: "bg-warn-soft text-warn-text",
    danger: "bg-danger-soft text-danger-text",
    ok: "bg-ok-soft text-ok-text",
  };
  return (
    <div role={tone === "danger" ? "alert" : "status"} className={cx("flex items-start justify-between gap-3 rounded-md px-3 py-2 text-sm", tones[tone])}>
      <div className="min-w-0">
        {title && <p className="font-medium">{title}</p>}
        {children}
      </div>
      {action}
    </div>
  );
}
