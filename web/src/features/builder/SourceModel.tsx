import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { modelQuery } from "~/api/queries";
import { renameVariable } from "~/core/instructions";
import { at } from "~/core/json";
import { Input } from "~/ui/Input";

import { useEditor, useStore } from "../editor/context";
import { Part } from "./LeftPanel";

/** The record that a spec takes, and the variable that stands for it. */
export function SourceModel() {
  const store = useStore();
  const type = useEditor((state) => at(state.document, ["source_model", "type"]));
  const name = useEditor((state) => at(state.document, ["source_model", "var"]));
  const model = useQuery({ ...modelQuery(String(type ?? "")), enabled: typeof type === "string" && type !== "", retry: false });
  const [typed, setTyped] = useState<string | undefined>(undefined);
  const variable = typeof name === "string" ? name : "";
  const text = typed ?? variable;
  const wrong = !store.catalog.isName(text);
  const finish = (): void => {
    setTyped(undefined);
    if (typed === undefined || typed === variable || wrong) return;
    store.perform(`Rename ${variable} to ${typed}`, renameVariable(store.state.document, store.catalog, ["source_model", "var"], typed));
  };
  return (
    <Part title="Source model">
      <div className="grid grid-cols-[auto_1fr] items-center gap-x-3 gap-y-1.5 text-xs">
        <span className="text-muted">Type</span>
        <span className="flex min-w-0 items-baseline gap-2">
          <span className="ellipsis font-mono">{String(type ?? "none")}</span>
          {model.data && <span className="shrink-0 text-2xs text-faint">{model.data.data.fields.length} fields</span>}
          {model.isError && <span className="shrink-0 text-2xs text-warn-text">no record yet</span>}
        </span>
        <label htmlFor="source-variable" className="text-muted">
          Variable
        </label>
        <Input
          id="source-variable"
          mono
          className="!h-7"
          aria-invalid={wrong || undefined}
          readOnly={!store.editable}
          value={text}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={finish}
          onKeyDown={(event) => {
            if (event.key === "Enter") finish();
            if (event.key === "Escape") setTyped(undefined);
          }}
        />
      </div>
      {wrong && <p className="mt-1 text-2xs text-danger-text">Small letters, digits and _, and a letter first.</p>}
    </Part>
  );
}
