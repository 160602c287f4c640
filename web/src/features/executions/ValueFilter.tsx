import { useQueries, useQuery } from "@tanstack/react-query";
import { Braces } from "lucide-react";
import { useId, useState } from "react";

import { modelQuery, modelsQuery } from "~/api/queries";
import { count } from "~/core/numbers";
import { Button } from "~/ui/Button";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { Popover } from "~/ui/Popover";
import { RelativeTime } from "~/ui/RelativeTime";
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
  const fields = [...new Set(models.flatMap((model) => model.data?.data.fields.map((each) => each.path) ?? []))].sort();
  const list = useId();
  return (
    <form
      className="grid w-72 gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        onDone(where.trim(), what.trim());
      }}
    >
      <Field label="Field" help="Any field where it is left empty">
        {(control) => (
          <>
            <Input {...control} mono list={list} placeholder="deal.owner.id" value={where} onChange={(event) => setWhere(event.target.value)} />
            <datalist id={list}>
              {fields.map((each) => (
                <option key={each} value={each} />
              ))}
            </datalist>
          </>
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

export type SearchedPage = { items: readonly unknown[]; searched?: { count: number; back_to: string | null } | null };

/** How far records were gone through for a value. */
export function Searched({ pages, more, busy, onMore }: { pages: readonly SearchedPage[]; more: boolean; busy: boolean; onMore: () => void }) {
  const looked = pages.reduce((sum, page) => sum + (page.searched?.count ?? 0), 0);
  const found = pages.reduce((sum, page) => sum + page.items.length, 0);
  const back = pages.at(-1)?.searched?.back_to;
  return (
    <p role="status" className="flex items-center gap-3 border-b border-line bg-sunken px-5 py-1.5 text-xs text-muted">
      <span className="tabular">
        {count(found)} found among {count(looked)} {looked === 1 ? "execution" : "executions"}
        {back && more && (
          <>
            , back to <RelativeTime at={back} />
          </>
        )}
        {!more && ": all there are"}
      </span>
      {more && found > 0 && (
        <Button size="sm" variant="ghost" busy={busy} onClick={onMore} className="!h-6">
          Look further back
        </Button>
      )}
    </p>
  );
}
