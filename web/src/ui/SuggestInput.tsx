import { Autocomplete as Base } from "@base-ui/react/autocomplete";
import { ChevronDown } from "lucide-react";
import type { ReactNode, Ref } from "react";

import { cx } from "./cx";
import { controlClass } from "./Input";
import { itemClass, popupClass } from "./popup";

export type Suggestion = {
  value: string;
  /** At the end of its row: a type, a value. */
  aside?: ReactNode;
};

type Props = {
  value: string;
  onChange: (value: string) => void;
  suggestions: readonly Suggestion[];
  /** Those that fit a text, the best first. */
  search: (text: string) => readonly Suggestion[];
  label?: string;
  placeholder?: string;
  id?: string;
  autoFocus?: boolean;
  className?: string;
  ref?: Ref<HTMLInputElement>;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
  /** Marks the input for who looks for it. */
  data?: { [name: `data-${string}`]: string | boolean | undefined };
};

/** A text of one's own, with what is known to fit in a list below: by typing, with the arrow keys, or with the mouse. */
export function SuggestInput({ value, onChange, suggestions, search, label, placeholder, id, autoFocus, className, ref, data, ...rest }: Props) {
  return (
    <Base.Root
      items={suggestions}
      // All of them until something is typed that is none of them: what stands there is to be changed.
      filteredItems={suggestions.some((each) => each.value === value) ? suggestions : search(value)}
      itemToStringValue={(item: Suggestion) => item.value}
      value={value}
      onValueChange={(next) => onChange(next)}
      openOnInputClick
    >
      <div className={cx("relative", className)}>
        <Base.Input
          ref={ref}
          id={id}
          aria-label={label}
          placeholder={placeholder}
          autoFocus={autoFocus}
          spellCheck={false}
          className={cx(controlClass, "h-8 font-mono text-xs", suggestions.length > 0 && "pr-7")}
          {...rest}
          {...data}
        />
        {suggestions.length > 0 && (
          <Base.Trigger aria-label={label === undefined ? "Open the list" : `Choose ${label.toLowerCase()}`} className="absolute top-1.5 right-1 rounded-sm p-1 text-faint hover:text-text">
            <ChevronDown className="size-3.5" aria-hidden="true" />
          </Base.Trigger>
        )}
      </div>
      <Base.Portal>
        <Base.Positioner sideOffset={4} className="z-50 outline-none">
          <Base.Popup className={cx(popupClass, "max-h-[min(20rem,var(--available-height))] w-[var(--anchor-width)] min-w-72 overflow-y-auto py-1 data-[empty]:hidden")}>
            <Base.List>
              {(item: Suggestion) => (
                <Base.Item key={item.value} value={item} className={itemClass}>
                  <span className="ellipsis font-mono text-xs">{item.value}</span>
                  <span className="ml-auto flex min-w-0 max-w-[60%] shrink-0 items-center gap-2 pl-2 text-2xs text-faint">{item.aside}</span>
                </Base.Item>
              )}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
