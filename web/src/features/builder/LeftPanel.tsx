import { ChevronRight } from "lucide-react";
import { type ReactNode, memo, useState } from "react";

import { cx } from "~/ui/cx";

import { useStore } from "../editor/context";
import { ScopePanel } from "../editor/ScopePanel";
import type { Trying } from "./checker";
import { Constants } from "./Constants";
import { Enrichments } from "./Enrichments";
import { RecordPicker } from "./RecordPicker";
import { SourceModel } from "./SourceModel";

/** What a spec works with: its record, its constants, what is fetched beside it; and what is in scope at the selected step. */
export const LeftPanel = memo(function LeftPanel({ record, trying, onRecord }: { record: string | undefined; trying: Trying; onRecord: (id: string | undefined) => void }) {
  const { editable } = useStore();
  return (
    <>
      <div className="max-h-[55%] shrink-0 overflow-y-auto border-b border-line">
        {editable && <RecordPicker record={record} trying={trying} onRecord={onRecord} />}
        <SourceModel />
        <Constants />
        <Enrichments />
      </div>
      <ScopePanel />
    </>
  );
});

/** A part of the panel that opens and closes. */
export function Part({
  title,
  count,
  action,
  children,
  startOpen = true,
}: {
  title: string;
  count?: number;
  action?: ReactNode;
  children: ReactNode;
  startOpen?: boolean;
}) {
  const [open, setOpen] = useState(startOpen);
  return (
    <section aria-label={title} className="border-b border-line last:border-b-0">
      <div className="flex h-8 items-center pr-2 pl-1.5">
        <h2 className="flex min-w-0 flex-1">
          <button
            type="button"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
            className="flex h-7 flex-1 items-center gap-1 rounded-sm text-xs font-semibold"
          >
            <ChevronRight aria-hidden="true" className={cx("size-3 text-faint transition-transform", open && "rotate-90")} />
            {title}
            {count !== undefined && count > 0 && <span className="tabular text-2xs font-normal text-faint">{count}</span>}
          </button>
        </h2>
        {action}
      </div>
      {open && <div className="px-3 pb-3">{children}</div>}
    </section>
  );
}
