import { cx } from "~/ui/cx";

const tones = ["bg-accent-soft text-accent-text", "bg-info-soft text-info-text", "bg-violet-soft text-violet-text", "bg-warn-soft text-warn-text", "bg-ok-soft text-ok-text", "bg-danger-soft text-danger-text"];

/** The mark of a provider type: its own where the definition has one, else its first letters. */
export function ProviderMark({ type, title, mark, size = "sm" }: { type: string; title?: string; mark?: string | null; size?: "sm" | "lg" }) {
  const box = size === "lg" ? "size-9 rounded-md text-sm" : "size-5 rounded-sm text-2xs";
  if (mark && /^\/[^/]|^\/api\//.test(mark)) return <img src={mark} alt="" className={box} />;
  let sum = 0;
  for (const letter of type) sum = (sum * 31 + letter.charCodeAt(0)) % 997;
  const letters = mark && mark.length <= 2 ? mark : (title ?? type).replace(/[^A-Za-z]/g, "").slice(0, size === "lg" ? 2 : 1);
  return (
    <span aria-hidden="true" className={cx("inline-flex shrink-0 items-center justify-center font-semibold", box, tones[sum % tones.length])}>
      {letters}
    </span>
  );
}
