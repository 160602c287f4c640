import { FlaskConical } from "lucide-react";

import type { EditorAction } from "./action";

export const test: EditorAction = {
  id: "editor.test",
  title: "Test on the picked record",
  group: "Spec",
  icon: FlaskConical,
  keys: ["Mod+Enter"],
  whileTyping: true,
  search: "try run",
  run: (store) => store.set({ open: "test" }),
};
