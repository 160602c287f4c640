import { Combobox as Base } from "@base-ui/react/combobox";
import { Check, ChevronDown, X } from "lucide-react";

import { cx } from "./cx";
import { controlClass } from "./Input";
import { itemClass, popupClass } from "./popup";
import type { Option } from "./Select";

type Props<T extends string> = {
  value: T | null;
  onChange: (value: T | null) => void;
  options: readonly Option<T>[];
  label?: string;
  placeholder?: string;
  /** What the list says when nothing fits. */
  empty?: string;
  /** Set to search elsewhere (on the server); the options are then shown as they are. */
  onSearch?: (text: string) => void;
  clearable?: boolean;
  id?: string;
  disabled?: boolean;
  className?: string;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
};

/** One of many, found by typing. */
export function Combobox<T extends string>(props: Props<T>) {
  const { value, onChange, options, label, placeholder = "Search", empty = "Nothing fits", onSearch, clearable, id, disabled, className, ...rest } = props;
  const chosen = options.find((option) => option.value === value) ?? null;
  return (
    <Base.Root
      items={options}
      value={chosen}
      disabled={disabled}
      filter={onSearch ? null : undefined}
      onInputValueChange={(text) => onSearch?.(text)}
      onValueChange={(next: Option<T> | null) => onChange(next?.value ?? null)}
      itemToStringLabel={(option: Option<T>) => option.label}
      isItemEqualToValue={(a: Option<T>, b: Option<T>) => a.value === b.value}
      autoHighlight
    >
      <div className={cx("relative", className)}>
        <Base.Input id={id} aria-label={label} placeholder={placeholder} className={cx(controlClass, "h-8", clearable ? "pr-12" : "pr-7")} {...rest} />
        <div className="absolute top-0 right-1 flex h-8 items-center">
          {clearable && chosen && (
            <Base.Clear aria-label="Clear" className="rounded-sm p-1 text-faint hover:text-text">
              <X className="size-3.5" aria-hidden="true" />
            </Base.Clear>
          )}
          <Base.Trigger aria-label="Open the list" className="rounded-sm p-1 text-faint hover:text-text">
            <ChevronDown className="size-3.5" aria-hidden="true" />
          </Base.Trigger>
        </div>
      </div>
      <Base.Portal>
        <Base.Positioner sideOffset={4} className="z-50 outline-none">
          <Base.Popup className={cx(popupClass, "max-h-[min(20rem,var(--available-height))] w-[var(--anchor-width)] min-w-56 overflow-y-auto py-1")}>
            <Base.Empty className="px-3 py-2 text-sm text-muted empty:hidden">{empty}</Base.Empty>
            <Base.List>
              {(option: Option<T>) => (
                <Base.Item key={option.value} value={option} className={itemClass}>
                  <Base.ItemIndicator keepMounted className="invisible flex w-3.5 data-[selected]:visible">
                    <Check className="size-3.5" aria-hidden="true" />
                  </Base.ItemIndicator>
                  {option.icon}
                  <div className="min-w-0">
                    <div className="ellipsis">{option.label}</div>
                    {option.hint && <div className="ellipsis text-xs text-muted">{option.hint}</div>}
                  </div>
                </Base.Item>
              )}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
