import { useVirtualizer } from "@tanstack/react-virtual";
import { Plus } from "lucide-react";
import { type KeyboardEvent, memo, useCallback, useEffect, useMemo, useRef } from "react";

import { targetForNew } from "~/core/drop";
import { counts } from "~/core/problems";
import { Button } from "~/ui/Button";

import { BranchHeading, EmptyList } from "./Branch";
import { Card } from "./Card";
import { useEditor, useStore } from "./context";
import { useStackDrop } from "./drag";
import { heightOf } from "./metrics";

/** The room that a selected card keeps from the edges: below there is the button that adds. */
const ABOVE = 16;
const BELOW = 72;

const NOTHING: ReturnType<typeof counts> = new Map();

/** The stack of instructions: a tree of cards, of which only those in view are drawn. */
export const Stack = memo(function Stack({ label }: { label: string }) {
  const store = useStore();
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useEditor((_, each) => each.rows());
  const problems = useEditor((state) => state.problems);
  // What collapsed blocks hide is only counted where there are any.
  const folded = useEditor((state) => (state.collapsed.size === 0 ? undefined : state.document));
  const focus = useEditor((state) => state.focus);
  const empty = rows.length === 0;

  const known = useRef<readonly number[]>([]);
  const heights = useMemo(() => {
    const now = rows.map((row) => heightOf(row, problems.byId));
    const same = now.length === known.current.length && now.every((height, place) => height === known.current[place]);
    return same ? known.current : (known.current = now);
  }, [rows, problems]);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (at) => heights[at] ?? 0,
    getItemKey: (at) => rows[at]?.key ?? at,
    overscan: 8,
    paddingStart: 12,
    paddingEnd: 120,
  });
  // Heights are computed, so they only have to be taken anew when one of them changes.
  useEffect(() => virtualizer.measure(), [virtualizer, heights]);

  const hidden = useMemo(() => (folded === undefined ? NOTHING : counts(folded, store.catalog, problems)), [folded, store, problems]);

  const at = rows.findIndex((row) => row.kind === "instruction" && row.id === focus);
  const shown = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (focus === shown.current) return;
    shown.current = focus;
    const item = at < 0 ? undefined : virtualizer.measurementsCache[at];
    const element = scroller.current;
    if (item === undefined || element === null) return;
    // Heights are known, so whether it is in view is told without laying the page out.
    const top = virtualizer.scrollOffset ?? 0;
    const height = virtualizer.scrollRect?.height ?? 0;
    if (item.start - ABOVE < top) element.scrollTop = item.start - ABOVE;
    else if (item.end + BELOW > top + height) element.scrollTop = item.end + BELOW - height;
  }, [focus, at, virtualizer]);

  const move = useCallback(
    (to: number, extend: boolean) => {
      const cards = store.rows().filter((row) => row.kind === "instruction");
      const row = cards[Math.max(0, Math.min(cards.length - 1, to))];
      if (row) store.select(row.id, { extend });
    },
    [store],
  );

  const keys = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.altKey || event.ctrlKey || event.metaKey) return;
    const cards = rows.filter((row) => row.kind === "instruction");
    const own = cards.findIndex((row) => row.id === focus);
    const row = cards[own];
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 480) / 48) - 1);
    switch (event.key) {
      case "ArrowDown":
        move(own + 1, event.shiftKey);
        break;
      case "ArrowUp":
        move(own - 1, event.shiftKey);
        break;
      case "PageDown":
        move(own + page, event.shiftKey);
        break;
      case "PageUp":
        move(own - page, event.shiftKey);
        break;
      case "Home":
        move(0, event.shiftKey);
        break;
      case "End":
        move(cards.length - 1, event.shiftKey);
        break;
      case "ArrowRight":
        if (row?.meta?.block && row.collapsed) store.collapse([row.id], false);
        else if (row && (cards[own + 1]?.depth ?? -1) > row.depth) move(own + 1, false);
        break;
      case "ArrowLeft":
        if (row?.meta?.block && !row.collapsed) store.collapse([row.id], true);
        else if (row) {
          const parent = cards.slice(0, own).findLast((each) => each.depth < row.depth);
          if (parent) store.select(parent.id);
        }
        break;
      case " ":
        if (row) store.select(row.id, { toggle: true });
        break;
      case "Enter":
        window.document.querySelector<HTMLElement>("[data-inspector] [data-first]")?.focus();
        break;
      default:
        return;
    }
    event.preventDefault();
  };

  const drop = useStackDrop(scroller);
  const items = virtualizer.getVirtualItems();
  return (
    <div className="relative flex min-h-0 flex-1 flex-col bg-canvas">
      <div
        ref={scroller}
        role="tree"
        aria-label={label}
        aria-multiselectable={store.editable || undefined}
        aria-activedescendant={focus !== undefined && at >= 0 ? `card-${focus}` : undefined}
        tabIndex={0}
        data-stack
        onKeyDown={keys}
        onMouseDown={(event) => {
          if (event.target === event.currentTarget) store.select(undefined);
        }}
        className="group/stack relative min-h-0 flex-1 overflow-y-auto px-4 outline-none [overflow-anchor:none]"
      >
        {!empty && (
          <div role="none" className="relative mx-auto w-full max-w-[60rem]" style={{ height: virtualizer.getTotalSize() }}>
            {items.map((item) => {
              const row = rows[item.index];
              if (row === undefined) return null;
              return (
                <div key={item.key} role="none" className="absolute inset-x-0 top-0 [contain:layout_style]" style={{ height: item.size, transform: `translateY(${item.start}px)` }}>
                  {row.kind === "instruction" ? (
                    <Card row={row} hidden={row.collapsed ? hidden.get(row.id) : undefined} />
                  ) : row.kind === "branch" ? (
                    <BranchHeading row={row} />
                  ) : (
                    <EmptyList row={row} />
                  )}
                </div>
              );
            })}
            {drop}
          </div>
        )}
        {empty && (
          <div role="treeitem" aria-level={1} aria-disabled="true" className="flex h-full flex-col items-center justify-center gap-3 text-center">
            <p className="text-sm font-semibold">Nothing happens with a record yet</p>
            <p className="max-w-sm text-sm text-muted">
              A spec is a list of instructions. Each takes values from the record, and writes an identity or a record of sales.
            </p>
          </div>
        )}
      </div>
      {store.editable && (
        <div className="pointer-events-none absolute inset-x-0 bottom-3 flex justify-center">
          <Button
            variant={empty ? "primary" : "secondary"}
            icon={<Plus className="size-3.5" />}
            className="pointer-events-auto"
            onClick={() => store.set({ adding: targetForNew(store.state.document, store.catalog, store.state.focus) })}
          >
            Add instruction
          </Button>
        </div>
      )}
    </div>
  );
});
