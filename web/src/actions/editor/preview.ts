import { GitCompareArrows } from "lucide-react";

import type { EditorAction } from "./action";

export const preview: EditorAction = {
  id: "editor.preview",
  title: "Preview impact",
  group: "Spec",
  icon: GitCompareArrows,
  search: "what would change",
  run: (store) => store.set({ open: "preview" }),
};
