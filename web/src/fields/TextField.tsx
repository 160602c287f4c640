import { Input } from "~/ui/Input";

import type { Widget } from "./widget";

/** A text that is written into the spec as it is. */
export const textWidget: Widget = {
  name: "text",
  rank: (field) => (field.kind === "literal" && field.literal === "text" ? 10 : field.kind === "literal" && field.literal !== "json" ? 1 : 0),
  Control: ({ value, label, describedBy, invalid, onChange }) => (
    <Input
      aria-label={label}
      aria-describedby={describedBy}
      aria-invalid={invalid || undefined}
      mono
      placeholder="Not set"
      value={typeof value === "string" ? value : ""}
      onChange={(event) => onChange(event.target.value === "" ? undefined : event.target.value)}
    />
  ),
};
