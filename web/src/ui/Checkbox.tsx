import { Checkbox as Base } from "@base-ui/react/checkbox";
import { Switch as BaseSwitch } from "@base-ui/react/switch";
import { Check, Minus } from "lucide-react";

import { cx } from "./cx";

type CheckboxProps = {
  checked: boolean;
  onChange: (checked: boolean) => void;
  /** Its accessible name, where no visible label is tied to it by `id`. */
  label?: string;
  id?: string;
  indeterminate?: boolean;
  disabled?: boolean;
  "aria-describedby"?: string;
};

export function Checkbox({ checked, onChange, label, indeterminate, ...rest }: CheckboxProps) {
  return (
    <Base.Root
      checked={checked}
      indeterminate={indeterminate}
      onCheckedChange={(next) => onChange(next)}
      aria-label={label}
      className={cx(
        "relative flex size-4 shrink-0 items-center justify-center rounded-sm border border-control bg-surface text-accent-fg",
        "after:absolute after:-inset-1 data-[checked]:border-accent data-[checked]:bg-accent data-[indeterminate]:border-accent data-[indeterminate]:bg-accent",
        "data-[disabled]:opacity-50",
      )}
      {...rest}
    >
      <Base.Indicator>
        {indeterminate ? <Minus className="size-3" aria-hidden="true" /> : <Check className="size-3" strokeWidth={3} aria-hidden="true" />}
      </Base.Indicator>
    </Base.Root>
  );
}

export function Switch({ checked, onChange, label, ...rest }: Omit<CheckboxProps, "indeterminate">) {
  return (
    <BaseSwitch.Root
      checked={checked}
      onCheckedChange={(next) => onChange(next)}
      aria-label={label}
      className={cx(
        "relative inline-flex h-[18px] w-[30px] shrink-0 items-center rounded-full border border-control bg-active p-px transition-colors",
        "after:absolute after:-inset-1 data-[checked]:border-accent data-[checked]:bg-accent data-[disabled]:opacity-50",
      )}
      {...rest}
    >
      <BaseSwitch.Thumb className="size-3.5 rounded-full bg-control transition-transform data-[checked]:translate-x-3 data-[checked]:bg-accent-fg" />
    </BaseSwitch.Root>
  );
}
