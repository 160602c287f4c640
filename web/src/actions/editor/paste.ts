import { ClipboardPaste } from "lucide-react";

import { pasted } from "~/core/clipboard";
import { targetForNew } from "~/core/drop";
import { insertAt } from "~/core/instructions";
import { idOf } from "~/core/spec";
import { toast } from "~/ui/Toast";

import type { EditorAction } from "./action";

export const paste: EditorAction = {
  id: "editor.paste",
  title: "Paste below",
  group: "Edit",
  icon: ClipboardPaste,
  keys: ["Mod+v"],
  search: "json clipboard",
  menu: true,
  run: (store) => {
    navigator.clipboard.readText().then(
      (text) => {
        const { document, focus } = store.state;
        const found = pasted(text, document, store.catalog);
        if (found.problem !== undefined) {
          toast.failed("Nothing was pasted", new Error(found.problem));
          return;
        }
        const edit = insertAt(document, targetForNew(document, store.catalog, focus), found.instructions);
        store.perform(found.instructions.length > 1 ? `Paste ${found.instructions.length} instructions` : "Paste instruction", edit, {
          select: found.instructions.map(idOf),
        });
      },
      (error: unknown) => toast.failed("The clipboard cannot be read", error),
    );
  },
};
