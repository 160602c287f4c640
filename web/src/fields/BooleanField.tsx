import { Select } from "~/ui/Select";

import type { Widget } from "./widget";

/** Yes, no, or left to what the language does where nothing is said. */
export const booleanWidget: Widget = {
  name: "boolean",
  rank: (field) => (field.kind === "literal" && field.literal === "boolean" ? 10 : 0),
  Control: ({ field, value, label, describedBy, invalid, onChange }) => (
    <Select
      label={label}
      value={value === true ? "yes" : value === false ? "no" : ""}
      options={[...(field.required ? [] : [{ value: "", label: "Not set" }]), { value: "yes", label: "Yes" }, { value: "no", label: "No" }]}
      onChange={(next) => onChange(next === "" ? undefined : next === "yes")}
      aria-describedby={describedBy}
      aria-invalid={invalid || undefined}
    />
  ),
};
