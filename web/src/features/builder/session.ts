/** One editing of a processor's spec: what it began from, saving, and the draft beside it. */
import type { Catalog } from "~/core/catalog";
import { apply } from "~/core/edit";
import { type Json, same } from "~/core/json";
import { repair } from "~/core/spec";
import { EditorStore } from "~/features/editor/store";
import { type PresetOffer, type SavedSpec, loadPreset, loadSpec } from "~/features/editor/transport";

import { readDraft } from "./drafts";

export type Editing = {
  readonly store: EditorStore;
  readonly saved: SavedSpec;
  /** What a draft of this browser began from, where somebody saved since: both have to be merged. */
  readonly outdated: { readonly base: Json; readonly mine: Json } | undefined;
  /** When the draft that was taken up again was written. */
  readonly restored: string | undefined;
  /** A newer preset that is to be merged. */
  readonly offer: PresetOffer | undefined;
};

/**
 * Opens a processor's spec, with the draft that was left in this browser; where it may not be changed, as it is saved. `merge` says that the newer
 * preset is wanted.
 */
export async function openSpec(processor: string, catalog: Catalog, writable: boolean, merge = false): Promise<Editing> {
  const [saved, offer] = await Promise.all([loadSpec(processor), merge ? loadPreset(processor) : undefined]);
  const mended = repair(saved.spec, catalog);
  const document = mended === undefined ? saved.spec : apply(saved.spec, mended).document;
  const store = new EditorStore(catalog, "build", document, writable);
  const draft = writable ? readDraft(processor) : undefined;
  if (draft === undefined || same(draft.document, saved.spec)) return { store, saved, outdated: undefined, restored: undefined, offer };
  if (draft.version === saved.version) {
    store.replace("Draft", draft.document);
    return { store, saved, outdated: undefined, restored: draft.at, offer };
  }
  const base = draft.version === 0 ? saved.spec : (await loadSpec(processor, draft.version)).spec;
  return { store, saved, outdated: { base, mine: draft.document }, restored: draft.at, offer };
}
