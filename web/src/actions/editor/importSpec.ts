import { Upload } from "lucide-react";

import type { EditorAction } from "./action";

export const importSpec: EditorAction = {
  id: "editor.import",
  title: "Import a spec",
  group: "Spec",
  icon: Upload,
  search: "file json",
  run: (store) => store.set({ open: "import" }),
};
