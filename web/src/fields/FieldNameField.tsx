import { humanize } from "~/core/catalog";
import { toPointer } from "~/core/json";
import { find } from "~/core/spec";
import { useEditor, useStore } from "~/features/editor/context";
import { useType } from "~/features/editor/nodes";
import { Combobox } from "~/ui/Combobox";

import type { Widget, WidgetProps } from "./widget";

/** The name of a field of the record that stands in another field. */
function FieldNameControl({ id, path, value, label, onChange }: WidgetProps) {
  const store = useStore();
  const record = useEditor((state) => {
    const type = find(state.document, store.catalog, id)?.instruction.type;
    return store.catalog.instruction(typeof type === "string" ? type : undefined)?.fields.find((field) => field.kind === "expression")?.name;
  });
  const type = useType(id, toPointer([...path.slice(0, -1), record ?? ""]));
  const names = Object.keys(type?.fields ?? {}).filter((name) => name !== "id" && name !== "external_id");
  const own = typeof value === "string" ? value : null;
  const options = (own !== null && !names.includes(own) ? [own, ...names] : names).map((name) => ({ value: name, label: humanize(name), hint: name }));
  return (
    <Combobox
      label={label}
      options={options}
      value={own}
      placeholder="A field of the record"
      empty="Choose the record first"
      onChange={(next) => onChange(next ?? undefined)}
    />
  );
}

export const fieldNameWidget: Widget = {
  name: "field name",
  rank: (field) => (field.literal === "field_name" ? 10 : 0),
  Control: (props) => <FieldNameControl {...props} />,
};
