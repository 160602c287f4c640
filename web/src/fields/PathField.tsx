import { useId } from "react";

import { type Type, flatten } from "~/core/scope";
import { toPointer } from "~/core/json";
import { useStore } from "~/features/editor/context";
import { useType } from "~/features/editor/nodes";
import { Input } from "~/ui/Input";

import type { Widget, WidgetProps } from "./widget";

/** A path into what stands beside it: the fields of a value, or of the items of a list. */
function PathControl({ id, path, field, value, label, describedBy, invalid, onChange }: WidgetProps) {
  const store = useStore();
  const list = useId();
  const holder = path.slice(0, -1);
  // What the path leads into is the first argument of the same function.
  const beside = useType(id, toPointer([...holder, firstArgument(store.catalog, field.name)]));
  const fields = fieldsOf(beside);
  return (
    <>
      <Input
        aria-label={label}
        aria-describedby={describedBy}
        aria-invalid={invalid || undefined}
        mono
        list={fields.length > 0 ? list : undefined}
        placeholder="For example owner.id"
        value={typeof value === "string" ? value : ""}
        onChange={(event) => onChange(event.target.value === "" ? undefined : event.target.value)}
      />
      {fields.length > 0 && (
        <datalist id={list}>
          {fields.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      )}
    </>
  );
}

function firstArgument(catalog: { expressions: readonly { arguments: readonly { name: string }[] }[] }, name: string): string {
  return catalog.expressions.find((word) => word.arguments.some((each, at) => at > 0 && each.name === name))?.arguments[0]?.name ?? "value";
}

function fieldsOf(type: Type | undefined): readonly string[] {
  const inner = type?.items ?? type;
  return flatten(Object.entries(inner?.fields ?? {}).map(([name, each]) => ({ name, type: each, origin: "" }))).map((variable) => variable.path);
}

export const pathWidget: Widget = {
  name: "path",
  rank: (field) => (field.literal === "path" || field.literal === "variable" ? 10 : 0),
  Control: (props) => <PathControl {...props} />,
};
