import { useQueries, useQuery } from "@tanstack/react-query";
import { Braces } from "lucide-react";
import { useState } from "react";

import { modelQuery, modelsQuery } from "~/api/queries";
import { rankBy } from "~/core/search";
import type { Model } from "~/generated/api";
import { Button } from "~/ui/Button";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { Popover } from "~/ui/Popover";
import { SuggestInput, type Suggestion } from "~/ui/SuggestInput";
import { useSearchState } from "~/ui/useSearchState";

/** Which value a record must hold. */
export function ValueFilter() {
  const [search, setSearch] = useSearchState();
  const [open, setOpen] = useState(false);
  return (
    <Popover
      title="A value in the record"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button size="sm" variant="filter" icon={<Braces className="size-3.5" />}>
          {search.value ? (
            <span className="ellipsis max-w-48 font-mono text-xs">
              {search.field ?? "any field"} = {search.value}
            </span>
          ) : (
            "Value"
          )}
        </Button>
      }
    >
      {open && (
        <ValueForm
          field={search.field ?? ""}
          value={search.value ?? ""}
          onDone={(field, value) => {
            setSearch({ field: field || undefined, value: value || undefined });
            setOpen(false);
          }}
        />
      )}
    </Popover>
  );
}

function ValueForm({ field, value, onDone }: { field: string; value: string; onDone: (field: string, value: string) => void }) {
  const [where, setWhere] = useState(field);
  const [what, setWhat] = useState(value);
  const names = (useQuery(modelsQuery).data ?? []).map((model) => model.name);
  const models = useQueries({ queries: names.map((name) => modelQuery(name)) });
  const suggestions = suggestionsOf(models.flatMap((model) => model.data?.data ?? []));
  return (
    <form
      className="grid w-72 gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        onDone(where.trim(), what.trim());
      }}
    >
      <Field label="Field" help="Any field where it is left empty. Related data counts too.">
        {(control) => (
          <SuggestInput
            {...control}
            placeholder="deal.owner.id"
            value={where}
            onChange={setWhere}
            suggestions={suggestions}
            search={(text) => rankBy(suggestions, text, (each) => [each.value])}
          />
        )}
      </Field>
      <Field label="Value" help="* stands for any text">
        {(control) => <Input {...control} mono autoFocus placeholder="won or *solar*" value={what} onChange={(event) => setWhat(event.target.value)} />}
      </Field>
      <div className="flex justify-end gap-2">
        {value !== "" && (
          <Button size="sm" onClick={() => onDone("", "")}>
            Clear
          </Button>
        )}
        <Button size="sm" type="submit" variant="primary" disabled={what.trim() === ""}>
          Find
        </Button>
      </div>
    </form>
  );
}

/** How deep enrichments of enrichments are followed. */
const DEEPEST = 3;

/** The fields of records, and below them those of what is fetched beside them, as a spec hangs it unless it says otherwise. */
function suggestionsOf(models: readonly Model[]): Suggestion[] {
  const found = new Map<string, Suggestion>();
  const add = (model: Model, above: string, depth: number): void => {
    for (const field of model.fields) {
      const path = above + field.path;
      if (found.has(path)) continue;
      const personal = field.personal !== null;
      found.set(path, { value: path, aside: <span>{personal ? "personal" : field.type}</span> });
    }
    for (const enrichment of depth < DEEPEST ? model.enrichments : []) {
      const yielded = models.find((other) => other.name === enrichment.model);
      if (yielded) add(yielded, `${above}${enrichment.name}.`, depth + 1);
    }
  };
  for (const model of models) add(model, "", 1);
  return [...found.values()].sort((one, other) => one.value.localeCompare(other.value));
}
