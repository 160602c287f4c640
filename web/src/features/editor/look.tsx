/** How words, values and types look: the same on cards, in forms and in lists. */
import { Box, Contact, FileText, GitFork, IdCard, type LucideIcon, Repeat, UserRound, Wrench } from "lucide-react";
import { Fragment, memo } from "react";

import type { InstructionMeta } from "~/core/catalog";
import { type Json, isList, isNumber, isObject, numberText, printJson } from "~/core/json";
import { type Type, personalOf, typeName } from "~/core/scope";
import { isLoop } from "~/core/spec";
import type { Word } from "~/core/words";
import { cx } from "~/ui/cx";
import { Masked } from "~/ui/JsonTree";

/** Icons and colours go by the group of a word; a group that is not here gets a plain one. */
const groups: Record<string, { icon: LucideIcon; tone: string }> = {
  identities: { icon: IdCard, tone: "bg-violet-soft text-violet-text" },
  records: { icon: FileText, tone: "bg-ok-soft text-ok-text" },
  contacts: { icon: Contact, tone: "bg-info-soft text-info-text" },
  utility: { icon: Wrench, tone: "bg-neutral-soft text-muted" },
  flow: { icon: GitFork, tone: "bg-warn-soft text-warn-text" },
};

export const InstructionIcon = memo(function InstructionIcon({ meta, size = "md" }: { meta: InstructionMeta | undefined; size?: "sm" | "md" }) {
  const look = (meta && groups[meta.group]) ?? { icon: Box, tone: "bg-neutral-soft text-muted" };
  const Icon = isLoop(meta) ? Repeat : look.icon;
  return (
    <span aria-hidden="true" className={cx("flex shrink-0 items-center justify-center rounded-md", size === "md" ? "size-6" : "size-5", look.tone)}>
      <Icon className={size === "md" ? "size-3.5" : "size-3"} />
    </span>
  );
});

const wordLooks: Record<Word["kind"], string> = {
  text: "",
  variable: "rounded-sm bg-accent-soft px-1 font-mono text-xs text-accent-text",
  literal: "font-mono text-xs text-ok-text",
  template: "font-mono text-xs text-ok-text",
  missing: "rounded-sm border border-dashed border-line-strong px-1 text-xs text-faint",
};

/** A line in words, with its parts told apart. */
export const Words = memo(function Words({ words }: { words: readonly Word[] }) {
  return words.map((word, at) => {
    const text = word.kind === "missing" ? word.text.replaceAll("_", " ") : word.kind === "variable" ? shortPath(word.text) : word.text;
    return word.kind === "text" ? (
      <Fragment key={at}>{text}</Fragment>
    ) : (
      <span key={at} className={wordLooks[word.kind]} title={text === word.text ? undefined : word.text}>
        {text}
      </span>
    );
  });
});

/** The end of a long path: what it is called there tells most. */
function shortPath(path: string): string {
  const steps = path.split(".");
  return steps.length > 2 ? `…${steps.slice(-2).join(".")}` : path;
}

export function TypeBadge({ type, className }: { type: Type | undefined; className?: string }) {
  if (type === undefined) return null;
  const personal = personalOf(type);
  return (
    <span className={cx("inline-flex shrink-0 items-center gap-1 text-2xs text-faint", className)}>
      <span>{typeName(type)}</span>
      {type.may_be_empty && type.shape !== "null" && <span title="May be empty: the field can be null or absent">or empty</span>}
      {personal.length > 0 && <PersonalMark categories={personal} />}
    </span>
  );
}

export function PersonalMark({ categories }: { categories: readonly string[] }) {
  const words = categories.join(", ").replaceAll("_", " ");
  return (
    <span className="inline-flex shrink-0 items-center gap-0.5 rounded-sm bg-violet-soft px-1 text-2xs text-violet-text" title={`Personal: ${words}`}>
      <UserRound aria-hidden="true" className="size-2.5" />
      {words || "personal"}
    </span>
  );
}

/** Longer values are cut where they stand in a line. */
const LONGEST = 120;

export function shortValue(value: Json): string {
  if (value === null) return "null";
  if (typeof value === "string") return value.length > LONGEST ? `"${value.slice(0, LONGEST)}…"` : JSON.stringify(value);
  if (isNumber(value)) return numberText(value);
  if (isObject(value) && typeof value.external_id === "string") return String(value.external_name ?? value.external_id);
  if (isList(value)) return value.length === 1 ? "1 item" : `${value.length} items`;
  const text = printJson(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** A value in one line. */
export function Value({ value, masked, failed, className }: { value: Json | undefined; masked?: boolean; failed?: boolean; className?: string }) {
  if (failed) return <span className={cx("shrink-0 text-2xs font-medium text-danger-text", className)}>failed</span>;
  if (value === undefined) return null;
  if (masked && (typeof value === "string" || (isObject(value) && shortValue(value) === "•••"))) return <Masked />;
  const tone = value === null ? "text-faint" : typeof value === "string" ? "text-ok-text" : isNumber(value) ? "text-info-text" : "text-violet-text";
  return (
    <span title={typeof value === "string" ? value : undefined} className={cx("ellipsis font-mono text-2xs", tone, className)}>
      {shortValue(value)}
    </span>
  );
}
