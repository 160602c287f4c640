import { Scissors } from "lucide-react";

import { copyText } from "~/core/clipboard";
import { remove } from "~/core/instructions";
import { toast } from "~/ui/Toast";

import { type EditorAction, hasSelection, several } from "./action";

export const cut: EditorAction = {
  id: "editor.cut",
  title: "Cut",
  group: "Edit",
  icon: Scissors,
  keys: ["Mod+x"],
  when: hasSelection,
  run: (store) => {
    const { document, selected } = store.state;
    navigator.clipboard.writeText(copyText(document, store.catalog, selected)).then(
      () => store.perform(several(store, "Cut"), remove(store.state.document, store.catalog, selected)),
      (error: unknown) => toast.failed("Nothing was cut", error),
    );
  },
};
