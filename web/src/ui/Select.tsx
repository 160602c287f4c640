import { Select as Base } from "@base-ui/react/select";
import { Check, ChevronDown } from "lucide-react";
import type { ReactNode } from "react";

import { cx } from "./cx";
import { controlClass } from "./Input";
import { itemClass, popupClass } from "./popup";

export type Option<T extends string = string> = { value: T; label: string; hint?: string; icon?: ReactNode };

type Props<T extends string> = {
  value: T | null;
  onChange: (value: T) => void;
  options: readonly Option<T>[];
  /** Its accessible name, where no visible label is tied to it by `id`. */
  label?: string;
  placeholder?: string;
  /** `sm` for tool bars; its label stands inside. */
  size?: "sm" | "md";
  id?: string;
  disabled?: boolean;
  className?: string;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
};

/** One of a few. For many, or for what one searches, take `Combobox`. */
export function Select<T extends string>({ value, onChange, options, label, placeholder = "Choose", size = "md", className, id, disabled, ...rest }: Props<T>) {
  return (
    <Base.Root
      items={options}
      value={value}
      disabled={disabled}
      onValueChange={(next) => {
        if (next !== null) onChange(next);
      }}
    >
      <Base.Trigger
        id={id}
        aria-label={label}
        className={cx(controlClass, "flex items-center justify-between gap-2 text-left", size === "sm" ? "h-7.5 !w-auto" : "h-8", className)}
        {...rest}
      >
        <Base.Value className="ellipsis">
          {(chosen: T | null) => options.find((option) => option.value === chosen)?.label ?? <span className="text-faint">{placeholder}</span>}
        </Base.Value>
        <Base.Icon>
          <ChevronDown className="size-3.5 text-faint" aria-hidden="true" />
        </Base.Icon>
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-50 outline-none">
          <Base.Popup className={cx(popupClass, "max-h-[min(22rem,var(--available-height))] min-w-[var(--anchor-width)] overflow-y-auto py-1")}>
            {options.map((option) => (
              <Base.Item key={option.value} value={option.value} className={itemClass}>
                <Base.ItemIndicator keepMounted className="invisible flex w-3.5 data-[selected]:visible">
                  <Check className="size-3.5" aria-hidden="true" />
                </Base.ItemIndicator>
                {option.icon}
                <div className="min-w-0">
                  <Base.ItemText className="ellipsis block">{option.label}</Base.ItemText>
                  {option.hint && <div className="text-xs text-muted">{option.hint}</div>}
                </div>
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
