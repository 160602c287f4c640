import { ChevronsUpDown } from "lucide-react";

import type { EditorAction } from "./action";

export const expandAll: EditorAction = {
  id: "editor.expand-all",
  title: "Expand all blocks",
  group: "View",
  icon: ChevronsUpDown,
  keys: ["Shift+ArrowRight"],
  search: "unfold",
  reading: true,
  run: (store) => store.collapse([...store.state.collapsed], false),
};
