import { useState } from "react";

import { type TraceNode, currentItem, filterItems, itemFailed, itemValue } from "~/core/trace";
import { cx } from "~/ui/cx";
import { Input } from "~/ui/Input";

import { Steps } from "./Steps";
import { useEditor, useStore } from "./context";
import { Value } from "./look";

/** From how many items on they can be filtered. */
const FILTERED = 4;
/** Items that are drawn as places to go to; more are found by a value. */
const SHOWN = 60;

/** Steps through the items that a function over a list looked at; the tree below shows the one that is chosen. */
export function ItemStepper({ id, below, node }: { id: string; below: string; node: TraceNode }) {
  const store = useStore();
  const chosen = useEditor((state) => state.items.get(`${id}${below}`));
  const [query, setQuery] = useState("");
  const items = node.items ?? [];
  const item = currentItem(node, chosen);
  if (item === undefined) return null;
  const found = new Set(filterItems(node, query));
  const shown = items.filter((each) => found.has(each.index));
  const value = itemValue(node, item.index);
  return (
    <div role="group" aria-label="Items" className="mt-1 ml-[11px] flex flex-col gap-1.5 border-l-2 border-accent/40 py-0.5 pl-2.5 text-2xs">
      <div className="flex items-center gap-1">
        <Steps name="item" steps={shown} current={item} isFailed={itemFailed} onGo={(index) => store.stepItem(id, below, index)}>
          Item {item.index + 1} of {items.length}
        </Steps>
        {value !== undefined && (
          <span className="ml-auto flex min-w-0 max-w-[50%] justify-end pl-2">
            <Value value={value} />
          </span>
        )}
      </div>
      {items.length >= FILTERED && (
        <div className="flex items-start gap-1.5">
          <Input
            aria-label="Filter items by value"
            placeholder="Filter by a value"
            className="!h-6 !w-32 shrink-0 !text-2xs"
            value={query}
            onChange={(event) => {
              setQuery(event.target.value);
              const fits = filterItems(node, event.target.value);
              if (fits.length > 0 && !fits.includes(item.index)) store.stepItem(id, below, fits[0] as number);
            }}
          />
          <div className="flex max-h-14 flex-wrap gap-1 overflow-y-auto">
            {shown.slice(0, SHOWN).map((each) => (
              <button
                key={each.index}
                type="button"
                aria-pressed={each === item}
                aria-label={`Item ${each.index + 1}${itemFailed(each) ? ", failed" : ""}`}
                onClick={() => store.stepItem(id, below, each.index)}
                className={cx(
                  "tabular h-6 min-w-6 rounded-sm px-1",
                  each === item ? "bg-accent text-accent-fg" : itemFailed(each) ? "bg-danger-soft text-danger-text" : "bg-neutral-soft text-muted hover:bg-active",
                )}
              >
                {each.index + 1}
              </button>
            ))}
            {shown.length === 0 && <span className="leading-6 text-faint">No item holds that.</span>}
            {shown.length > SHOWN && <span className="leading-6 text-faint">and {shown.length - SHOWN} more</span>}
          </div>
        </div>
      )}
    </div>
  );
}
