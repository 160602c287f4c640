import { useState } from "react";

import { renameVariable } from "~/core/instructions";
import { toPointer } from "~/core/json";
import { find } from "~/core/spec";
import { useStore } from "~/features/editor/context";
import { Input } from "~/ui/Input";

import type { Widget, WidgetProps } from "./widget";

/** The name of a variable: renaming it changes every place that uses it. */
function NameControl({ id, path, field, value, label, describedBy, invalid, onChange }: WidgetProps) {
  const store = useStore();
  const name = typeof value === "string" ? value : "";
  const [typed, setTyped] = useState<string | undefined>(undefined);
  const text = typed ?? name;
  const wrong = text !== "" && !store.catalog.isName(text);
  const finish = (): void => {
    if (typed === undefined) return;
    setTyped(undefined);
    if (typed === name || wrong) return;
    if (typed === "") onChange(undefined);
    else if (name === "") onChange(typed);
    else {
      const place = find(store.state.document, store.catalog, id);
      if (place) store.perform(`Rename ${name} to ${typed}`, renameVariable(store.state.document, store.catalog, [...place.path, ...path], typed));
    }
  };
  return (
    <div>
      <Input
        aria-label={label}
        aria-describedby={describedBy}
        aria-invalid={invalid || wrong || undefined}
        data-slot={toPointer(path)}
        mono
        placeholder={field.required ? "A name" : "No variable"}
        value={text}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={finish}
        onKeyDown={(event) => {
          if (event.key === "Enter") finish();
          if (event.key === "Escape") setTyped(undefined);
        }}
      />
      {wrong && <p className="mt-0.5 text-2xs text-danger-text">Small letters, digits and _, and a letter first.</p>}
    </div>
  );
}

export const nameWidget: Widget = {
  name: "name",
  rank: (field) => (field.kind === "name" ? 10 : 0),
  Control: (props) => <NameControl {...props} />,
};
