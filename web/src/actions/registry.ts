import { useEffect, useRef, useSyncExternalStore } from "react";

import { type Action, chordOf, match } from "~/core/keys";

/** Everything that can be done on the page that is open, by key and from the palette. Pages put their actions in while they are shown. */
let sets: { actions: readonly Action[] }[] = [];
let all: readonly Action[] = [];
const watchers = new Set<() => void>();

function changed(): void {
  all = sets.flatMap((set) => set.actions);
  for (const watcher of watchers) watcher();
}

/** Offers actions while the component is mounted. Their `run` may close over fresh state: the newest one is called. */
export function useActions(actions: readonly Action[]): void {
  const newest = useRef(actions);
  newest.current = actions;
  const shape = actions.map((action) => `${action.id}\n${action.title}\n${action.keys ?? ""}`).join("\n\n");
  useEffect(() => {
    const set = {
      actions: newest.current.map((action) => ({ ...action, run: () => newest.current.find((each) => each.id === action.id)?.run() })),
    };
    sets = [...sets, set];
    changed();
    return () => {
      sets = sets.filter((each) => each !== set);
      changed();
    };
  }, [shape]);
}

/** What can be done now. */
export function useAllActions(): readonly Action[] {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => all,
  );
}

let pending = "";
let pendingUntil = 0;

/** The one key listener of the application. */
export function listen(): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || ["Control", "Meta", "Alt", "Shift"].includes(event.key)) return;
    const target = event.target as HTMLElement | null;
    const typing = !!target?.closest("input, textarea, select, [contenteditable=''], [contenteditable=true], [role=combobox]");
    const floating = !!target?.closest("[role=dialog], [role=menu], [role=listbox]");
    const before = Date.now() < pendingUntil ? pending : "";
    pending = "";
    const usable = all.filter((action) => (typing || floating ? action.whileTyping : true));
    const found = match(usable, before, chordOf(event));
    if (!found) return;
    if ("pending" in found) {
      pending = found.pending;
      pendingUntil = Date.now() + 1500;
      return;
    }
    event.preventDefault();
    found.action.run();
  };
  window.addEventListener("keydown", onKey);
  return () => window.removeEventListener("keydown", onKey);
}
