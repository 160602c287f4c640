import { MoreHorizontal } from "lucide-react";
import { useState } from "react";

import { available } from "~/actions/editor/action";
import { editorActions } from "~/actions/editor";
import { capsOf } from "~/core/keys";
import { Menu, type MenuItem } from "~/ui/Menu";

import { useStore } from "./context";

const nowhere = { save: () => undefined, exportSpec: () => undefined };

/** What can be done with a card: the same actions as by key. It is made when it is asked for: a card in view costs no menu. */
export function CardMenu({ id, label, className }: { id: string; label: string; className: string }) {
  const store = useStore();
  const [items, setItems] = useState<MenuItem[] | undefined>(undefined);
  const open = (): void => {
    if (!store.state.selected.has(id)) store.select(id);
    const actions = editorActions(store.catalog).filter((action) => action.menu && available(action, store));
    setItems(
      actions.flatMap((action, at): MenuItem[] => [
        ...(at > 0 && actions[at - 1]?.group !== action.group ? [{ separator: true } as const] : []),
        {
          label: action.title,
          icon: <action.icon />,
          keys: action.keys?.[0] === undefined ? undefined : capsOf(action.keys[0]),
          danger: action.danger,
          onSelect: () => action.run(store, nowhere),
        },
      ]),
    );
  };
  const button = (
    <button
      type="button"
      tabIndex={-1}
      aria-label={label}
      aria-haspopup="menu"
      onClick={(event) => {
        event.stopPropagation();
        if (items === undefined) open();
      }}
      onPointerDownCapture={items === undefined ? undefined : open}
      className={className}
    >
      <MoreHorizontal aria-hidden="true" className="size-4" />
    </button>
  );
  return items === undefined ? button : <Menu trigger={button} items={items} startOpen />;
}
