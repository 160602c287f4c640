import { Sigma, TextQuote, Variable as VariableIcon } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";

import type { ExpressionMeta, FieldMeta } from "~/core/catalog";
import type { Option } from "~/core/expression/complete";
import type { Json } from "~/core/json";
import { acceptsText, personalOf } from "~/core/scope";
import { cx } from "~/ui/cx";

import { PersonalMark, Value } from "./look";

const icons = { variable: VariableIcon, function: Sigma, value: TextQuote };
const tones = { variable: "text-accent-text", function: "text-violet-text", value: "text-ok-text" };

/** What can come here, as a list under a field. */
export function Suggestions({
  id,
  options,
  active,
  onPick,
  valueOf,
}: {
  id: string;
  options: readonly Option[];
  active: number;
  onPick: (option: Option) => void;
  valueOf: (path: string) => Json | undefined;
}) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <ul ref={list} id={id} role="listbox" aria-label="Suggestions" className="max-h-64 overflow-y-auto py-1">
      {options.map((option, at) => {
        const Icon = icons[option.kind];
        const personal = option.variable ? personalOf(option.variable.type) : [];
        return (
          <li
            key={`${option.kind}${option.insert}`}
            id={`${id}-${at}`}
            role="option"
            aria-selected={at === active}
            onMouseDown={(event) => {
              event.preventDefault();
              onPick(option);
            }}
            className={cx("mx-1 flex min-h-7 items-center gap-2 rounded-md px-2 py-0.5", at === active ? "bg-active" : "hover:bg-hover")}
          >
            <Icon aria-hidden="true" className={cx("size-3.5 shrink-0", tones[option.kind])} />
            <span className="ellipsis shrink font-mono text-xs">{option.label}</span>
            {personal.length > 0 && <PersonalMark categories={personal} />}
            {option.fit === "no" && <span className="shrink-0 text-2xs text-warn-text">other type</span>}
            <span className="ml-auto flex min-w-0 max-w-[55%] shrink-0 items-center gap-2 pl-2">
              {option.variable && option.kind === "variable" && option.word === undefined && (
                <Value value={valueOf(option.variable.path)} className="max-w-36" />
              )}
              <span className="ellipsis text-2xs text-faint">{option.detail}</span>
            </span>
          </li>
        );
      })}
    </ul>
  );
}

/** What the slot at the cursor is for. */
export function SlotHelp({ word, field }: { word: ExpressionMeta | undefined; field: FieldMeta | undefined }): ReactNode {
  if (word === undefined) return null;
  return (
    <div className="border-t border-line px-3 py-1.5 text-2xs text-muted">
      <div className="font-mono [overflow-wrap:anywhere]">
        <span className="text-violet-text">{word.name}</span>(
        {word.arguments.map((each, at) => (
          <span key={each.name}>
            {at > 0 && ", "}
            <span className={cx(each === field && "rounded-sm bg-accent-soft px-0.5 text-accent-text")}>
              {each.name}
              {each.kind === "expressions" ? "…" : each.required ? "" : "?"}
            </span>
          </span>
        ))}
        )
      </div>
      {field ? (
        <p>
          {field.summary}
          {field.kind === "expression" || field.kind === "expressions" ? ` (${acceptsText(field.accepts)})` : ""}
        </p>
      ) : (
        <p>{word.summary}</p>
      )}
    </div>
  );
}
