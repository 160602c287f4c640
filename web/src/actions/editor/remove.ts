import { Trash2 } from "lucide-react";

import { remove as removal } from "~/core/instructions";

import { type EditorAction, hasSelection, several } from "./action";

export const remove: EditorAction = {
  id: "editor.remove",
  title: "Delete",
  group: "Edit",
  icon: Trash2,
  keys: ["Delete", "Backspace"],
  search: "remove",
  menu: true,
  danger: true,
  when: hasSelection,
  run: (store) => store.perform(several(store, "Delete"), removal(store.state.document, store.catalog, store.state.selected)),
};
