import { CircleOff } from "lucide-react";

import { setDisabled } from "~/core/instructions";
import { find } from "~/core/spec";

import { type EditorAction, hasSelection, several } from "./action";

export const disable: EditorAction = {
  id: "editor.disable",
  title: "Disable or enable",
  group: "Edit",
  icon: CircleOff,
  keys: ["Mod+/"],
  search: "off on comment out",
  menu: true,
  when: hasSelection,
  run: (store) => {
    const { document, selected } = store.state;
    const off = [...selected].every((id) => find(document, store.catalog, id)?.instruction.disabled === true);
    store.perform(several(store, off ? "Enable" : "Disable"), setDisabled(document, store.catalog, selected, !off));
  },
};
