import { type ReactNode, createContext, useContext, useSyncExternalStore } from "react";

import type { EditorStore, State } from "./store";

const Context = createContext<EditorStore | null>(null);

export function EditorProvider({ store, children }: { store: EditorStore; children: ReactNode }) {
  return <Context value={store}>{children}</Context>;
}

export function useStore(): EditorStore {
  const store = useContext(Context);
  if (store === null) throw new Error("this belongs inside an editor");
  return store;
}

/** A part of the editor's state. What is chosen must be the same object as long as nothing about it changed. */
export function useEditor<T>(choose: (state: State, store: EditorStore) => T): T {
  const store = useStore();
  return useSyncExternalStore(store.subscribe, () => choose(store.state, store));
}
