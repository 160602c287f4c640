import { humanize } from "~/core/catalog";
import { print } from "~/core/expression/print";
import { type Json, isObject, printJson } from "~/core/json";
import type { Choices, Conflict, Side } from "~/core/merge";
import { find, typeOf } from "~/core/spec";
import { plain, summary } from "~/core/words";
import { cx } from "~/ui/cx";

import { useStore } from "../editor/context";

export type Sides = { readonly base: Json; readonly mine: Json; readonly theirs: Json };

type Props = {
  readonly title: string;
  readonly conflicts: readonly Conflict[];
  readonly choices: Choices;
  readonly sides: Sides;
  /** What theirs is called. */
  readonly theirs: string;
  readonly onChoose: (key: string, side: Side) => void;
};

/** What both sides of a merge changed, each to be decided. */
export function Conflicts({ title, conflicts, choices, sides, theirs, onChoose }: Props) {
  if (conflicts.length === 0) return null;
  return (
    <section aria-label="Conflicts" className="flex flex-col gap-2">
      <h3 className="text-sm font-semibold">{title}</h3>
      {conflicts.map((conflict) => (
        <ConflictCard key={conflict.key} conflict={conflict} decided={choices.get(conflict.key)} sides={sides} theirs={theirs} onChoose={(side) => onChoose(conflict.key, side)} />
      ))}
    </section>
  );
}

function ConflictCard({
  conflict,
  decided,
  sides: { base, mine, theirs: other },
  theirs,
  onChoose,
}: {
  conflict: Conflict;
  decided: Side | undefined;
  sides: Sides;
  theirs: string;
  onChoose: (side: Side) => void;
}) {
  const { catalog } = useStore();
  const place = [mine, other, base]
    .map((document) => find(document, catalog, conflict.id))
    .find((each) => each !== undefined);
  const title = place === undefined ? humanize(conflict.id) : plain(summary(place.instruction, catalog));
  const text = (value: Json | undefined): string => {
    if (conflict.what === "moved") return value === "" ? "at the top" : `in ${String(value)}`;
    if (value === undefined) return conflict.what === "removed" ? "removed" : "not set";
    if (conflict.what === "removed") return "kept, with the changes";
    if (isObject(value) && catalog.expression(typeOf(value)) !== undefined) return print(value, catalog);
    return typeof value === "string" ? value : printJson(value);
  };
  const both: readonly [Side, string, Json | undefined][] = [
    ["mine", "Mine", conflict.mine],
    ["theirs", theirs, conflict.theirs],
  ];
  return (
    <div className="rounded-lg border border-warn/50 bg-surface px-3 py-2">
      <div className="ellipsis text-sm">{title}</div>
      <div className="text-xs text-muted">
        {conflict.field === undefined
          ? conflict.what === "moved"
            ? "Moved to different places"
            : "One removed it, the other changed it"
          : humanize(conflict.field)}
      </div>
      <div role="radiogroup" aria-label={`${title}: ${conflict.field ?? conflict.what}`} className="mt-2 grid grid-cols-2 gap-2">
        {both.map(([side, label, value]) => (
          <button
            key={side}
            type="button"
            role="radio"
            aria-checked={decided === side}
            onClick={() => onChoose(side)}
            className={cx("rounded-md border px-2.5 py-1.5 text-left", decided === side ? "border-accent bg-selected" : "border-line hover:border-line-strong")}
          >
            <span className="block text-2xs font-medium text-muted">{label}</span>
            <span className="block font-mono text-xs [overflow-wrap:anywhere]">{text(value)}</span>
          </button>
        ))}
      </div>
    </div>
  );
}
