import { ArrowUp } from "lucide-react";

import { step } from "~/core/drop";
import { move } from "~/core/instructions";

import { type EditorAction, several } from "./action";

export const moveUp: EditorAction = {
  id: "editor.move-up",
  title: "Move up",
  group: "Arrange",
  icon: ArrowUp,
  keys: ["Alt+ArrowUp"],
  search: "drag order",
  when: (store) => step(store.state.document, store.catalog, store.state.selected, "up") !== undefined,
  run: (store) => {
    const { document, selected } = store.state;
    const target = step(document, store.catalog, selected, "up");
    if (target) store.perform(several(store, "Move"), move(document, store.catalog, selected, target), { select: [...selected] });
  },
};
