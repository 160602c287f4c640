import { Select } from "~/ui/Select";

import type { Widget } from "./widget";

/** One of a few fixed words. */
export const choiceWidget: Widget = {
  name: "choice",
  rank: (field) => (field.kind === "literal" && field.choices !== undefined ? 10 : 0),
  Control: ({ field, value, label, describedBy, invalid, onChange }) => (
    <Select
      label={label}
      value={typeof value === "string" ? value : null}
      options={[
        ...(field.required ? [] : [{ value: "", label: "Not set" }]),
        ...(field.choices ?? []).map((choice) => ({ value: choice, label: choice })),
        ...(typeof value === "string" && !field.choices?.includes(value) ? [{ value, label: `${value} (not allowed)` }] : []),
      ]}
      onChange={(next) => onChange(next === "" ? undefined : next)}
      aria-describedby={describedBy}
      aria-invalid={invalid || undefined}
    />
  ),
};
