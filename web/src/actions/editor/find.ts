import { Search } from "lucide-react";

import type { EditorAction } from "./action";

export const find: EditorAction = {
  id: "editor.find",
  title: "Find in the spec",
  group: "View",
  icon: Search,
  keys: ["Mod+f"],
  search: "search",
  whileTyping: true,
  reading: true,
  run: (store) => store.set({ open: "find" }),
};
