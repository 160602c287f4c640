import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type MouseEvent, type ReactNode, memo, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";

import { useActions } from "~/actions/registry";

import { AppLink, useGo } from "./AppLink";
import { Checkbox } from "./Checkbox";
import { cx } from "./cx";
import { Spinner } from "./Spinner";

export type Column<Row> = {
  id: string;
  title: string;
  /** A track of a CSS grid: `minmax(12rem, 2fr)`, `7rem`. */
  width: string;
  align?: "start" | "end";
  /** Left out where the table is too narrow for all: the highest first. Without it a column always stays. */
  drop?: number;
  render: (row: Row) => ReactNode;
};

type Props<Row> = {
  /** What the rows are, for assistive technology. */
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  /** Where a row leads to. The first column becomes the link; a click on the row and Enter go there as well. */
  href?: (row: Row) => string | null;
  /** Instead of `href`: what opening a row does. */
  onOpen?: (row: Row) => void;
  selection?: { selected: ReadonlySet<string>; onChange: (selected: Set<string>) => void };
  /** Called when the end comes into sight. */
  onMore?: (() => void) | undefined;
  loadingMore?: boolean;
  /** The row that is shown beside the list. */
  current?: string | null;
  rowHeight?: number;
  className?: string;
};

const GAP = 16;
const PADDING = 40;
const CHECKBOX = 28;

/** How wide a track is at least, in pixels: `minmax(9rem, 1fr)` and `9rem` are nine times the root's letters. */
function leastOf(width: string): number {
  return Number(/([\d.]+)rem/.exec(width)?.[1] ?? 0) * 16;
}

function need(columns: readonly { width: string }[]): number {
  return columns.reduce((sum, column) => sum + leastOf(column.width) + GAP, PADDING - GAP);
}

/** The columns that there is room for. A width of 0 is not known yet. */
export function fitting<C extends { width: string; drop?: number }>(columns: readonly C[], width: number): readonly C[] {
  let left = columns;
  while (width > 0 && need(left) > width) {
    const most = left.reduce((drop, column) => Math.max(drop, column.drop ?? 0), 0);
    if (most === 0) break;
    left = left.filter((column) => column.drop !== most);
  }
  return left;
}

