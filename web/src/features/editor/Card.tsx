import { ChevronRight, CircleAlert, GripVertical, Plus, TriangleAlert } from "lucide-react";
import { memo, useRef } from "react";

import { humanize } from "~/core/catalog";
import type { InstructionRow } from "~/core/rows";
import { after } from "~/core/rows";
import { summary } from "~/core/words";
import { Code } from "~/ui/Code";
import { cx } from "~/ui/cx";

import { CardMenu } from "./CardMenu";
import { useEditor, useStore } from "./context";
import { useCardDrag } from "./drag";
import { Happening } from "./Happening";
import { InstructionIcon, Words } from "./look";
import { GAP, INDENT } from "./metrics";
import { useProblems } from "./nodes";

type Hidden = { errors: number; warnings: number } | undefined;

/** The card of an instruction. */
export const Card = memo(
  function Card({ row, hidden }: { row: InstructionRow; hidden: Hidden }) {
    const store = useStore();
    const { id, meta, instruction, depth } = row;
    const handle = useRef<HTMLDivElement>(null);
    const chosen = useEditor((state) => state.selected.has(id));
    const focused = useEditor((state) => state.focus === id);
    const problems = useProblems(id);
    const unread = useEditor((state) => [...state.bad.values()].some((bad) => bad.id === id));
    const happened = useEditor((state, each) => (state.overlay === undefined ? undefined : each.happened().get(id)));
    const reached =
      useEditor((state) => state.overlay === undefined || store.mode === "build") || (happened !== undefined && happened.outcome !== "not_reached");
    const dragging = useCardDrag(handle, id, store.editable);
    const first = problems[0];
    const worst = problems.some((problem) => problem.severity === "error") ? "error" : problems.length > 0 ? "warning" : undefined;
    const failed = store.mode === "trace" && happened?.outcome === "failed";
    const words = summary(instruction, store.catalog);
    const note = typeof instruction.note === "string" ? instruction.note : "";
    const block = meta?.block === true;
    return (
      <div role="none" className="group/card @container relative h-full" style={{ paddingLeft: depth * INDENT, paddingBottom: GAP }}>
        <Guides depth={depth} />
        <div
          ref={handle}
          id={`card-${id}`}
          role="treeitem"
          aria-level={depth + 1}
          aria-posinset={row.position}
          aria-setsize={row.siblings}
          aria-expanded={block ? !row.collapsed : undefined}
          aria-selected={chosen}
          aria-description={row.off ? "switched off" : undefined}
          data-card={id}
          data-focused={focused || undefined}
          onClick={(event) => {
            store.select(id, { extend: event.shiftKey, toggle: event.ctrlKey || event.metaKey });
            event.currentTarget.closest<HTMLElement>("[data-stack]")?.focus({ preventScroll: true });
          }}
          onDoubleClick={() => block && store.collapse([id], !row.collapsed)}
          className={cx(
            // Nothing fades here: going through the cards with a key held down would paint every frame of it.
            "relative flex h-full flex-col rounded-lg border bg-surface shadow-low",
            focused ? "border-accent" : worst === "error" || failed ? "border-danger/60" : "border-line hover:border-line-strong",
            chosen && "bg-selected",
            focused && "group-focus-visible/stack:ring-2 group-focus-visible/stack:ring-accent/40",
            dragging && "opacity-40",
            !reached && "border-dashed !bg-transparent text-faint shadow-none [&_span]:!bg-transparent [&_span]:!text-faint",
          )}
        >
          <div className="flex h-[38px] shrink-0 items-center gap-2 pr-1.5 pl-1">
            {block ? (
              <button
                type="button"
                tabIndex={-1}
                aria-label={row.collapsed ? "Expand" : "Collapse"}
                onClick={(event) => {
                  event.stopPropagation();
                  store.collapse([id], !row.collapsed);
                }}
                className="flex size-6 shrink-0 items-center justify-center rounded-sm text-faint hover:bg-hover hover:text-text"
              >
                <ChevronRight aria-hidden="true" className={cx("size-3.5 transition-transform", !row.collapsed && "rotate-90")} />
              </button>
            ) : (
              <span
                aria-hidden="true"
                className={cx(
                  "flex size-6 shrink-0 items-center justify-center text-faint",
                  store.editable ? "opacity-0 group-hover/card:opacity-100" : "opacity-0",
                )}
              >
                <GripVertical className="size-3.5" />
              </span>
            )}
            <InstructionIcon meta={meta} />
            <span className={cx("ellipsis flex-1 text-sm", row.off && "text-faint line-through decoration-line-strong")} title={meta?.summary}>
              <Words words={words} />
            </span>
            {row.off && instruction.disabled === true && <span className="shrink-0 rounded-sm bg-neutral-soft px-1.5 text-2xs text-muted">disabled</span>}
            {row.collapsed && row.holds > 0 && <span className="shrink-0 text-2xs text-faint">{row.holds} inside</span>}
            {hidden && hidden.errors + hidden.warnings > 0 && problems.length === 0 && <ProblemMark errors={hidden.errors} warnings={hidden.warnings} />}
            {unread && <span className="shrink-0 rounded-sm bg-danger-soft px-1.5 text-2xs text-danger-text">unreadable text</span>}
            {happened && <Happening happened={happened} id={id} />}
            {typeof instruction.return_as === "string" && instruction.return_as !== "" && meta?.phrase.includes("{return_as}") !== true && (
              <span className="shrink-0 rounded-sm border border-line px-1 font-mono text-2xs text-muted @max-[22rem]:hidden" title={`Sets the variable ${instruction.return_as}`}>
                → {instruction.return_as}
              </span>
            )}
            {store.editable && (
              <CardMenu
                id={id}
                label={`Actions on ${meta === undefined ? "this instruction" : humanize(meta.name)}`}
                className={cx(
                  "flex size-6 shrink-0 items-center justify-center rounded-sm text-faint hover:bg-hover hover:text-text",
                  focused ? "" : "opacity-0 group-hover/card:opacity-100",
                )}
              />
            )}
          </div>
          {note !== "" && <p className="ellipsis -mt-0.5 h-[18px] shrink-0 pr-3 pl-[66px] text-xs text-muted">{note}</p>}
          {first && (
            <p
              className={cx(
                "mt-auto flex h-[22px] shrink-0 items-center gap-1.5 rounded-b-[9px] px-2.5 text-xs",
                worst === "error" ? "bg-danger-soft text-danger-text" : "bg-warn-soft text-warn-text",
              )}
            >
              {worst === "error" ? (
                <CircleAlert aria-hidden="true" className="size-3 shrink-0" />
              ) : (
                <TriangleAlert aria-hidden="true" className="size-3 shrink-0" />
              )}
              <span className="ellipsis flex-1">
                <Code text={(problems.find((problem) => problem.severity === worst) ?? first).text} />
              </span>
              {problems.length > 1 && <span className="shrink-0">{problems.length - 1} more</span>}
            </p>
          )}
          {store.editable && (
            <button
              type="button"
              tabIndex={-1}
              aria-label="Add an instruction below"
              onClick={(event) => {
                event.stopPropagation();
                store.set({ adding: after(row) });
              }}
              className="absolute inset-x-0 -bottom-2 flex h-2 items-center justify-center opacity-0 transition-opacity duration-75 hover:opacity-100 focus-visible:opacity-100"
            >
              <span aria-hidden="true" className="absolute inset-x-0 h-0.5 rounded-full bg-accent/40" />
              <span aria-hidden="true" className="relative flex size-4 items-center justify-center rounded-full bg-accent text-accent-fg">
                <Plus className="size-3" />
              </span>
            </button>
          )}
        </div>
      </div>
    );
  },
  (before, now) =>
    before.hidden?.errors === now.hidden?.errors &&
    before.hidden?.warnings === now.hidden?.warnings &&
    before.row.key === now.row.key &&
    before.row.instruction === now.row.instruction &&
    before.row.collapsed === now.row.collapsed &&
    before.row.depth === now.row.depth &&
    before.row.off === now.row.off &&
    before.row.position === now.row.position &&
    before.row.siblings === now.row.siblings &&
    before.row.path.length === now.row.path.length &&
    before.row.path.every((step, at) => step === now.row.path[at]),
);

function ProblemMark({ errors, warnings }: { errors: number; warnings: number }) {
  return errors > 0 ? (
    <span className="flex shrink-0 items-center gap-1 text-2xs text-danger-text">
      <CircleAlert aria-hidden="true" className="size-3" />
      {errors} {errors === 1 ? "error" : "errors"}
    </span>
  ) : (
    <span className="flex shrink-0 items-center gap-1 text-2xs text-warn-text">
      <TriangleAlert aria-hidden="true" className="size-3" />
      {warnings} {warnings === 1 ? "warning" : "warnings"}
    </span>
  );
}

/** The lines that show how deep a row is. */
export function Guides({ depth }: { depth: number }) {
  return Array.from({ length: depth }, (_, level) => (
    <span key={level} aria-hidden="true" className="absolute inset-y-0 w-px bg-line-strong/60" style={{ left: level * INDENT + 15 }} />
  ));
}
