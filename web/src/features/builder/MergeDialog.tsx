import { useMemo, useState } from "react";

import { diff } from "~/core/diff";
import type { Json } from "~/core/json";
import { type Side, merge } from "~/core/merge";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Tabs } from "~/ui/Tabs";

import { useStore } from "../editor/context";
import { ChangeList } from "./ChangeList";
import { Conflicts } from "./Conflicts";

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
        <Conflicts
          title="You both changed this"
          conflicts={merged.conflicts}
          choices={choices}
          sides={{ base, mine, theirs: theirs.document }}
          theirs="Theirs"
          onChoose={(key, side) => setChoices(new Map(choices).set(key, side))}
        />
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

export function Scroll({ children }: { children: React.ReactNode }) {
  return <div className="min-h-0 flex-1 overflow-y-auto py-3">{children}</div>;
}
