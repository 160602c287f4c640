import { CircleSlash, Hash, List, Plus, Sigma, ToggleLeft, Type as TypeIcon, Variable as VariableIcon } from "lucide-react";
import { type KeyboardEvent, type ReactElement, cloneElement, useId, useMemo, useRef, useState } from "react";

import type { ExpressionMeta, FieldMeta } from "~/core/catalog";
import { score, search } from "~/core/find";
import { type Json, isList, isNumber, numberOf, whole } from "~/core/json";
import { type Variable, fit, givesFit, personalOf, typeName } from "~/core/scope";
import { cx } from "~/ui/cx";
import { SearchInput } from "~/ui/Input";
import { Popover } from "~/ui/Popover";

import { useStore } from "./context";
import { PersonalMark, Value } from "./look";
import { useVariables } from "./nodes";
import { useScopeValues } from "./values";

type Choice =
  | { kind: "value"; label: string; icon: ReactElement; value: Json; open?: boolean }
  | { kind: "variable"; variable: Variable; convert?: ExpressionMeta }
  | { kind: "function"; word: ExpressionMeta };

type Section = { title: string; choices: Choice[] };

type Props = {
  id: string;
  below: string;
  field: Pick<FieldMeta, "accepts" | "choices"> & { nullable?: boolean };
  trigger: ReactElement;
  /** Only functions: to put something into one, or to change one into another. */
  functionsOnly?: boolean;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  /** Where the cursor goes once something is chosen, where not back to the trigger. */
  next?: () => HTMLElement | undefined;
  /** A value, and whether it is whole already: else it is still to be written. */
  onValue: (value: Json, written: boolean) => void;
  onVariable: (path: string, convert?: ExpressionMeta) => void;
  onFunction: (word: ExpressionMeta) => void;
};

/** Chooses what stands in a field with the mouse: a value, a variable or a function, those that fit first. */
export function NodePicker(props: Props) {
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState(false);
  // Whether something was chosen, and not only looked at.
  const chosen = useRef(false);
  const shown = props.open ?? open;
  // Made when it is asked for: a form has many of them, and opens at once.
  if (!made && !shown) {
    return cloneElement(props.trigger as ReactElement<{ onClick?: () => void; "aria-haspopup"?: "dialog" }>, {
      "aria-haspopup": "dialog",
      onClick: () => {
        setMade(true);
        setOpen(true);
      },
    });
  }
  const set = (next: boolean): void => {
    if (next) chosen.current = false;
    setOpen(next);
    props.onOpenChange?.(next);
  };
  return (
    <Popover open={shown} onOpenChange={set} trigger={props.trigger} returnsFocus={() => (chosen.current ? (props.next?.() ?? true) : true)} className="!max-w-none w-[26rem] !p-0">
      {shown && (
        <Choices
          {...props}
          close={() => {
            chosen.current = true;
            set(false);
          }}
        />
      )}
    </Popover>
  );
}

/** How many variables are shown before one searches. */
const VARIABLES = 40;

