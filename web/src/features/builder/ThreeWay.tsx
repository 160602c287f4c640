import { type ReactNode, useMemo, useState } from "react";

import { type SpecChange, diff } from "~/core/diff";
import type { Json } from "~/core/json";
import { type Side, merge } from "~/core/merge";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Tabs } from "~/ui/Tabs";

import { useStore } from "../editor/context";
import { ChangeList } from "./ChangeList";
import { Conflicts, type Sides } from "./Conflicts";

type Props = Sides & {
  readonly title: string;
  readonly description: string;
  /** The side that the merge is shown as a change of, and what that is called. */
  readonly against: { readonly side: "mine" | "theirs"; readonly label: string };
  /** What both sides changed, and what theirs is called: at a conflict, and over its changes. */
  readonly words: { readonly conflicts: string; readonly theirs: string; readonly theirChanges: string };
  /** What stands on the left of the foot. */
  readonly foot: (changes: readonly SpecChange[]) => ReactNode;
  /** What stands beside the button that takes the merge. */
  readonly beside?: ReactNode;
  /** What else there is to know, between the conflicts and the changes. */
  readonly children?: ReactNode;
  readonly onDone: (document: Json) => void;
  readonly onClose: () => void;
};

/** Brings two sets of changes together: what each is, what comes out of both, and what has to be decided. */
export function ThreeWay({ base, mine, theirs, title, description, against, words, foot, beside, children, onDone, onClose }: Props) {
  const { catalog } = useStore();
  const [choices, setChoices] = useState<ReadonlyMap<string, Side>>(new Map());
  const [tab, setTab] = useState<"result" | "theirs" | "mine">("result");
  const merged = useMemo(() => merge(base, mine, theirs, catalog, choices), [base, mine, theirs, catalog, choices]);
  const from = against.side === "mine" ? mine : theirs;
  const changes = useMemo(() => diff(from, merged.document, catalog), [from, merged, catalog]);
  const undecided = merged.conflicts.filter((conflict) => !choices.has(conflict.key)).length;
  return (
    <Dialog
      open
      onClose={onClose}
      size="lg"
      title={title}
      description={description}
      footer={
        <>
          {foot(changes)}
          <span className="flex-1" />
          {undecided > 0 && (
            <span className="text-xs text-warn-text">
              {undecided} {undecided === 1 ? "conflict" : "conflicts"} to decide
            </span>
          )}
          {beside}
          <Button variant="primary" disabled={undecided > 0} onClick={() => onDone(merged.document)}>
            Take the merge
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Conflicts
          title={words.conflicts}
          conflicts={merged.conflicts}
          choices={choices}
          sides={{ base, mine, theirs }}
          theirs={words.theirs}
          onChoose={(key, side) => setChoices(new Map(choices).set(key, side))}
        />
        {children}
        <div className="flex h-[40vh] flex-col">
          <Tabs
            label="Changes"
            value={tab}
            onChange={setTab}
            tabs={[
              { value: "result", label: against.label, content: <Changes changes={changes} /> },
              { value: "theirs", label: words.theirChanges, content: <Changes changes={diff(base, theirs, catalog)} /> },
              { value: "mine", label: "What you changed", content: <Changes changes={diff(base, mine, catalog)} /> },
            ]}
          />
        </div>
      </div>
    </Dialog>
  );
}

function Changes({ changes }: { changes: readonly SpecChange[] }) {
  return (
    <div className="min-h-0 flex-1 overflow-y-auto py-3">
      <ChangeList changes={changes} />
    </div>
  );
}
