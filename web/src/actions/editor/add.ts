import { Plus } from "lucide-react";

import { targetForNew } from "~/core/drop";

import type { EditorAction } from "./action";

export const add: EditorAction = {
  id: "editor.add",
  title: "Add an instruction below",
  group: "Edit",
  icon: Plus,
  keys: ["a", "Insert"],
  search: "new insert",
  menu: true,
  run: (store) => store.set({ adding: targetForNew(store.state.document, store.catalog, store.state.focus) }),
};