function Choices({ id, below, field, functionsOnly, onValue, onVariable, onFunction, close }: Props & { close: () => void }) {
  const store = useStore();
  const { catalog } = store;
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const variables = useVariables(id, below);
  const valueOf = useScopeValues(id);
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);

  const sections = useMemo((): Section[] => {
    const accepts = field.accepts;
    const takes = (type: string): boolean => accepts === undefined || accepts.includes("any") || accepts.includes(type);
    const found: Section[] = [];
    if (!functionsOnly) {
      const values: Choice[] = [];
      for (const choice of field.choices ?? []) values.push({ kind: "value", label: choice, icon: <TypeIcon />, value: choice });
      if (takes("string") && field.choices === undefined)
        values.push({ kind: "value", label: query === "" ? "Text" : `Text “${query}”`, icon: <TypeIcon />, value: query, open: query === "" });
      const number = numberOf(query.trim());
      if (takes("number"))
        values.push({ kind: "value", label: number === undefined ? "Number" : `Number “${query.trim()}”`, icon: <Hash />, value: number ?? whole(0), open: number === undefined });
      if (takes("boolean"))
        values.push({ kind: "value", label: "True", icon: <ToggleLeft />, value: true }, { kind: "value", label: "False", icon: <ToggleLeft />, value: false });
      if (takes("array")) values.push({ kind: "value", label: "List", icon: <List />, value: [] });
      if (field.nullable) values.push({ kind: "value", label: "Nothing (null)", icon: <CircleSlash />, value: null });
      const kept = values.filter((choice) => choice.kind === "value" && (query === "" || choice.label.includes("“") || score(query, choice.label) > 0));
      if (kept.length > 0) found.push({ title: "Fixed value", choices: kept });
      const ranked = variables
        .map((variable) => {
          const fits = fit(catalog, accepts, variable.type);
          const points = query === "" ? 20 - variable.depth : Math.max(score(query, variable.path), score(query, variable.name));
          const convert =
            fits === "no"
              ? catalog.expressions.find((word) =>
                  word.roles.some(
                    (role) => role.role === "converts" && role.from?.includes(variable.type.shape) && role.to?.some((to) => accepts?.includes(to)),
                  ),
                )
              : undefined;
          const rank = fits === "yes" ? 60 : convert !== undefined ? 40 : fits === "perhaps" ? 30 : -100;
          return { variable, convert, rank: points <= 0 ? -Infinity : points + rank };
        })
        .filter((each) => each.rank > 0)
        .sort((one, other) => other.rank - one.rank)
        .slice(0, query === "" ? VARIABLES : 80);
      if (ranked.length > 0) found.push({ title: "Variables", choices: ranked.map(({ variable, convert }) => ({ kind: "variable", variable, convert })) });
    }
    const words = search(query, catalog.expressions).filter((word) => word.name !== catalog.constant.type && word.name !== catalog.variable.type);
    const order = { yes: 0, perhaps: 1, no: 2 };
    if (query === "") {
      for (const group of catalog.groupsOf("expression")) {
        const choices = words
          .filter((word) => word.group === group.name && givesFit(word.gives, accepts) !== "no")
          .map((word): Choice => ({ kind: "function", word }));
        if (choices.length > 0) found.push({ title: group.title, choices });
      }
    } else {
      const choices = words
        .toSorted((one, other) => order[givesFit(one.gives, accepts)] - order[givesFit(other.gives, accepts)])
        .map((word): Choice => ({ kind: "function", word }));
      if (choices.length > 0) found.push({ title: "Functions", choices });
    }
    return found;
  }, [catalog, field, functionsOnly, query, variables]);

  const flat = sections.flatMap((section) => section.choices);
  const take = (choice: Choice): void => {
    close();
    if (choice.kind === "value") onValue(choice.value, choice.open !== true);
    else if (choice.kind === "variable") onVariable(choice.variable.path, choice.convert);
    else onFunction(choice.word);
  };
  const keys = (event: KeyboardEvent): void => {
    let to = active;
    if (event.key === "ArrowDown") to = Math.min(flat.length - 1, active + 1);
    else if (event.key === "ArrowUp") to = Math.max(0, active - 1);
    else if (event.key === "Enter" && flat[active]) {
      event.preventDefault();
      take(flat[active]);
      return;
    } else return;
    event.preventDefault();
    setActive(to);
    list.current?.querySelector(`[data-at="${to}"]`)?.scrollIntoView({ block: "nearest" });
  };
  let place = -1;
  return (
    <div className="flex max-h-[26rem] flex-col" onKeyDown={keys}>
      <div className="border-b border-line p-2">
        <SearchInput
          value={query}
          onChange={(next) => {
            setQuery(next);
            setActive(0);
          }}
          label={functionsOnly ? "Find a function" : "Find a value, a variable or a function"}
        />
      </div>
      <div ref={list} id={listId} role="listbox" aria-label="Choices" tabIndex={0} className="min-h-0 flex-1 overflow-y-auto pb-1">
        {sections.map((section) => (
          <div key={section.title} role="group" aria-label={section.title}>
            <div role="presentation" className="sticky top-0 bg-raised px-3 pt-2 pb-1 text-2xs font-medium text-faint">
              {section.title}
            </div>
            {section.choices.map((choice) => {
              place += 1;
              const at = place;
              return (
                <div
                  key={choice.kind === "value" ? choice.label : choice.kind === "variable" ? choice.variable.path : choice.word.name}
                  role="option"
                  aria-selected={at === active}
                  data-at={at}
                  data-choice={choice.kind === "value" ? choice.label : choice.kind === "variable" ? choice.variable.path : choice.word.name}
                  tabIndex={-1}
                  onClick={() => take(choice)}
                  className={cx("mx-1 flex min-h-7 items-center gap-2 rounded-md px-2 py-0.5", at === active ? "bg-active" : "hover:bg-hover")}
                >
                  <ChoiceRow choice={choice} valueOf={valueOf} />
                </div>
              );
            })}
          </div>
        ))}
        {flat.length === 0 && <p className="px-3 py-4 text-sm text-muted">Nothing fits. Try another word.</p>}
      </div>
    </div>
  );
}

function ChoiceRow({ choice, valueOf }: { choice: Choice; valueOf: (path: string) => Json | undefined }) {
  if (choice.kind === "value") {
    return (
      <>
        <span aria-hidden="true" className="text-ok-text [&>svg]:size-3.5">
          {choice.icon}
        </span>
        <span className="ellipsis text-sm">{choice.label}</span>
      </>
    );
  }
  if (choice.kind === "function") {
    return (
      <>
        <Sigma aria-hidden="true" className="size-3.5 shrink-0 text-violet-text" />
        <span className="shrink-0 font-mono text-xs">{choice.word.name}</span>
        <span className="ellipsis ml-auto text-2xs text-faint">{choice.word.summary}</span>
      </>
    );
  }
  const { variable, convert } = choice;
  const personal = personalOf(variable.type);
  return (
    <>
      <VariableIcon aria-hidden="true" className="size-3.5 shrink-0 text-accent-text" />
      <span className="ellipsis font-mono text-xs">{variable.path}</span>
      {personal.length > 0 && <PersonalMark categories={personal} />}
      {convert && <span className="shrink-0 text-2xs text-violet-text">with {convert.name}</span>}
      <span className="ml-auto flex max-w-[45%] shrink-0 items-center gap-2">
        <Value value={valueOf(variable.path)} className="max-w-28" />
        <span className="ellipsis text-2xs text-faint">{typeName(variable.type)}</span>
      </span>
    </>
  );
}

/** The icon of what stands in a field. */
export function KindIcon({ node }: { node: Json | undefined }) {
  const { catalog } = useStore();
  const literal = catalog.literalOf(node);
  const className = "size-3.5";
  if (node === undefined) return <Plus aria-hidden="true" className={cx(className, "text-accent-text")} />;
  if (literal === undefined) {
    return catalog.referenceOf(node) === undefined ? (
      <Sigma aria-hidden="true" className={cx(className, "text-violet-text")} />
    ) : (
      <VariableIcon aria-hidden="true" className={cx(className, "text-accent-text")} />
    );
  }
  const Icon = isNumber(literal) ? Hash : typeof literal === "boolean" ? ToggleLeft : literal === null || isList(literal) ? CircleSlash : TypeIcon;
  return <Icon aria-hidden="true" className={cx(className, "text-ok-text")} />;
}
