import { useMemo } from "react";

import { score } from "~/core/find";
import { type Json, isList, toPointer } from "~/core/json";
import { type Type, type Variable, flatten, personalOf, typeName, valueAt } from "~/core/scope";
import { useStore } from "~/features/editor/context";
import { PersonalMark, Value } from "~/features/editor/look";
import { useTraced, useType } from "~/features/editor/nodes";
import { SuggestInput, type Suggestion } from "~/ui/SuggestInput";

import type { Widget, WidgetProps } from "./widget";

/** A path into what stands beside it: the fields of a value, or of the items of a list, with their types and their values in the picked record. */
function PathControl({ id, path, field, value, label, first, describedBy, invalid, onChange }: WidgetProps) {
  const store = useStore();
  const below = toPointer(path);
  // What the path leads into is the first argument of the same function.
  const beside = toPointer([...path.slice(0, -1), firstArgument(store.catalog, field.name)]);
  const type = useType(id, beside);
  const traced = useTraced(id, beside);
  const paths = useMemo(() => fieldsOf(type), [type]);
  const holder = traced === undefined || traced.masked ? undefined : isList(traced.value) ? traced.value[0] : traced.value;
  return (
    <SuggestInput
      label={label}
      aria-describedby={describedBy}
      aria-invalid={invalid || undefined}
      placeholder={paths.length > 0 ? "Choose a field, or type its path" : "For example owner.id"}
      data={{ "data-slot": below, "data-first": first || undefined }}
      value={typeof value === "string" ? value : ""}
      suggestions={paths.map((each) => suggestionOf(each, holder))}
      search={(text) => ranked(paths, text).map((each) => suggestionOf(each, holder))}
      onChange={(next) => onChange(next === "" ? undefined : next)}
    />
  );
}

function suggestionOf(variable: Variable, holder: Json | undefined): Suggestion {
  const personal = personalOf(variable.type);
  const value = personal.length > 0 || variable.hasFields ? undefined : valueAt(holder, variable.path);
  return {
    value: variable.path,
    aside: (
      <>
        {personal.length > 0 && <PersonalMark categories={personal} />}
        {value !== undefined && <Value value={value} className="max-w-36" />}
        <span className="shrink-0">{typeName(variable.type)}</span>
      </>
    ),
  };
}

/** The paths that a text means, the best first. */
export function ranked(paths: readonly Variable[], text: string): readonly Variable[] {
  return paths
    .map((variable) => ({ variable, points: Math.max(score(text, variable.path), score(text, variable.name)) - variable.depth }))
    .filter((each) => each.points > 0)
    .toSorted((one, other) => other.points - one.points)
    .map((each) => each.variable);
}

function firstArgument(catalog: { expressions: readonly { arguments: readonly { name: string }[] }[] }, name: string): string {
  return catalog.expressions.find((word) => word.arguments.some((each, at) => at > 0 && each.name === name))?.arguments[0]?.name ?? "value";
}

function fieldsOf(type: Type | undefined): readonly Variable[] {
  const inner = type?.items ?? type;
  return flatten(Object.entries(inner?.fields ?? {}).map(([name, each]) => ({ name, type: each, origin: "" })));
}

export const pathWidget: Widget = {
  name: "path",
  rank: (field) => (field.literal === "path" || field.literal === "variable" ? 10 : 0),
  Control: (props) => <PathControl {...props} />,
};
