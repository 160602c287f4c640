import type { Mark } from "~/generated/api";
import { cx } from "~/ui/cx";

const tones = ["bg-accent-soft text-accent-text", "bg-info-soft text-info-text", "bg-violet-soft text-violet-text", "bg-warn-soft text-warn-text", "bg-ok-soft text-ok-text", "bg-danger-soft text-danger-text"];

/** Black or white, whichever reads better on a colour. */
function inkOn(color: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 ? "#101010" : "#ffffff";
}

/** The mark of a provider type: its own where the definition has one, else its first letters. */
export function ProviderMark({ type, title, mark, size = "sm" }: { type: string; title?: string; mark?: Mark | null; size?: "sm" | "lg" }) {
  const box = size === "lg" ? "size-9 rounded-md text-sm" : "h-5 min-w-5 rounded-sm px-0.5 text-2xs";
  let sum = 0;
  for (const letter of type) sum = (sum * 31 + letter.charCodeAt(0)) % 997;
  const letters = (mark?.letters ?? (title ?? type).replace(/[^A-Za-z]/g, "")).slice(0, size === "lg" ? 3 : 2);
  if (mark?.color && /^#[0-9a-f]{6}$/i.test(mark.color)) {
    return (
      <span aria-hidden="true" style={{ backgroundColor: mark.color, color: inkOn(mark.color) }} className={cx("inline-flex shrink-0 items-center justify-center font-semibold", box)}>
        {letters}
      </span>
    );
  }
  return (
    <span aria-hidden="true" className={cx("inline-flex shrink-0 items-center justify-center font-semibold", box, tones[sum % tones.length])}>
      {letters}
    </span>
  );
}
