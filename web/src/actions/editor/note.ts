import { StickyNote } from "lucide-react";

import { type EditorAction, hasSelection } from "./action";

export const note: EditorAction = {
  id: "editor.note",
  title: "Write a note",
  group: "Edit",
  icon: StickyNote,
  keys: ["n"],
  search: "comment description",
  menu: true,
  when: hasSelection,
  run: () => document.querySelector<HTMLElement>("[data-inspector] [data-note]")?.focus(),
};
