import { CopyPlus } from "lucide-react";

import { duplicate as copy } from "~/core/instructions";

import { type EditorAction, hasSelection, several } from "./action";

export const duplicate: EditorAction = {
  id: "editor.duplicate",
  title: "Duplicate",
  group: "Edit",
  icon: CopyPlus,
  keys: ["Mod+d"],
  menu: true,
  when: hasSelection,
  run: (store) => {
    const made = copy(store.state.document, store.catalog, store.state.selected);
    if (made) store.perform(several(store, "Duplicate"), made.edit, { select: made.ids });
  },
};
