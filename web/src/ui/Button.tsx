import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";

import { cx } from "./cx";
import { Spinner } from "./Spinner";
import { Tooltip } from "./Tooltip";

export type ButtonVariant = "primary" | "secondary" | "ghost" | "danger" | "filter";
export type ButtonSize = "sm" | "md";

const variants: Record<ButtonVariant, string> = {
  primary: "bg-accent text-accent-fg hover:bg-accent-hover border-transparent shadow-low",
  secondary: "bg-surface text-text border-line-strong hover:bg-hover shadow-low",
  ghost: "bg-transparent text-muted border-transparent hover:bg-hover hover:text-text",
  // Beside the fields of a tool bar, and as they are.
  filter: "!h-7.5 !text-sm !font-normal bg-surface text-text border-control hover:border-muted",
  danger: "bg-danger-soft text-danger-text border-transparent hover:bg-danger hover:text-surface",
};

const sizes: Record<ButtonSize, string> = { sm: "h-7 px-2.5 gap-1.5 text-xs", md: "h-8 px-3 gap-2 text-sm" };

/** The looks of a button, for what is a link but should look like one. */
export function buttonClass(variant: ButtonVariant = "secondary", size: ButtonSize = "md"): string {
  return cx(
    "inline-flex items-center justify-center whitespace-nowrap rounded-md border font-medium select-none transition-colors duration-75",
    "disabled:opacity-50 disabled:pointer-events-none aria-disabled:opacity-50",
    variants[variant],
    sizes[size],
  );
}

export type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  variant?: ButtonVariant;
  size?: ButtonSize;
  icon?: ReactNode;
  /** Shows a spinner and takes no clicks, but stays focusable, so that the focus is not lost. */
  busy?: boolean;
  ref?: Ref<HTMLButtonElement>;
};

export function Button({ variant, size, icon, busy, children, className, onClick, type = "button", ...rest }: ButtonProps) {
  return (
    <button
      type={type}
      className={cx(buttonClass(variant, size), className)}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      {...rest}
    >
      {busy ? <Spinner /> : icon}
      {children}
    </button>
  );
}

export type IconButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "children"> & {
  /** What it does: its accessible name and its tooltip. */
  label: string;
  icon: ReactNode;
  size?: ButtonSize;
  variant?: ButtonVariant;
  /** Keys that do the same, shown in the tooltip, e.g. `["Mod", "K"]`. */
  keys?: string[];
  pressed?: boolean;
  ref?: Ref<HTMLButtonElement>;
};

export function IconButton({ label, icon, size = "sm", variant = "ghost", keys, pressed, className, type = "button", ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label} keys={keys}>
      <button
        type={type}
        aria-label={label}
        aria-pressed={pressed}
        className={cx(
          "inline-flex shrink-0 items-center justify-center rounded-md border transition-colors duration-75 disabled:opacity-40",
          size === "sm" ? "size-7" : "size-8",
          variants[variant],
          pressed && "bg-active text-text",
          className,
        )}
        {...rest}
      >
        {icon}
      </button>
    </Tooltip>
  );
}
