import { ChevronDown, ChevronUp, X } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";

import { findIn } from "~/core/find";
import { IconButton } from "~/ui/Button";

import { useEditor, useStore } from "./context";

/** Finds instructions by what they hold. */
export function FindBar() {
  const store = useStore();
  const open = useEditor((state) => state.open === "find");
  const document = useEditor((state) => state.document);
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const found = useMemo(() => (open ? findIn(document, store.catalog, query) : []), [open, document, store, query]);
  useEffect(() => {
    if (open) input.current?.select();
  }, [open]);
  if (!open) return null;
  const go = (to: number): void => {
    const place = found[(to + found.length) % Math.max(1, found.length)];
    if (place === undefined) return;
    setAt((to + found.length) % found.length);
    store.reveal(place.id);
  };
  const close = (): void => {
    store.set({ open: undefined });
    window.document.querySelector<HTMLElement>("[data-stack]")?.focus();
  };
  return (
    <div role="search" className="flex h-10 shrink-0 items-center gap-1 border-b border-line bg-surface px-3">
      <input
        ref={input}
        autoFocus
        aria-label="Find in the spec"
        placeholder="Find a variable, a text, a function…"
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setAt(-1);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") go(event.shiftKey ? at - 1 : at + 1);
          else if (event.key === "Escape") close();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
        className="h-7 min-w-0 flex-1 bg-transparent px-1 text-sm outline-none"
      />
      <span className="tabular shrink-0 text-xs text-muted" aria-live="polite">
        {query === "" ? "" : found.length === 0 ? "none" : at >= 0 ? `${at + 1} of ${found.length}` : `${found.length} found`}
      </span>
      <IconButton
        label="Previous"
        keys={["Shift", "Enter"]}
        icon={<ChevronUp className="size-3.5" />}
        disabled={found.length === 0}
        onClick={() => go(at - 1)}
      />
      <IconButton label="Next" keys={["Enter"]} icon={<ChevronDown className="size-3.5" />} disabled={found.length === 0} onClick={() => go(at + 1)} />
      <IconButton label="Close" keys={["Escape"]} icon={<X className="size-3.5" />} onClick={close} />
    </div>
  );
}
