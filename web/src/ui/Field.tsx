import { type ReactNode, useId } from "react";

import { cx } from "./cx";

export type ControlProps = { id: string; "aria-describedby"?: string; "aria-invalid"?: true };

type Props = {
  label: ReactNode;
  help?: ReactNode;
  error?: ReactNode;
  required?: boolean;
  /** Beside the label, e.g. a type or a link. */
  aside?: ReactNode;
  className?: string;
  /** The control, given the attributes that tie it to its label, help and error. */
  children: (control: ControlProps) => ReactNode;
};

/** A label, a control, its help and its error, tied together for assistive technology. */
export function Field({ label, help, error, required, aside, className, children }: Props) {
  const id = useId();
  const described = [help ? `${id}-help` : null, error ? `${id}-error` : null].filter(Boolean).join(" ");
  return (
    <div className={cx("flex flex-col gap-1", className)}>
      <div className="flex items-baseline justify-between gap-2">
        <label htmlFor={id} className="text-xs font-medium text-text">
          {label}
          {required === false && <span className="ml-1 font-normal text-faint">optional</span>}
        </label>
        {aside}
      </div>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": error ? true : undefined })}
      {error && (
        <p id={`${id}-error`} className="text-xs text-danger-text">
          {error}
        </p>
      )}
      {help && (
        <p id={`${id}-help`} className="text-xs text-muted">
          {help}
        </p>
      )}
    </div>
  );
}
