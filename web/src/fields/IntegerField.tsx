import { useState } from "react";

import { isNumber, numberOf, numberText } from "~/core/json";
import { Input } from "~/ui/Input";

import type { Widget, WidgetProps } from "./widget";

function IntegerControl({ field, value, label, describedBy, invalid, onChange }: WidgetProps) {
  const shown = isNumber(value) ? numberText(value) : typeof value === "string" ? value : "";
  const [typed, setTyped] = useState<string | undefined>(undefined);
  return (
    <Input
      aria-label={label}
      aria-describedby={describedBy}
      aria-invalid={invalid || (typed !== undefined && typed !== "" && numberOf(typed) === undefined) || undefined}
      inputMode="numeric"
      mono
      className="max-w-32"
      placeholder={field.minimum === undefined ? "Not set" : `${field.minimum} to ${field.maximum}`}
      value={typed ?? shown}
      onChange={(event) => {
        const text = event.target.value.trim();
        setTyped(event.target.value);
        const number = numberOf(text);
        if (text === "") onChange(undefined);
        else if (number !== undefined) onChange(number);
      }}
      onBlur={() => setTyped(undefined)}
    />
  );
}

/** A whole number. */
export const integerWidget: Widget = {
  name: "integer",
  rank: (field) => (field.kind === "literal" && field.literal === "integer" ? 10 : 0),
  Control: (props) => <IntegerControl {...props} />,
};
