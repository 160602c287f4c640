import { Undo2 } from "lucide-react";

import type { EditorAction } from "./action";

export const undo: EditorAction = {
  id: "editor.undo",
  title: "Undo",
  group: "Edit",
  icon: Undo2,
  keys: ["Mod+z"],
  when: (store) => store.state.history.past.length > 0,
  run: (store) => store.undo(),
};
