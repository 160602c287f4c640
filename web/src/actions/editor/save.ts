import { Save } from "lucide-react";

import type { EditorAction } from "./action";

export const save: EditorAction = {
  id: "editor.save",
  title: "Save",
  group: "Spec",
  icon: Save,
  keys: ["Mod+s"],
  whileTyping: true,
  run: (_, page) => page.save(),
};
