/** Dragging cards within the stack, and variables into fields. Each has a twin on the keyboard: see `~/actions/editor`. */
import { draggable, dropTargetForElements, monitorForElements } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import type { DragLocationHistory } from "@atlaskit/pragmatic-drag-and-drop/types";
import { disableNativeDragPreview } from "@atlaskit/pragmatic-drag-and-drop/element/disable-native-drag-preview";
import { type ReactNode, type RefObject, useEffect, useRef, useState } from "react";

import { type Edge, dropTarget } from "~/core/drop";
import { move } from "~/core/instructions";
import type { Row } from "~/core/rows";
import type { Target } from "~/core/spec";

import { useStore } from "./context";
import { INDENT, heightOf } from "./metrics";
import type { EditorStore } from "./store";

const CARD = Symbol("card");
const VARIABLE = Symbol("variable");

/** How near the edge of the stack a drag makes it scroll, and how fast at most, in pixels per frame. */
const SCROLL_EDGE = 56;
const SCROLL_SPEED = 16;

type Line = { top: number; left: number; target: Target };

/** Lets cards be dragged by the element. */
export function useCardDrag(element: RefObject<HTMLElement | null>, id: string, enabled: boolean): boolean {
  const store = useStore();
  const [dragging, setDragging] = useState(false);
  useEffect(() => {
    const handle = element.current;
    if (handle === null || !enabled) return;
    return draggable({
      element: handle,
      getInitialData: () => ({ kind: CARD, ids: store.state.selected.has(id) ? store.state.selected : new Set([id]) }),
      onGenerateDragPreview: ({ nativeSetDragImage }) => disableNativeDragPreview({ nativeSetDragImage }),
      onDragStart: () => {
        setDragging(true);
        if (!store.state.selected.has(id)) store.select(id);
      },
      onDrop: () => setDragging(false),
    });
  }, [element, store, id, enabled]);
  return dragging;
}

/** The place in the stack that a pointer is over: worked out from the heights of the rows, so that no row has to listen. */
function lineAt(store: EditorStore, dragged: ReadonlySet<string>, y: number, x: number): Line | undefined {
  const rows = store.rows();
  let top = 12;
  for (const [at, row] of rows.entries()) {
    const height = heightOf(row, store.state.problems.byId);
    const last = at === rows.length - 1;
    if (y < top + height || last) {
      const within = (y - top) / height;
      const edge: Edge =
        row.kind === "instruction" && row.meta?.block && row.collapsed && within > 0.3 && within < 0.7 ? "inside" : within < 0.5 ? "top" : "bottom";
      // Below the last row of a list, the depth is chosen by how far left the pointer is.
      const wanted = edge === "bottom" && (last || depthOf(rows[at + 1]) < row.depth) ? outwards(rows, at, Math.floor(x / INDENT)) : row;
      const target = dropTarget(store.state.document, store.catalog, dragged, wanted, wanted === row ? edge : "bottom");
      if (target === undefined) return undefined;
      const inside = wanted === row && edge === "bottom" && row.kind === "instruction" && row.meta?.block && !row.collapsed;
      return { top: edge === "top" ? top - 4 : top + height - 4, left: (wanted.depth + (inside || edge === "inside" ? 1 : 0)) * INDENT, target };
    }
    top += height;
  }
  return undefined;
}

function depthOf(row: Row | undefined): number {
  return row === undefined ? 0 : row.depth;
}

/** The block around the last row of a list whose depth is the one that is pointed at. */
function outwards(rows: readonly Row[], at: number, depth: number): Row {
  const row = rows[at] as Row;
  const least = depthOf(rows[at + 1]);
  if (depth >= row.depth) return row;
  const wanted = Math.max(depth, least);
  for (let before = at; before >= 0; before -= 1) {
    const other = rows[before] as Row;
    if (other.kind === "instruction" && other.depth === wanted) return other;
  }
  return row;
}

