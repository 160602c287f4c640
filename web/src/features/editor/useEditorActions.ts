import { useMemo } from "react";

import { type EditorPage, available } from "~/actions/editor/action";
import { editorActions } from "~/actions/editor";
import { useActions } from "~/actions/registry";

import { useStore } from "./context";

/** Offers the actions of the editor by key, in the palette and on the shortcut sheet. */
export function useEditorActions(page: EditorPage): void {
  const store = useStore();
  const actions = useMemo(() => editorActions(store.catalog).filter((action) => action.reading === true || store.editable), [store]);
  useActions(
    actions.flatMap((action) =>
      (action.keys ?? [undefined]).map((keys, at) => ({
        id: at === 0 ? action.id : `${action.id}.${at}`,
        title: action.title,
        group: `Editor: ${action.group.toLowerCase()}`,
        keys,
        search: action.search,
        keyOnly: at > 0,
        whileTyping: action.whileTyping,
        run: () => {
          if (available(action, store)) action.run(store, page);
        },
      })),
    ),
  );
}
