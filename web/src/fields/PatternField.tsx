import { useId, useState } from "react";

import { Input } from "~/ui/Input";

import type { Widget, WidgetProps } from "./widget";

function PatternControl({ value, label, invalid, onChange }: WidgetProps) {
  const [sample, setSample] = useState("");
  const id = useId();
  const pattern = typeof value === "string" ? value : "";
  // The language's patterns are close to the browser's; the checker has the last word.
  let found: RegExpMatchArray | null = null;
  let readable = true;
  try {
    found = pattern === "" || sample === "" ? null : sample.match(new RegExp(pattern, "u"));
  } catch {
    readable = false;
  }
  return (
    <div className="flex flex-col gap-1">
      <Input
        aria-label={label}
        aria-invalid={invalid || undefined}
        mono
        placeholder="For example ^[A-Z]{2}-\d+"
        value={pattern}
        onChange={(event) => onChange(event.target.value === "" ? undefined : event.target.value)}
      />
      <div className="flex items-center gap-2">
        <Input
          aria-label={`Try ${label} on a text`}
          aria-describedby={id}
          className="!h-6 text-xs"
          placeholder="Try it on a text"
          value={sample}
          onChange={(event) => setSample(event.target.value)}
        />
        <span id={id} className="shrink-0 text-2xs text-muted">
          {sample === "" ? "" : !readable ? "cannot be tried here" : found === null ? "no match" : `matches “${found[0]}”`}
        </span>
      </div>
    </div>
  );
}

/** A regular expression, to be tried at once. */
export const patternWidget: Widget = {
  name: "pattern",
  rank: (field) => (field.literal === "pattern" ? 10 : 0),
  Control: (props) => <PatternControl {...props} />,
};