/** Takes drops of cards, and draws the line that shows where they would go. */
export function useStackDrop(scroller: RefObject<HTMLElement | null>): ReactNode {
  const store = useStore();
  const [line, setLine] = useState<Line | undefined>(undefined);
  const newest = useRef<Line | undefined>(undefined);
  useEffect(() => {
    const element = scroller.current;
    if (element === null || !store.editable) return;
    let pointer = 0;
    let frame = 0;
    const tick = (): void => {
      const box = element.getBoundingClientRect();
      const above = box.top + SCROLL_EDGE - pointer;
      const below = pointer - (box.bottom - SCROLL_EDGE);
      const push = above > 0 ? -above : below > 0 ? below : 0;
      if (push !== 0) element.scrollTop += Math.max(-SCROLL_SPEED, Math.min(SCROLL_SPEED, push / 3));
      frame = requestAnimationFrame(tick);
    };
    const lineFor = (source: { data: Record<string | symbol, unknown> }, location: DragLocationHistory): Line | undefined => {
      const { clientX, clientY } = location.current.input;
      const over = location.current.dropTargets.some((target) => target.element === element);
      const box = element.firstElementChild?.getBoundingClientRect();
      return over && box ? lineAt(store, source.data.ids as ReadonlySet<string>, clientY - box.top, clientX - box.left) : undefined;
    };
    const stop = (): void => {
      cancelAnimationFrame(frame);
      newest.current = undefined;
      setLine(undefined);
    };
    const unregister = [
      dropTargetForElements({ element, canDrop: ({ source }) => source.data.kind === CARD }),
      monitorForElements({
        canMonitor: ({ source }) => source.data.kind === CARD,
        onDragStart: () => {
          frame = requestAnimationFrame(tick);
        },
        onDrag: ({ source, location }) => {
          pointer = location.current.input.clientY;
          const next = lineFor(source, location);
          const same = next?.top === newest.current?.top && next?.left === newest.current?.left;
          newest.current = next;
          if (!same) setLine(next);
        },
        onDrop: ({ source, location }) => {
          const found = lineFor(source, location);
          const ids = source.data.ids as ReadonlySet<string>;
          stop();
          if (found)
            store.perform(ids.size > 1 ? `Move ${ids.size} instructions` : "Move instruction", move(store.state.document, store.catalog, ids, found.target), {
              select: [...ids],
            });
        },
      }),
    ];
    return () => {
      stop();
      for (const each of unregister) each();
    };
  }, [scroller, store]);
  return line === undefined ? null : (
    <div
      role="none"
      data-drop-line
      className="pointer-events-none absolute right-0 z-10 h-0.5 rounded-full bg-accent"
      style={{ top: line.top, left: line.left }}
    >
      <span className="absolute -top-[3px] -left-1 size-2 rounded-full border-2 border-accent bg-surface" />
    </div>
  );
}

/** Lets a variable be dragged into a field. */
export function useVariableDrag(element: RefObject<HTMLElement | null>, path: string): void {
  useEffect(() => {
    const handle = element.current;
    if (handle === null) return;
    return draggable({ element: handle, getInitialData: () => ({ kind: VARIABLE, path }) });
  }, [element, path]);
}

/** Takes drops of variables. */
export function useVariableDrop(element: RefObject<HTMLElement | null>, enabled: boolean, onDrop: (path: string) => void): boolean {
  const [over, setOver] = useState(false);
  const newest = useRef(onDrop);
  newest.current = onDrop;
  useEffect(() => {
    const target = element.current;
    if (target === null || !enabled) return;
    return dropTargetForElements({
      element: target,
      canDrop: ({ source }) => source.data.kind === VARIABLE,
      onDragEnter: ({ location, self }) => setOver(location.current.dropTargets[0]?.element === self.element),
      onDropTargetChange: ({ location, self }) => setOver(location.current.dropTargets[0]?.element === self.element),
      onDragLeave: () => setOver(false),
      onDrop: ({ source, location, self }) => {
        setOver(false);
        // The innermost field takes it.
        if (location.current.dropTargets[0]?.element === self.element) newest.current(String(source.data.path));
      },
    });
  }, [element, enabled]);
  return over;
}
