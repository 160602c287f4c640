import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from "react";

import { cx } from "./cx";

type Side = { content: ReactNode; label: string; width: number; min?: number; max?: number };

type Props = {
  /** Under which the widths are remembered. */
  id: string;
  left?: Side;
  right?: Side;
  children: ReactNode;
  className?: string;
};

/** A centre between panels that can be made wider and narrower, with the mouse and with the arrow keys. */
export function SplitPane({ id, left, right, children, className }: Props) {
  return (
    <div className={cx("flex min-h-0 min-w-0 flex-1", className)}>
      {left && <Panel id={`${id}.left`} side="left" {...left} />}
      {/* The centre keeps a width to work in: where there is little room, the panels give way first. */}
      <div className="flex min-h-0 min-w-0 flex-[1_1_22rem] flex-col">{children}</div>
      {right && <Panel id={`${id}.right`} side="right" {...right} />}
    </div>
  );
}

function Panel({ id, side, content, label, width, min = 200, max = 720 }: Side & { id: string; side: "left" | "right" }) {
  const key = `salesdash.pane.${id}`;
  const [size, setSize] = useState(() => clamp(Number(localStorage.getItem(key)) || width, min, max));
  const drag = useRef<{ x: number; size: number } | null>(null);
  const sign = side === "left" ? 1 : -1;

  const set = (next: number) => {
    const value = clamp(next, min, max);
    setSize(value);
    localStorage.setItem(key, String(value));
  };
  const keys = (event: KeyboardEvent) => {
    const step = event.shiftKey ? 64 : 16;
    if (event.key === "ArrowRight") set(size + sign * step);
    else if (event.key === "ArrowLeft") set(size - sign * step);
    else if (event.key === "Home") set(min);
    else if (event.key === "End") set(max);
    else return;
    event.preventDefault();
  };

  const handle = (
    <div
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={`Width of ${label}`}
      aria-valuenow={size}
      aria-valuemin={min}
      aria-valuemax={max}
      onKeyDown={keys}
      onDoubleClick={() => set(width)}
      onPointerDown={(event: PointerEvent) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { x: event.clientX, size };
      }}
      onPointerMove={(event: PointerEvent) => {
        if (drag.current) set(drag.current.size + sign * (event.clientX - drag.current.x));
      }}
      onPointerUp={() => {
        drag.current = null;
      }}
      className="relative w-px shrink-0 cursor-col-resize touch-none bg-line after:absolute after:inset-y-0 after:-left-1 after:z-10 after:w-2 hover:after:bg-accent/30 focus-visible:after:bg-accent/50"
    />
  );
  const section = (
    <section aria-label={label} style={{ width: size, minWidth: min }} className="flex min-h-0 shrink-[1000] flex-col overflow-hidden bg-surface">
      {content}
    </section>
  );
  return side === "left" ? (
    <>
      {section}
      {handle}
    </>
  ) : (
    <>
      {handle}
      {section}
    </>
  );
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
