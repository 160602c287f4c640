import { IndentDecrease } from "lucide-react";

import { step } from "~/core/drop";
import { move } from "~/core/instructions";

import { type EditorAction, several } from "./action";

export const moveOut: EditorAction = {
  id: "editor.move-out",
  title: "Move out of its block",
  group: "Arrange",
  icon: IndentDecrease,
  keys: ["Alt+ArrowLeft"],
  search: "drag order",
  when: (store) => step(store.state.document, store.catalog, store.state.selected, "out") !== undefined,
  run: (store) => {
    const { document, selected } = store.state;
    const target = step(document, store.catalog, selected, "out");
    if (target) store.perform(several(store, "Move"), move(document, store.catalog, selected, target), { select: [...selected] });
  },
};
