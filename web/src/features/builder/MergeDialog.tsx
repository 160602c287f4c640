import { useMemo, useState } from "react";

import { humanize } from "~/core/catalog";
import { diff } from "~/core/diff";
import { print } from "~/core/expression/print";
import { type Json, isObject, printJson } from "~/core/json";
import { type Conflict, type Side, merge } from "~/core/merge";
import { find, typeOf } from "~/core/spec";
import { plain, summary } from "~/core/words";
import { Button } from "~/ui/Button";
import { cx } from "~/ui/cx";
import { Dialog } from "~/ui/Dialog";
import { Tabs } from "~/ui/Tabs";

import { useStore } from "../editor/context";
import { ChangeList } from "./ChangeList";

export type Merging = {
  readonly base: Json;
  readonly mine: Json;
  readonly theirs: { readonly document: Json; readonly version: number; readonly etag: string; readonly author: string | null; readonly at: string | null };
};

/** Somebody else saved meanwhile: what they changed, what I changed, what comes out of both, and what has to be decided. */
export function MergeDialog({ merging, onDone, onTheirs }: { merging: Merging; onDone: (document: Json) => void; onTheirs: () => void }) {
  const { catalog } = useStore();
  const [choices, setChoices] = useState<ReadonlyMap<string, Side>>(new Map());
  const [tab, setTab] = useState<"result" | "theirs" | "mine">("result");
  const { base, mine, theirs } = merging;
  const merged = useMemo(() => merge(base, mine, theirs.document, catalog, choices), [base, mine, theirs, catalog, choices]);
  const undecided = merged.conflicts.filter((conflict) => !choices.has(conflict.key)).length;
  const who = theirs.author ?? "Somebody else";
  const nothing = (): void => undefined;
  return (
    <Dialog
      open
      onClose={nothing}
      size="lg"
      title={`${who} saved version ${theirs.version} meanwhile`}
      description="Both sets of changes are brought together. Nothing is saved until you save."
      footer={
        <>
          <Button onClick={onTheirs}>Drop my changes</Button>
          <span className="flex-1" />
          {undecided > 0 && (
            <span className="text-xs text-warn-text">
              {undecided} {undecided === 1 ? "conflict" : "conflicts"} to decide
            </span>
          )}
          <Button variant="primary" disabled={undecided > 0} onClick={() => onDone(merged.document)}>
            Take the merge
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {merged.conflicts.length > 0 && (
          <section aria-label="Conflicts" className="flex flex-col gap-2">
            <h3 className="text-sm font-semibold">You both changed this</h3>
            {merged.conflicts.map((conflict) => (
              <ConflictCard
                key={conflict.key}
                conflict={conflict}
                decided={choices.get(conflict.key)}
                merging={merging}
                onChoose={(side) => setChoices(new Map(choices).set(conflict.key, side))}
              />
            ))}
          </section>
        )}
        <div className="flex h-[40vh] flex-col">
          <Tabs
            label="Changes"
            value={tab}
            onChange={setTab}
            tabs={[
              {
                value: "result",
                label: "What the merge changes in the saved version",
                content: <Scroll>{<ChangeList changes={diff(theirs.document, merged.document, catalog)} />}</Scroll>,
              },
              { value: "theirs", label: `What ${who} changed`, content: <Scroll>{<ChangeList changes={diff(base, theirs.document, catalog)} />}</Scroll> },
              { value: "mine", label: "What you changed", content: <Scroll>{<ChangeList changes={diff(base, mine, catalog)} />}</Scroll> },
            ]}
          />
        </div>
      </div>
    </Dialog>
  );
}

function Scroll({ children }: { children: React.ReactNode }) {
  return <div className="min-h-0 flex-1 overflow-y-auto py-3">{children}</div>;
}

function ConflictCard({
  conflict,
  decided,
  merging,
  onChoose,
}: {
  conflict: Conflict;
  decided: Side | undefined;
  merging: Merging;
  onChoose: (side: Side) => void;
}) {
  const { catalog } = useStore();
  const place = [merging.mine, merging.theirs.document, merging.base]
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
  const sides: readonly [Side, string, Json | undefined][] = [
    ["mine", "Mine", conflict.mine],
    ["theirs", "Theirs", conflict.theirs],
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
        {sides.map(([side, label, value]) => (
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
