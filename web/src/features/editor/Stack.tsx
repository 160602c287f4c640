import { useVirtualizer } from "@tanstack/react-virtual";
import { Plus } from "lucide-react";
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef } from "react";

import { targetForNew } from "~/core/drop";
import { counts } from "~/core/problems";
import { Button } from "~/ui/Button";

import { BranchHeading, EmptyList } from "./Branch";
import { Card } from "./Card";
import { useEditor, useStore } from "./context";
import { useStackDrop } from "./drag";
import { heightOf } from "./metrics";

/** The stack of instructions: a tree of cards, of which only those in view are drawn. */
export function Stack({ label }: { label: string }) {
  const store = useStore();
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useEditor((_, each) => each.rows());
  const problems = useEditor((state) => state.problems);
  const document = useEditor((state) => state.document);
  const focus = useEditor((state) => state.focus);
  const empty = rows.length === 0;

  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (at) => {
      const row = rows[at];
      return row === undefined ? 0 : heightOf(row, problems.byId);
    },
    getItemKey: (at) => rows[at]?.key ?? at,
    overscan: 8,
    paddingStart: 12,
    scrollPaddingStart: 16,
    scrollPaddingEnd: 72,
    paddingEnd: 120,
  });
  // Heights are computed, so they only have to be taken anew when rows or messages change.
  useEffect(() => virtualizer.measure(), [virtualizer, rows, problems]);

  const hidden = useMemo(() => counts(document, store.catalog, problems), [document, store, problems]);

  const at = rows.findIndex((row) => row.kind === "instruction" && row.id === focus);
  const shown = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (focus === shown.current) return;
    shown.current = focus;
    if (at >= 0) virtualizer.scrollToIndex(at, { align: "auto" });
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
                <div key={item.key} role="none" className="absolute inset-x-0 top-0" style={{ height: item.size, transform: `translateY(${item.start}px)` }}>
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
          <div role="none" className="flex h-full flex-col items-center justify-center gap-3 text-center">
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
}
