import type { Json } from "~/core/json";
import { Button } from "~/ui/Button";

import { ThreeWay } from "./ThreeWay";

export type Merging = {
  readonly base: Json;
  readonly mine: Json;
  readonly theirs: { readonly document: Json; readonly version: number; readonly etag: string; readonly author: string | null; readonly at: string | null };
};

/** Somebody else saved meanwhile: what they changed, what I changed, what comes out of both, and what has to be decided. */
export function MergeDialog({ merging, onDone, onTheirs }: { merging: Merging; onDone: (document: Json) => void; onTheirs: () => void }) {
  const { base, mine, theirs } = merging;
  const who = theirs.author ?? "Somebody else";
  return (
    <ThreeWay
      base={base}
      mine={mine}
      theirs={theirs.document}
      title={`${who} saved version ${theirs.version} meanwhile`}
      description="Both sets of changes are brought together. Nothing is saved until you save."
      against={{ side: "theirs", label: "What the merge changes in the saved version" }}
      words={{ conflicts: "You both changed this", theirs: "Theirs", theirChanges: `What ${who} changed` }}
      foot={() => <Button onClick={onTheirs}>Drop my changes</Button>}
      onDone={onDone}
      onClose={() => undefined}
    />
  );
}
