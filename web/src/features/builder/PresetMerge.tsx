import { useQuery } from "@tanstack/react-query";

import { providerTypesQuery } from "~/api/queries";
import { type Json, printJson } from "~/core/json";
import { words } from "~/core/numbers";
import { Button } from "~/ui/Button";

import type { PresetOffer } from "../editor/transport";
import { ChangeCount } from "./ChangeList";
import { ThreeWay } from "./ThreeWay";

type Props = { offer: PresetOffer; mine: Json; onDone: (document: Json, title: string) => void; onClose: () => void };

/** A newer preset: what changed in it, what was changed here, what comes out of both, and what has to be decided. */
export function PresetMerge({ offer, mine, onDone, onClose }: Props) {
  const types = useQuery(providerTypesQuery).data;
  const type = types?.find((each) => each.type === offer.type);
  const title = type?.presets.find((each) => each.name === offer.preset)?.title ?? offer.preset;
  return (
    <ThreeWay
      base={offer.base}
      mine={mine}
      theirs={offer.latest}
      title={`A newer “${title}”`}
      description="What changed in it is brought together with your edits, which are kept. Nothing is saved until you save."
      against={{ side: "mine", label: "What the merge changes in your spec" }}
      words={{ conflicts: "You and the preset changed this", theirs: "Newer preset", theirChanges: "What changed in the preset" }}
      foot={(changes) => <ChangeCount changes={changes} />}
      beside={<Button onClick={onClose}>Not now</Button>}
      onDone={(document) => onDone(document, title)}
      onClose={onClose}
    >
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
    </ThreeWay>
  );
}

function Value({ value }: { value: Json }) {
  return <span className="font-mono text-2xs">{value === null ? "not set" : typeof value === "string" ? value : printJson(value)}</span>;
}
