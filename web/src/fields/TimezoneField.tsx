import { Combobox } from "~/ui/Combobox";

import type { Widget } from "./widget";

const zones = Intl.supportedValuesOf("timeZone").map((zone) => ({ value: zone, label: zone }));

/** A time zone of the IANA data base. */
export const timezoneWidget: Widget = {
  name: "timezone",
  rank: (field) => (field.literal === "timezone" ? 10 : 0),
  Control: ({ value, label, onChange }) => {
    const known = typeof value !== "string" || zones.some((zone) => zone.value === value);
    return (
      <Combobox
        label={label}
        clearable
        placeholder="The zone of the provider, else of the tenant"
        options={known ? zones : [{ value: String(value), label: String(value) }, ...zones]}
        value={typeof value === "string" ? value : null}
        onChange={(next) => onChange(next ?? undefined)}
      />
    );
  },
};
