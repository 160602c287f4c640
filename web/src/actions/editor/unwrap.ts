import { Ungroup } from "lucide-react";

import { unwrap as unwrapped } from "~/core/instructions";
import { listFields } from "~/core/spec";

import type { EditorAction } from "./action";

export const unwrap: EditorAction = {
  id: "editor.unwrap",
  title: "Unwrap",
  group: "Arrange",
  icon: Ungroup,
  keys: ["w 0"],
  search: "remove block",
  menu: true,
  when: (store) => listFields(store.catalog.instruction(String(store.instruction?.instruction.type ?? ""))).length > 0,
  run: (store) => {
    const made = unwrapped(store.state.document, store.catalog, store.state.focus ?? "");
    if (made) store.perform("Unwrap", made.edit, { select: made.ids });
  },
};
