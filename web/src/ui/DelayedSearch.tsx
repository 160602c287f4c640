import { useEffect, useRef, useState } from "react";

import { SearchInput } from "./Input";

type Props = { value: string; onChange: (value: string) => void; label: string; placeholder?: string; className?: string };

/** A search box that tells what was typed once one pauses, for searches on the server. */
export function DelayedSearch({ value, onChange, ...rest }: Props) {
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  // The address can change by other means: the back button, a link.
  useEffect(() => setText(value), [value]);
  useEffect(
    () => () => {
      if (timer.current) clearTimeout(timer.current);
    },
    [],
  );
  return (
    <SearchInput
      {...rest}
      value={text}
      onChange={(next) => {
        setText(next);
        if (timer.current) clearTimeout(timer.current);
        timer.current = setTimeout(() => onChange(next.trim()), 250);
      }}
    />
  );
}
