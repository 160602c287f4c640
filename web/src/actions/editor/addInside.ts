import { CornerDownRight } from "lucide-react";

import { type Catalog, humanize } from "~/core/catalog";
import { listFields } from "~/core/spec";
import type { EditorStore } from "~/features/editor/store";

import type { EditorAction } from "./action";

const lists = (store: EditorStore) => listFields(store.catalog.instruction(String(store.instruction?.instruction.type ?? "")));

/** Adds an instruction to a list of the selected block: one action for each list that a block of the language can have. */
export function addsInside(catalog: Catalog): readonly EditorAction[] {
  const most = Math.max(0, ...catalog.blocks.map((block) => listFields(block).length));
  return Array.from({ length: most }, (_, at): EditorAction => {
    const names = new Set(catalog.blocks.flatMap((block) => listFields(block)[at]?.name ?? []));
    return {
      id: `editor.add-inside.${at + 1}`,
      title: `Add inside: to ${[...names].map((name) => humanize(name).toLowerCase()).join(" or ")}`,
      group: "Edit",
      icon: CornerDownRight,
      keys: at === 0 ? ["Shift+a", "i 1"] : [`i ${at + 1}`],
      search: "new insert block",
      menu: true,
      when: (store) => lists(store)[at] !== undefined,
      run: (store) => {
        const place = store.instruction;
        const field = lists(store)[at];
        if (place && field) store.set({ adding: { list: [...place.path, field.name], index: 0 } });
      },
    };
  });
}
