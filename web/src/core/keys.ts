/** Shortcuts: what a key event is called, and which action a sequence of them means. */

export type Action = {
  id: string;
  /** What it does, as a command: "Go to providers". */
  title: string;
  group: string;
  /** One chord (`Mod+k`, `?`, `j`) or several one after the other (`g p`). */
  keys?: string;
  /** More words under which the palette finds it. */
  search?: string;
  /** Only a key, not in the palette (moving in a list). */
  keyOnly?: boolean;
  /** Also while typing in a field; else letters belong to the field. */
  whileTyping?: boolean;
  run: () => void;
};

type KeyLike = { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean; shiftKey: boolean };

/** The chord of a key event. Shift is only named where the key does not show it (`Shift+Enter`, but `?`). */
export function chordOf(event: KeyLike): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const letter = /^[a-z]$/.test(key);
  const parts: string[] = [];
  if (event.ctrlKey || event.metaKey) parts.push("Mod");
  if (event.altKey) parts.push("Alt");
  if (event.shiftKey && (event.key.length > 1 || letter)) parts.push("Shift");
  parts.push(key);
  return parts.join("+");
}

export type Match = { action: Action } | { pending: string } | null;

/** What a chord means after the ones before it: an action, the start of a longer sequence, or nothing. Later actions win. */
export function match(actions: readonly Action[], before: string, chord: string): Match {
  const sequence = before ? `${before} ${chord}` : chord;
  for (let at = actions.length - 1; at >= 0; at -= 1) {
    const action = actions[at];
    if (action?.keys === sequence) return { action };
  }
  if (actions.some((action) => action.keys?.startsWith(`${sequence} `))) return { pending: sequence };
  return before ? match(actions, "", chord) : null;
}

/** The keys for `KeyboardHint`: `g p` → g, then, p. */
export function capsOf(keys: string): string[] {
  return keys.split(" ").flatMap((chord, at) => [...(at > 0 ? ["then"] : []), ...chord.split("+").map((key) => (/^[a-z]$/.test(key) ? key.toUpperCase() : key))]);
}
