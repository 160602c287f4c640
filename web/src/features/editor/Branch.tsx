import { Plus } from "lucide-react";
import { memo } from "react";

import { humanize } from "~/core/catalog";
import type { BranchRow, EmptyRow } from "~/core/rows";
import { cx } from "~/ui/cx";

import { Guides } from "./Card";
import { useEditor, useStore } from "./context";
import { INDENT } from "./metrics";
import { Stepper } from "./Stepper";

/** The heading of a list of a block: which it is, whether it was taken, and for a loop which iteration is looked at. */
export const BranchHeading = memo(function BranchHeading({ row }: { row: BranchRow }) {
  const store = useStore();
  const happened = useEditor((state, each) => (state.overlay === undefined ? undefined : each.happened().get(row.id)));
  const branch = happened?.instruction.branch;
  const laid = useEditor((state) => state.overlay !== undefined);
  const taken = row.loop ? happened?.iteration !== undefined : branch === row.field.name;
  return (
    <div
      role="treeitem"
      aria-level={row.depth + 1}
      aria-selected={false}
      aria-label={humanize(row.field.name)}
      className="group/branch relative flex h-full items-center gap-2 pb-1.5"
      style={{ paddingLeft: row.depth * INDENT }}
    >
      <Guides depth={row.depth} />
      <span
        className={cx(
          "rounded-sm px-1.5 text-2xs font-semibold",
          laid && taken ? "bg-accent-soft text-accent-text" : "text-muted",
          laid && !taken && "font-normal text-faint",
        )}
        title={row.field.summary}
      >
        {humanize(row.field.name)}
      </span>
      {laid && branch === row.field.name && <span className="text-2xs text-accent-text">taken</span>}
      {row.loop && happened?.instruction.iterations !== undefined && <Stepper id={row.id} loop={happened.instruction} iteration={happened.iteration} />}
      <span aria-hidden="true" className="h-px flex-1 bg-line" />
      {store.editable && (
        <button
          type="button"
          tabIndex={-1}
          aria-label={`Add an instruction to ${humanize(row.field.name)}`}
          onClick={() => store.set({ adding: { list: row.list, index: 0 } })}
          className="flex size-6 items-center justify-center rounded-sm text-faint opacity-0 group-hover/branch:opacity-100 hover:bg-hover hover:text-text"
        >
          <Plus aria-hidden="true" className="size-3.5" />
        </button>
      )}
    </div>
  );
});

export const EmptyList = memo(function EmptyList({ row }: { row: EmptyRow }) {
  const store = useStore();
  return (
    <div
      role="treeitem"
      aria-level={row.depth + 1}
      aria-selected={false}
      aria-label="Empty list"
      className="relative h-full pb-2"
      style={{ paddingLeft: row.depth * INDENT }}
    >
      <Guides depth={row.depth} />
      {store.editable ? (
        <button
          type="button"
          tabIndex={-1}
          data-branch={`${row.id}:${row.list.at(-1)}`}
          onClick={() => store.set({ adding: { list: row.list, index: 0 } })}
          className="flex h-full w-full items-center justify-center gap-1.5 rounded-lg border border-dashed border-line-strong text-xs text-faint hover:border-accent hover:text-accent-text"
        >
          <Plus aria-hidden="true" className="size-3.5" />
          Add an instruction here
        </button>
      ) : (
        <div className="flex h-full items-center px-2 text-xs text-faint">Nothing here</div>
      )}
    </div>
  );
});
