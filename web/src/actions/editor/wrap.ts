import { Group } from "lucide-react";

import { type Catalog, humanize } from "~/core/catalog";
import { wrap } from "~/core/instructions";

import { type EditorAction, hasSelection } from "./action";

/** Puts the selection into a new block: one action for each block of the language. */
export function wraps(catalog: Catalog): readonly EditorAction[] {
  return catalog.blocks.map((block, at) => ({
    id: `editor.wrap.${block.name}`,
    title: `Wrap in ${humanize(block.name).toLowerCase()}`,
    group: "Arrange",
    icon: Group,
    keys: [`w ${at + 1}`],
    search: `block ${block.search_terms.join(" ")}`,
    menu: true,
    when: (store) => hasSelection(store) && wrap(store.state.document, store.catalog, store.state.selected, block) !== undefined,
    run: (store) => {
      const made = wrap(store.state.document, store.catalog, store.state.selected, block);
      if (made) store.perform(`Wrap in ${humanize(block.name).toLowerCase()}`, made.edit, { select: [made.id] });
    },
  }));
}
