import { Dialog as Base } from "@base-ui/react/dialog";

import { allNames } from "~/core/bindings";
import { humanize, type InstructionMeta } from "~/core/catalog";
import { insertAt } from "~/core/instructions";
import { blank, freshId, takenIds } from "~/core/spec";
import { cx } from "~/ui/cx";
import { popupClass } from "~/ui/popup";

import { useEditor, useStore } from "./context";
import { InstructionList } from "./InstructionList";

/** The palette of instructions, where a new one is added. */
export function AddDialog() {
  const store = useStore();
  const target = useEditor((state) => state.adding);
  const add = (meta: InstructionMeta): void => {
    if (target === undefined) return;
    const { document } = store.state;
    const id = freshId(takenIds(document, store.catalog), meta.name);
    const made = blank(meta, id, allNames(document, store.catalog));
    store.set({ adding: undefined });
    store.perform(`Add ${humanize(meta.name).toLowerCase()}`, insertAt(document, target, [made]), { select: [id] });
    requestAnimationFrame(() => window.document.querySelector<HTMLElement>("[data-inspector] [data-first]")?.focus());
  };
  return (
    <Base.Root
      open={target !== undefined}
      onOpenChange={(open) => {
        if (!open) store.set({ adding: undefined });
      }}
    >
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-scrim" />
        <Base.Popup
          finalFocus={false}
          className={cx(popupClass, "fixed top-[12vh] left-1/2 z-40 w-[34rem] max-w-[calc(100vw-2rem)] -translate-x-1/2 overflow-hidden")}
        >
          <Base.Title className="sr-only">Add an instruction</Base.Title>
          <InstructionList onPick={add} label="Find an instruction: upsert sale, loop, skip…" />
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
