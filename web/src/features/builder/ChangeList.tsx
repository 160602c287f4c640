import { ArrowRight, Minus, MoveVertical, Pencil, Plus } from "lucide-react";

import { humanize } from "~/core/catalog";
import type { SpecChange } from "~/core/diff";
import { cx } from "~/ui/cx";

import { Words } from "../editor/look";

const looks = {
  added: { icon: Plus, tone: "bg-ok-soft text-ok-text", word: "Added" },
  removed: { icon: Minus, tone: "bg-danger-soft text-danger-text", word: "Removed" },
  moved: { icon: MoveVertical, tone: "bg-info-soft text-info-text", word: "Moved" },
  changed: { icon: Pencil, tone: "bg-warn-soft text-warn-text", word: "Changed" },
} as const;

/** What changed, as cards: each instruction in words, with its fields from and to. */
export function ChangeList({ changes, onPick }: { changes: readonly SpecChange[]; onPick?: (id: string) => void }) {
  if (changes.length === 0) return <p className="py-3 text-sm text-muted">Nothing differs.</p>;
  return (
    <ul className="flex flex-col gap-2">
      {changes.map((change, at) => {
        const look = looks[change.kind];
        return (
          <li key={at} className="rounded-lg border border-line bg-surface px-3 py-2">
            <div className="flex items-center gap-2 text-sm">
              <span className={cx("flex h-5 shrink-0 items-center gap-1 rounded-sm px-1.5 text-2xs font-medium", look.tone)}>
                <look.icon aria-hidden="true" className="size-3" />
                {look.word}
              </span>
              <span className={cx("ellipsis", change.kind === "removed" && "text-muted line-through decoration-line-strong")}>
                <Words words={change.words} />
              </span>
              {change.kind === "moved" && (
                <span className="shrink-0 text-xs text-muted">
                  {change.into === "" || change.into === undefined ? "at the top" : `in ${humanize(change.into.replaceAll("-", " "))}`}
                </span>
              )}
              {onPick && change.about === "instruction" && change.kind !== "removed" && (
                <button type="button" onClick={() => onPick(change.id)} className="link ml-auto shrink-0 text-xs">
                  Show
                </button>
              )}
            </div>
            {change.fields.length > 0 && (
              <dl className="mt-1.5 flex flex-col gap-1">
                {change.fields.map((field) => (
                  <div key={field.label} className="grid grid-cols-[7rem_1fr] gap-2 text-xs">
                    <dt className="ellipsis text-muted">{field.label}</dt>
                    <dd className="flex min-w-0 flex-wrap items-center gap-1.5 font-mono text-2xs">
                      <Side text={field.from} tone="bg-danger-soft text-danger-text" />
                      <ArrowRight aria-label="to" className="size-3 shrink-0 text-faint" />
                      <Side text={field.to} tone="bg-ok-soft text-ok-text" />
                    </dd>
                  </div>
                ))}
              </dl>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function Side({ text, tone }: { text: string | undefined; tone: string }) {
  if (text === undefined) return <span className="text-faint">not set</span>;
  return <span className={cx("rounded-sm px-1 [overflow-wrap:anywhere]", tone)}>{text}</span>;
}

/** How many of each, in a line. */
export function ChangeCount({ changes }: { changes: readonly SpecChange[] }) {
  const count = (kind: SpecChange["kind"]): number => changes.filter((change) => change.kind === kind).length;
  const parts = (["added", "changed", "moved", "removed"] as const).filter((kind) => count(kind) > 0).map((kind) => `${count(kind)} ${kind}`);
  return <span className="text-xs text-muted">{parts.length === 0 ? "No differences" : parts.join(", ")}</span>;
}
