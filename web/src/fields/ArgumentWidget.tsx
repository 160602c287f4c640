import { useId } from "react";

import { type FieldMeta, humanize } from "~/core/catalog";
import { type Json, type Path, isNumber, numberText, printJson, toPointer } from "~/core/json";
import { useStore } from "~/features/editor/context";
import { Messages } from "~/features/editor/Messages";
import { useNodeProblems } from "~/features/editor/nodes";

import { widgetFor } from "./registry";

/** A field that is no expression, with the control that fits it and the messages about it. */
export function ArgumentWidget({
  id,
  path,
  field,
  value,
  label,
  first,
}: {
  id: string;
  path: Path;
  field: FieldMeta;
  value: Json | undefined;
  label: string;
  first?: boolean;
}) {
  const store = useStore();
  const { Control } = widgetFor(field);
  const below = toPointer(path);
  const problems = useNodeProblems(id, below);
  const messages = useId();
  if (!store.editable)
    return (
      <div className="rounded-md border border-line px-2 py-[2px] font-mono text-xs leading-5">
        {value === undefined ? <span className="text-faint">not set</span> : textOf(value)}
      </div>
    );
  return (
    <div data-node={below}>
      <Control
        id={id}
        path={path}
        field={field}
        value={value}
        label={label}
        first={first}
        describedBy={problems.own.length > 0 ? messages : undefined}
        invalid={problems.own.some((problem) => problem.severity === "error")}
        onChange={(next) => store.setNode(id, path, next, `Edit ${humanize(field.name).toLowerCase()}`, `type:${id}${below}`)}
      />
      {problems.own.length > 0 && (
        <div className="mt-1">
          <Messages problems={problems.own} id={messages} />
        </div>
      )}
    </div>
  );
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : isNumber(value) ? numberText(value) : printJson(value);
}
