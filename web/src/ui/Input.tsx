import { Search, X } from "lucide-react";
import type { InputHTMLAttributes, Ref, TextareaHTMLAttributes } from "react";

import { cx } from "./cx";

export const controlClass =
  "w-full rounded-md border border-control bg-surface px-2.5 text-sm text-text transition-colors duration-75 hover:border-muted " +
  "disabled:bg-sunken disabled:text-muted [&[readonly]]:bg-sunken aria-invalid:border-danger";

export type InputProps = InputHTMLAttributes<HTMLInputElement> & { mono?: boolean; ref?: Ref<HTMLInputElement> };

export function Input({ className, mono, ...rest }: InputProps) {
  return <input autoComplete="off" spellCheck={false} className={cx(controlClass, "h-8", mono && "font-mono text-xs", className)} {...rest} />;
}

export type TextareaProps = TextareaHTMLAttributes<HTMLTextAreaElement> & { mono?: boolean; ref?: Ref<HTMLTextAreaElement> };

export function Textarea({ className, mono, ...rest }: TextareaProps) {
  return <textarea spellCheck={false} className={cx(controlClass, "min-h-20 py-1.5", mono && "font-mono text-xs", className)} {...rest} />;
}

type SearchProps = {
  value: string;
  onChange: (value: string) => void;
  label: string;
  placeholder?: string;
  className?: string;
  ref?: Ref<HTMLInputElement>;
};

/** A search box. `/` focuses the first one of a page (see `data-search`). */
export function SearchInput({ value, onChange, label, placeholder, className, ref }: SearchProps) {
  return (
    <div className={cx("relative", className)}>
      <Search aria-hidden="true" className="pointer-events-none absolute top-2 left-2 size-3.5 text-faint" />
      <input
        ref={ref}
        type="search"
        data-search
        aria-label={label}
        placeholder={placeholder ?? label}
        value={value}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && value) {
            event.stopPropagation();
            onChange("");
          }
        }}
        className={cx(controlClass, "h-7.5 pr-7 pl-7 [&::-webkit-search-cancel-button]:hidden")}
      />
      {value && (
        <button type="button" aria-label="Clear search" onClick={() => onChange("")} className="absolute top-1 right-1 rounded-sm p-1 text-faint hover:text-text">
          <X className="size-3.5" aria-hidden="true" />
        </button>
      )}
    </div>
  );
}
