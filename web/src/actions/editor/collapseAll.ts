import { ChevronsDownUp } from "lucide-react";

import { places } from "~/core/spec";

import type { EditorAction } from "./action";

export const collapseAll: EditorAction = {
  id: "editor.collapse-all",
  title: "Collapse all blocks",
  group: "View",
  icon: ChevronsDownUp,
  keys: ["Shift+ArrowLeft"],
  search: "fold",
  reading: true,
  run: (store) => {
    const blocks = places(store.state.document, store.catalog).filter((place) => store.catalog.instruction(String(place.instruction.type))?.block);
    store.collapse(
      blocks.map((place) => place.id),
      true,
    );
  },
};
