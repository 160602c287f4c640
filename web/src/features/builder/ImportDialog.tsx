import { useMemo, useState } from "react";

import { apply } from "~/core/edit";
import { diff } from "~/core/diff";
import { type Json, isList, isObject, parseJson } from "~/core/json";
import { repair } from "~/core/spec";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Textarea } from "~/ui/Input";

import { useEditor, useStore } from "../editor/context";
import { ChangeCount, ChangeList } from "./ChangeList";

/** Takes a spec from a file or from text, and shows what it would change before it does. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const store = useStore();
  const document = useEditor((state) => state.document);
  const [text, setText] = useState("");
  const read = useMemo((): { spec?: Json; problem?: string } => {
    if (text.trim() === "") return {};
    try {
      const spec = parseJson(text);
      if (!isObject(spec) || !isList(spec.instructions)) return { problem: "This is no spec: a spec is an object with `instructions`." };
      const mended = repair(spec, store.catalog);
      return { spec: mended === undefined ? spec : apply(spec, mended).document };
    } catch (error) {
      return { problem: `This is no JSON: ${error instanceof Error ? error.message : String(error)}` };
    }
  }, [text, store]);
  const changes = useMemo(() => (read.spec === undefined ? [] : diff(document, read.spec, store.catalog)), [read.spec, document, store]);
  return (
    <Dialog
      open
      onClose={onClose}
      size="lg"
      title="Import a spec"
      description="It takes the place of your draft, which Undo brings back."
      footer={
        <>
          {read.spec !== undefined && <ChangeCount changes={changes} />}
          <span className="flex-1" />
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            disabled={read.spec === undefined}
            onClick={() => {
              if (read.spec !== undefined) store.replace("Import spec", read.spec);
              onClose();
            }}
          >
            Import
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <input
          type="file"
          accept="application/json,.json"
          aria-label="Spec file"
          onChange={(event) => {
            void event.target.files?.[0]?.text().then(setText);
          }}
          className="text-sm file:mr-3 file:h-8 file:rounded-md file:border file:border-line-strong file:bg-surface file:px-3 file:text-sm file:font-medium"
        />
        <Textarea aria-label="Spec as JSON" mono rows={8} placeholder="or paste it here" value={text} onChange={(event) => setText(event.target.value)} />
        {read.problem !== undefined && (
          <p role="alert" className="text-sm text-danger-text">
            {read.problem}
          </p>
        )}
        {read.spec !== undefined && <ChangeList changes={changes} />}
      </div>
    </Dialog>
  );
}
