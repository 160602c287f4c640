import { IndentIncrease } from "lucide-react";

import { step } from "~/core/drop";
import { move } from "~/core/instructions";

import { type EditorAction, several } from "./action";

export const moveIn: EditorAction = {
  id: "editor.move-in",
  title: "Move into the block above",
  group: "Arrange",
  icon: IndentIncrease,
  keys: ["Alt+ArrowRight"],
  search: "drag order",
  when: (store) => step(store.state.document, store.catalog, store.state.selected, "in") !== undefined,
  run: (store) => {
    const { document, selected } = store.state;
    const target = step(document, store.catalog, selected, "in");
    if (target) store.perform(several(store, "Move"), move(document, store.catalog, selected, target), { select: [...selected] });
  },
};
