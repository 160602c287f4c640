import { ChevronRight } from "lucide-react";
import { memo, useMemo, useRef, useState } from "react";

import { score } from "~/core/find";
import { type Json } from "~/core/json";
import { type Variable, flatten, personalOf, typeName } from "~/core/scope";
import { cx } from "~/ui/cx";
import { SearchInput } from "~/ui/Input";
import { toast } from "~/ui/Toast";

import { activeSlot } from "./activeSlot";
import { useEditor, useStore } from "./context";
import { useVariableDrag } from "./drag";
import { PersonalMark, Value } from "./look";
import { useScope } from "./nodes";
import { useScopeValues } from "./values";

/** Rows that are drawn at first. */
const SHOWN = 150;

/** Every variable that is available at the selected instruction, with its type and its value in the picked record. */
export function ScopePanel() {
  const store = useStore();
  const focus = useEditor((state) => state.focus);
  const scope = useScope(focus);
  const valueOf = useScopeValues(focus);
  const [query, setQuery] = useState("");
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [most, setMost] = useState(SHOWN);
  const all = useMemo(() => flatten(scope), [scope]);
  const source = scope.find((entry) => entry.origin === "source_model")?.name;
  const isOpen = (path: string): boolean => (path === source ? !open.has(path) : open.has(path));
  const shown = useMemo(() => {
    if (query !== "") return all.filter((variable) => score(query, variable.path) >= 30);
    return all.filter((variable) => {
      const steps = variable.path.split(".");
      return steps.every((_, at) => at === steps.length - 1 || isOpen(steps.slice(0, at + 1).join(".")));
    });
  }, [all, query, open, source]);
  const toggle = (path: string): void => {
    const next = new Set(open);
    if (next.has(path)) next.delete(path);
    else next.add(path);
    setOpen(next);
  };
  const pick = (path: string): void => {
    const slot = activeSlot(store.state.focus);
    if (!store.editable) return;
    if (slot) slot.take(path);
    else toast.done("Click into a field first", { detail: "Then a click on a variable puts it there. Or drag it into a field." });
  };
  return (
    <section aria-label="Variables in scope" className="flex min-h-0 flex-1 flex-col">
      <div className="flex items-center gap-2 px-3 pt-2 pb-1.5">
        <h2 className="shrink-0 text-xs font-semibold">In scope</h2>
        <span className="tabular text-2xs text-faint">{scope.length}</span>
        <SearchInput value={query} onChange={setQuery} label="Find a variable" className="ml-auto w-40 min-w-0 [&_input]:!h-6 [&_input]:!text-xs [&_svg]:!top-1.5" />
      </div>
      <ul className="min-h-0 flex-1 overflow-y-auto px-1.5 pb-3" data-scope>
        {shown.slice(0, most).map((variable) => (
          <VariableRow
            key={`${variable.origin}${variable.path}`}
            variable={variable}
            flat={query !== ""}
            open={isOpen(variable.path)}
            value={valueOf(variable.path)}
            onToggle={toggle}
            onPick={pick}
          />
        ))}
        {shown.length > most && (
          <li>
            <button type="button" onClick={() => setMost(most * 4)} className="link px-2 py-1 text-xs">
              {shown.length - most} more
            </button>
          </li>
        )}
        {shown.length === 0 && <li className="px-2 py-3 text-xs text-muted">{query === "" ? "Nothing is in scope here." : "No variable is called that."}</li>}
      </ul>
    </section>
  );
}

type RowProps = { variable: Variable; flat: boolean; open: boolean; value: Json | undefined; onToggle: (path: string) => void; onPick: (path: string) => void };

const VariableRow = memo(function VariableRow({ variable, flat, open, value, onToggle, onPick }: RowProps) {
  const { editable } = useStore();
  const element = useRef<HTMLButtonElement>(null);
  useVariableDrag(element, variable.path);
  const personal = personalOf(variable.type);
  const source = variable.depth === 0 && variable.origin === "source_model";
  return (
    <li className="flex items-start" data-variable-row={variable.path} style={{ paddingLeft: flat ? 0 : variable.depth * 12 }}>
      {variable.hasFields && !flat ? (
        <button
          type="button"
          aria-label={`${open ? "Hide" : "Show"} the fields of ${variable.name}`}
          aria-expanded={open}
          onClick={() => onToggle(variable.path)}
          className="flex size-6 shrink-0 items-center justify-center rounded-sm text-faint hover:text-text"
        >
          <ChevronRight aria-hidden="true" className={cx("size-3 transition-transform", open && "rotate-90")} />
        </button>
      ) : (
        <span aria-hidden="true" className="w-6 shrink-0" />
      )}
      <button
        ref={element}
        type="button"
        data-variable={variable.path}
        onClick={() => onPick(variable.path)}
        title={editable ? `${variable.path}: click to put it into the field you were in, or drag it there` : variable.path}
        className="flex min-h-6 min-w-0 flex-1 items-center gap-1.5 rounded-sm px-1 text-left hover:bg-hover"
      >
        <span className="ellipsis shrink-0 max-w-[60%] font-mono text-xs">{flat ? variable.path : variable.name}</span>
        {personal.length > 0 && <PersonalMark categories={personal} />}
        {variable.type.may_be_empty && variable.type.shape !== "any" && (
          <span className="shrink-0 text-2xs text-warn-text" title="May be empty">
            ∅
          </span>
        )}
        <span className="ml-auto flex min-w-0 items-center gap-1.5 pl-1">
          {value !== undefined && !(variable.hasFields && value !== null) && <Value value={value} masked={value === "•••"} className="max-w-32" />}
          <span className="ellipsis text-2xs text-faint">{source ? "source model" : typeName(variable.type)}</span>
        </span>
      </button>
    </li>
  );
});
