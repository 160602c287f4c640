import { CornerDownRight } from "lucide-react";

import { listFields } from "~/core/spec";

import type { EditorAction } from "./action";

export const addInside: EditorAction = {
  id: "editor.add-inside",
  title: "Add an instruction inside",
  group: "Edit",
  icon: CornerDownRight,
  keys: ["Shift+a"],
  search: "new insert block",
  menu: true,
  when: (store) => listFields(store.catalog.instruction(String(store.instruction?.instruction.type ?? ""))).length > 0,
  run: (store) => {
    const place = store.instruction;
    const field = listFields(store.catalog.instruction(String(place?.instruction.type ?? "")))[0];
    if (place && field) store.set({ adding: { list: [...place.path, field.name], index: 0 } });
  },
};
