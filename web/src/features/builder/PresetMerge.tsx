import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { providerTypesQuery } from "~/api/queries";
import { diff } from "~/core/diff";
import { type Json, printJson } from "~/core/json";
import { type Side, merge } from "~/core/merge";
import { words } from "~/core/numbers";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Tabs } from "~/ui/Tabs";

import { useStore } from "../editor/context";
import type { PresetOffer } from "../editor/transport";
import { ChangeCount, ChangeList } from "./ChangeList";
import { Conflicts } from "./Conflicts";
import { Scroll } from "./MergeDialog";

type Props = { offer: PresetOffer; mine: Json; onDone: (document: Json, title: string) => void; onClose: () => void };

/** A newer preset: what changed in it, what was changed here, what comes out of both, and what has to be decided. */
export function PresetMerge({ offer, mine, onDone, onClose }: Props) {
  const { catalog } = useStore();
  const types = useQuery(providerTypesQuery).data;
  const type = types?.find((each) => each.type === offer.type);
  const title = type?.presets.find((each) => each.name === offer.preset)?.title ?? offer.preset;
  const [choices, setChoices] = useState<ReadonlyMap<string, Side>>(new Map());
  const [tab, setTab] = useState<"result" | "theirs" | "mine">("result");
  const { base, latest } = offer;
  const merged = useMemo(() => merge(base, mine, latest, catalog, choices), [base, mine, latest, catalog, choices]);
  const changes = useMemo(() => diff(mine, merged.document, catalog), [mine, merged, catalog]);
  const undecided = merged.conflicts.filter((conflict) => !choices.has(conflict.key)).length;
  return (
    <Dialog
      open
      onClose={onClose}
      size="lg"
      title={`A newer “${title}”`}
      description="What changed in it is brought together with your edits, which are kept. Nothing is saved until you save."
      footer={
        <>
          <ChangeCount changes={changes} />
          <span className="flex-1" />
          {undecided > 0 && (
            <span className="text-xs text-warn-text">
              {undecided} {undecided === 1 ? "conflict" : "conflicts"} to decide
            </span>
          )}
          <Button onClick={onClose}>Not now</Button>
          <Button variant="primary" disabled={undecided > 0} onClick={() => onDone(merged.document, title)}>
            Take the merge
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Conflicts
          title="You and the preset changed this"
          conflicts={merged.conflicts}
          choices={choices}
          sides={{ base, mine, theirs: latest }}
          theirs="Newer preset"
          onChoose={(key, side) => setChoices(new Map(choices).set(key, side))}
        />
        {offer.constants.length > 0 && (
          <section aria-label="Values of constants">
            <h3 className="text-sm font-semibold">Values of constants that follow</h3>
            <p className="mb-2 text-xs text-muted">They are as the preset had them. Values that you chose yourself stay.</p>
            <ul className="flex flex-col gap-1 text-xs">
              {offer.constants.map((change) => (
                <li key={`${change.source} ${change.name}`} className="flex flex-wrap items-baseline gap-x-1.5">
                  <span className="text-muted">{change.source}:</span> {words(change.name)} <Value value={change.from} /> → <Value value={change.to} />
                </li>
              ))}
            </ul>
          </section>
        )}
        <div className="flex h-[40vh] flex-col">
          <Tabs
            label="Changes"
            value={tab}
            onChange={setTab}
            tabs={[
              { value: "result", label: "What the merge changes in your spec", content: <Scroll>{<ChangeList changes={changes} />}</Scroll> },
              { value: "theirs", label: "What changed in the preset", content: <Scroll>{<ChangeList changes={diff(base, latest, catalog)} />}</Scroll> },
              { value: "mine", label: "What you changed", content: <Scroll>{<ChangeList changes={diff(base, mine, catalog)} />}</Scroll> },
            ]}
          />
        </div>
      </div>
    </Dialog>
  );
}

function Value({ value }: { value: Json }) {
  return <span className="font-mono text-2xs">{value === null ? "not set" : typeof value === "string" ? value : printJson(value)}</span>;
}