/** A list of any length: only the rows in sight exist. j and k (or the arrows) move, Enter opens, x selects. */
export function DataTable<Row>(props: Props<Row>) {
  const { label, rows, columns: all, rowKey, href, onOpen, selection, onMore, loadingMore, current, rowHeight = 36, className } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const [width, setWidth] = useState(0);
  const beside = selection ? CHECKBOX + GAP : 0;
  const columns = useMemo(() => fitting(all, width === 0 ? 0 : width - beside), [all, width, beside]);
  const go = useGo();
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 12 });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const at = Math.min(active, Math.max(0, rows.length - 1));

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const measure = (): void => setWidth(element.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    if (onMore && !loadingMore && rows.length > 0 && last >= rows.length - 60) onMore();
  }, [onMore, loadingMore, rows.length, last]);

  const focusRow = (index: number) => {
    const next = Math.min(rows.length - 1, Math.max(0, index));
    setActive(next);
    virtual.scrollToIndex(next, { align: "auto" });
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus());
  };
  const focused = () => scroller.current?.contains(document.activeElement) && document.activeElement?.closest("[data-list-row]");
  const open = (row: Row) => {
    if (onOpen) return onOpen(row);
    const to = href?.(row);
    if (to) go(to);
  };
  const toggle = (row: Row) => {
    if (!selection) return;
    const next = new Set(selection.selected);
    const key = rowKey(row);
    if (!next.delete(key)) next.add(key);
    selection.onChange(next);
  };

  useActions([
    { id: `list.down.${label}`, title: "Next row", group: "Lists", keys: "j", keyOnly: true, run: () => focusRow(focused() ? at + 1 : at) },
    { id: `list.up.${label}`, title: "Previous row", group: "Lists", keys: "k", keyOnly: true, run: () => focusRow(focused() ? at - 1 : at) },
    ...(selection ? [{ id: `list.select.${label}`, title: "Select the row", group: "Lists", keys: "x", keyOnly: true, run: () => rows[at] !== undefined && toggle(rows[at]) }] : []),
  ]);

  const onKey = (event: KeyboardEvent, row: Row, index: number): void => {
    if (event.target !== event.currentTarget) return;
    const moves: Record<string, number> = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: rows.length - 1, PageDown: index + 15, PageUp: index - 15 };
    const to = moves[event.key];
    if (to !== undefined) focusRow(to);
    else if (event.key === "Enter") open(row);
    else if (event.key === " " && selection) toggle(row);
    else return;
    event.preventDefault();
  };
  const onClick = (event: MouseEvent, row: Row, index: number) => {
    if ((event.target as HTMLElement).closest("a, button, input, label, [role=checkbox], [role=switch], [role=menu]")) return;
    if (window.getSelection()?.toString()) return;
    setActive(index);
    open(row);
  };

  const opens = !!(href || onOpen);
  const template = `${selection ? "1.75rem " : ""}${columns.map((column) => column.width).join(" ")}`;
  // Always the same object for the rows, with the newest deeds in it.
  const newest = useRef({ onKey, onClick, toggle, setActive });
  newest.current = { onKey, onClick, toggle, setActive };
  const [deeds] = useState<Deeds>(() => ({
    key: (event, row, index) => newest.current.onKey(event, row as Row, index),
    click: (event, row, index) => newest.current.onClick(event, row as Row, index),
    toggle: (row) => newest.current.toggle(row as Row),
    activate: (index) => newest.current.setActive(index),
  }));
  const everyOne = selection && rows.length > 0 && rows.every((row) => selection.selected.has(rowKey(row)));

  return (
    <div role="table" aria-label={label} aria-rowcount={onMore ? -1 : rows.length + 1} className={cx("flex min-h-0 flex-1 flex-col", className)}>
      <div ref={scroller} className="min-h-0 flex-1 overflow-auto" data-scroll>
        <div style={{ minWidth: need(columns) + beside }}>
          <div role="rowgroup" className="sticky top-0 z-10 bg-surface">
            <div role="row" aria-rowindex={1} style={{ gridTemplateColumns: template }} className="grid h-8 items-center gap-4 border-b border-line px-5 text-xs font-medium text-muted">
              {selection && (
                <div role="columnheader" aria-label="Selected" className="flex items-center">
                  <Checkbox
                    label="Select all that are loaded"
                    checked={!!everyOne}
                    indeterminate={!everyOne && selection.selected.size > 0}
                    onChange={(checked) => selection.onChange(new Set(checked ? rows.map(rowKey) : []))}
                  />
                </div>
              )}
              {columns.map((column) => (
                <div key={column.id} role="columnheader" className={cx("ellipsis", column.align === "end" && "text-right")}>
                  {column.title || <span className="sr-only">Actions</span>}
                </div>
              ))}
            </div>
          </div>
          <div role="rowgroup" style={{ height: virtual.getTotalSize() }} className="relative">
            {/* A row is drawn again when something about it changes, not with every step of scrolling. */}
            {items.map((item) => {
              const row = rows[item.index] as Row;
              const key = rowKey(row);
              return (
                <ListRow
                  key={key}
                  row={row}
                  index={item.index}
                  start={item.start}
                  height={rowHeight}
                  columns={columns as readonly Column<unknown>[]}
                  template={template}
                  to={href?.(row) ?? null}
                  reachable={item.index === at}
                  current={current === key}
                  selected={selection?.selected.has(key)}
                  opens={opens}
                  deeds={deeds}
                />
              );
            })}
          </div>
          {loadingMore && (
            <div className="flex h-9 items-center justify-center gap-2 text-xs text-muted">
              <Spinner /> Loading more
            </div>
          )}
        </div>
      </div>
    </div>
  );
}

type Deeds = {
  key: (event: KeyboardEvent, row: unknown, index: number) => void;
  click: (event: MouseEvent, row: unknown, index: number) => void;
  toggle: (row: unknown) => void;
  activate: (index: number) => void;
};

type RowProps = {
  row: unknown;
  index: number;
  start: number;
  height: number;
  columns: readonly Column<unknown>[];
  template: string;
  to: string | null;
  /** Whether Tab leads to it. */
  reachable: boolean;
  current: boolean;
  /** `undefined` where rows cannot be selected. */
  selected: boolean | undefined;
  opens: boolean;
  deeds: Deeds;
};

const ListRow = memo(function ListRow({ row, index, start, height, columns, template, to, reachable, current, selected, opens, deeds }: RowProps) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-list-row
      data-index={index}
      tabIndex={reachable ? 0 : -1}
      onFocus={() => deeds.activate(index)}
      onKeyDown={(event) => deeds.key(event, row, index)}
      onClick={(event) => deeds.click(event, row, index)}
      style={{ gridTemplateColumns: template, height, transform: `translateY(${start}px)` }}
      className={cx(
        "absolute inset-x-0 top-0 grid items-center gap-4 border-b border-line px-5 text-sm",
        opens && "hover:bg-hover",
        (current || selected) && "bg-selected",
      )}
    >
      {selected !== undefined && (
        <div role="cell" className="flex items-center">
          <Checkbox label={`Select row ${index + 1}`} checked={selected} onChange={() => deeds.toggle(row)} />
        </div>
      )}
      {columns.map((column, at) => (
        <div key={column.id} role="cell" className={cx("ellipsis", column.align === "end" && "tabular text-right")}>
          {at === 0 && to ? (
            <AppLink to={to} tabIndex={-1} className="font-medium hover:underline">
              {column.render(row)}
            </AppLink>
          ) : (
            column.render(row)
          )}
        </div>
      ))}
    </div>
  );
});
