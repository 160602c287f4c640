import { Input } from "~/ui/Input";

import { formatDate } from "./strftime";
import type { Widget } from "./widget";

/** The afternoon of a day whose numbers differ, so that an example tells them apart. */
const EXAMPLE = new Date(Date.UTC(2026, 10, 25, 16, 7, 9));

/** How a date is written: with an example. */
export const dateFormatWidget: Widget = {
  name: "date format",
  rank: (field) => (field.literal === "date_format" ? 10 : 0),
  Control: ({ value, label, describedBy, invalid, onChange }) => {
    const format = typeof value === "string" ? value : "";
    return (
      <div className="flex items-center gap-2">
        <Input
          aria-label={label}
          aria-describedby={describedBy}
          aria-invalid={invalid || undefined}
          mono
          placeholder="For example %d-%m-%Y %H:%M"
          value={format}
          onChange={(event) => onChange(event.target.value === "" ? undefined : event.target.value)}
        />
        {format !== "" && <span className="ellipsis max-w-[45%] shrink-0 font-mono text-2xs text-muted">{formatDate(EXAMPLE, format)}</span>}
      </div>
    );
  },
};
