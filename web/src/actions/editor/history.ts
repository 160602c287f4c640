import { History } from "lucide-react";

import type { EditorAction } from "./action";

export const history: EditorAction = {
  id: "editor.history",
  title: "History of versions",
  group: "Spec",
  icon: History,
  search: "restore version diff",
  run: (store) => store.set({ open: "history" }),
};
