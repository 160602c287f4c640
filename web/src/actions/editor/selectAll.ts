import { BoxSelect } from "lucide-react";

import type { EditorAction } from "./action";

export const selectAll: EditorAction = {
  id: "editor.select-all",
  title: "Select all instructions",
  group: "Edit",
  icon: BoxSelect,
  keys: ["Mod+a"],
  run: (store) => {
    const ids = store.rows().flatMap((row) => (row.kind === "instruction" ? [row.id] : []));
    store.set({ selected: new Set(ids), focus: store.state.focus ?? ids[0] });
  },
};
