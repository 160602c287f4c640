import { Copy } from "lucide-react";

import { copyText } from "~/core/clipboard";
import { toast } from "~/ui/Toast";

import { type EditorAction, hasSelection } from "./action";

export const copy: EditorAction = {
  id: "editor.copy",
  title: "Copy",
  group: "Edit",
  icon: Copy,
  keys: ["Mod+c"],
  search: "json clipboard",
  menu: true,
  reading: true,
  when: hasSelection,
  run: (store) => {
    // A text that is marked is what one wants to copy.
    if (document.getSelection()?.toString()) {
      void navigator.clipboard.writeText(document.getSelection()?.toString() ?? "");
      return;
    }
    const count = store.state.selected.size;
    navigator.clipboard.writeText(copyText(store.state.document, store.catalog, store.state.selected)).then(
      () => toast.done(count === 1 ? "Copied the instruction" : `Copied ${count} instructions`, { detail: "As JSON: paste them in any spec." }),
      (error: unknown) => toast.failed("Nothing was copied", error),
    );
  },
};
