import type { ReactNode } from "react";

import { cx } from "./cx";

export type Tone = "neutral" | "ok" | "warn" | "danger" | "info" | "accent" | "violet";

const tones: Record<Tone, string> = {
  neutral: "bg-neutral-soft text-muted",
  ok: "bg-ok-soft text-ok-text",
  warn: "bg-warn-soft text-warn-text",
  danger: "bg-danger-soft text-danger-text",
  info: "bg-info-soft text-info-text",
  accent: "bg-accent-soft text-accent-text",
  violet: "bg-violet-soft text-violet-text",
};

const dots: Record<Tone, string> = {
  neutral: "bg-control",
  ok: "bg-ok",
  warn: "bg-warn",
  danger: "bg-danger",
  info: "bg-info",
  accent: "bg-accent",
  violet: "bg-violet",
};

type Props = { tone?: Tone; icon?: ReactNode; children: ReactNode; className?: string; title?: string };

export function Badge({ tone = "neutral", icon, children, className, title }: Props) {
  return (
    <span title={title} className={cx("inline-flex h-5 shrink-0 items-center gap-1 justify-self-start rounded-sm px-1.5 text-xs font-medium whitespace-nowrap [&>svg]:size-3", tones[tone], className)}>
      {icon}
      {children}
    </span>
  );
}

/** A coloured dot with its word: colour is never the only thing that tells. */
export function Status({ tone, children, pulse, className }: { tone: Tone; children: ReactNode; pulse?: boolean; className?: string }) {
  return (
    <span className={cx("inline-flex items-center gap-1.5 whitespace-nowrap", className)}>
      <span aria-hidden="true" className={cx("size-2 shrink-0 rounded-full", dots[tone], pulse && "animate-pulse")} />
      {children}
    </span>
  );
}
