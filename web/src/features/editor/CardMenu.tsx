import { type ReactElement, useState } from "react";

import { available } from "~/actions/editor/action";
import { editorActions } from "~/actions/editor";
import { capsOf } from "~/core/keys";
import { Menu, type MenuItem } from "~/ui/Menu";

import { useStore } from "./context";

const nowhere = { save: () => undefined, exportSpec: () => undefined };

/** What can be done with a card: the same actions as by key. */
export function CardMenu({ id, trigger }: { id: string; trigger: ReactElement<{ onPointerDown?: () => void }> }) {
  const store = useStore();
  const [items, setItems] = useState<MenuItem[]>([{ heading: "" }]);
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
  return (
    <span role="none" onPointerDownCapture={open} onKeyDownCapture={open}>
      <Menu trigger={trigger} items={items} />
    </span>
  );
}
