import { ArrowDown } from "lucide-react";

import { step } from "~/core/drop";
import { move } from "~/core/instructions";

import { type EditorAction, several } from "./action";

export const moveDown: EditorAction = {
  id: "editor.move-down",
  title: "Move down",
  group: "Arrange",
  icon: ArrowDown,
  keys: ["Alt+ArrowDown"],
  search: "drag order",
  when: (store) => step(store.state.document, store.catalog, store.state.selected, "down") !== undefined,
  run: (store) => {
    const { document, selected } = store.state;
    const target = step(document, store.catalog, selected, "down");
    if (target) store.perform(several(store, "Move"), move(document, store.catalog, selected, target), { select: [...selected] });
  },
};
