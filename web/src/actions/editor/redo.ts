import { Redo2 } from "lucide-react";

import type { EditorAction } from "./action";

export const redo: EditorAction = {
  id: "editor.redo",
  title: "Redo",
  group: "Edit",
  icon: Redo2,
  keys: ["Mod+Shift+z", "Mod+y"],
  when: (store) => store.state.history.future.length > 0,
  run: (store) => store.redo(),
};
