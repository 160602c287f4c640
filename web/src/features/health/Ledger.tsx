import { compact, count } from "~/core/numbers";
import type { Ledger as LedgerCounts } from "~/generated/api";
import { Badge } from "~/ui/Badge";
import { cx } from "~/ui/cx";

const parts = [
  { key: "executed", title: "Executed", tone: "bg-accent", hint: "every processor that is linked ran" },
  { key: "duplicate", title: "Duplicate", tone: "bg-info", hint: "the same was received before" },
  { key: "stale", title: "Stale", tone: "bg-violet", hint: "a newer version was here already" },
  { key: "rejected", title: "Rejected", tone: "bg-warn", hint: "refused, with the reason logged" },
  { key: "waiting", title: "Waiting", tone: "bg-control", hint: "accepted, and not run yet" },
  { key: "failed", title: "Failed", tone: "bg-danger", hint: "ran into an error; can be run again" },
] as const;

/** What became of everything a source received, as one bar. */
export function LedgerBar({ ledger, className }: { ledger: LedgerCounts; className?: string }) {
  const total = Math.max(1, ledger.received);
  const words = parts.filter((part) => ledger[part.key] > 0).map((part) => `${part.title.toLowerCase()} ${count(ledger[part.key])}`);
  return (
    <div role="img" aria-label={`Received ${count(ledger.received)}${words.length ? `: ${words.join(", ")}` : ""}`} className={cx("flex h-1.5 w-full gap-px overflow-hidden rounded-full bg-active", className)}>
      {parts.map((part) => ledger[part.key] > 0 && <span key={part.key} style={{ flexGrow: Math.max(ledger[part.key], total * 0.012) }} className={part.tone} />)}
    </div>
  );
}

/** The ledger as the equation that it is. */
export function LedgerEquation({ ledger }: { ledger: LedgerCounts & { balances?: boolean } }) {
  return (
    <div>
      <div className="flex flex-wrap items-end gap-x-5 gap-y-2">
        <Figure title="Received" value={ledger.received} />
        <Sign>=</Sign>
        {parts.map((part, at) => (
          <div key={part.key} className="flex items-end gap-5">
            {at > 0 && <Sign>+</Sign>}
            <Figure title={part.title} value={ledger[part.key]} tone={part.tone} hint={part.hint} strong={part.key === "failed" && ledger.failed > 0} />
          </div>
        ))}
        {ledger.balances === true && <Badge tone="ok">Balances</Badge>}
        {ledger.balances === false && <Badge tone="danger">Does not balance</Badge>}
      </div>
      <LedgerBar ledger={ledger} className="mt-3 max-w-3xl" />
    </div>
  );
}

function Sign({ children }: { children: string }) {
  return <span className="pb-0.5 text-lg text-faint">{children}</span>;
}

function Figure({ title, value, tone, hint, strong }: { title: string; value: number; tone?: string; hint?: string; strong?: boolean }) {
  return (
    <div title={hint}>
      <div className="flex items-center gap-1.5 text-xs text-muted">
        {tone && <span aria-hidden="true" className={cx("size-2 rounded-xs", tone)} />}
        {title}
      </div>
      <div className={cx("tabular text-lg font-semibold", strong && "text-danger-text", value === 0 && "text-faint")}>{compact(value)}</div>
    </div>
  );
}
