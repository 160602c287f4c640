import { useState } from "react";

import { parseJson, printJson } from "~/core/json";
import { Textarea } from "~/ui/Input";

import type { Widget, WidgetProps } from "./widget";

function JsonControl({ value, label, describedBy, invalid, onChange }: WidgetProps) {
  const [typed, setTyped] = useState<string | undefined>(undefined);
  const [wrong, setWrong] = useState(false);
  return (
    <div>
      <Textarea
        aria-label={label}
        aria-describedby={describedBy}
        aria-invalid={invalid || wrong || undefined}
        mono
        className="!min-h-8"
        rows={1}
        placeholder="Not set"
        value={typed ?? (value === undefined ? "" : printJson(value, 2))}
        onChange={(event) => {
          const text = event.target.value;
          setTyped(text);
          if (text.trim() === "") {
            setWrong(false);
            onChange(undefined);
            return;
          }
          try {
            onChange(parseJson(text));
            setWrong(false);
          } catch {
            setWrong(true);
          }
        }}
        onBlur={() => {
          if (!wrong) setTyped(undefined);
        }}
      />
      {wrong && <p className="mt-0.5 text-2xs text-danger-text">This is no JSON: a text needs quotes.</p>}
    </div>
  );
}

/** Any JSON: for whatever has no control of its own. */
export const jsonWidget: Widget = {
  name: "json",
  rank: (field) => (field.kind === "literal" ? 0.5 : 0.1),
  Control: (props) => <JsonControl {...props} />,
};
