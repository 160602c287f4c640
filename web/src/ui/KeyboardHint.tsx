import { cx } from "./cx";

const mac = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);

const names: Record<string, string> = mac
  ? { Mod: "⌘", Alt: "⌥", Shift: "⇧", Enter: "↵", Escape: "Esc", ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" }
  : { Mod: "Ctrl", Escape: "Esc", ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" };

/** Keys as caps. `then` between two of them means one after the other (`g` then `p`). */
export function KeyboardHint({ keys, className }: { keys: string[]; className?: string }) {
  return (
    <span className={cx("inline-flex items-center gap-0.5", className)}>
      {keys.map((key, at) =>
        key === "then" ? (
          <span key={at} className="px-0.5 text-2xs text-faint">
            then
          </span>
        ) : (
          <kbd
            key={at}
            className="inline-flex h-[18px] min-w-[18px] items-center justify-center rounded-sm border border-line-strong bg-surface px-1 font-sans text-2xs text-muted"
          >
            {names[key] ?? key}
          </kbd>
        ),
      )}
    </span>
  );
}
