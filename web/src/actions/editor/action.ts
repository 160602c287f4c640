import type { LucideIcon } from "lucide-react";

import type { EditorStore } from "~/features/editor/store";

/** What the page around the editor can do. */
export type EditorPage = {
  save: () => void;
  exportSpec: () => void;
};

/** Something that can be done in the editor. Its file is all there is to it: the menu of a card, the shortcut sheet and the palette show it. */
export type EditorAction = {
  readonly id: string;
  readonly title: string;
  readonly group: "Edit" | "Arrange" | "View" | "Spec";
  readonly icon: LucideIcon;
  /** The first is shown; the others work too. */
  readonly keys?: readonly string[];
  readonly search?: string;
  readonly whileTyping?: boolean;
  /** Stands in the menu of a card. */
  readonly menu?: boolean;
  readonly danger?: boolean;
  /** Also where nothing can be edited. */
  readonly reading?: boolean;
  readonly when?: (store: EditorStore) => boolean;
  readonly run: (store: EditorStore, page: EditorPage) => void;
};

/** Whether an action can be taken now. */
export function available(action: EditorAction, store: EditorStore): boolean {
  return (action.reading === true || store.editable) && (action.when?.(store) ?? true);
}

/** What something is called that is done to the selection. */
export function several(store: EditorStore, one: string): string {
  const count = store.state.selected.size;
  return count > 1 ? `${one} ${count} instructions` : `${one} instruction`;
}

export function hasSelection(store: EditorStore): boolean {
  return store.state.selected.size > 0;
}
