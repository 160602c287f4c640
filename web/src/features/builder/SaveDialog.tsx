import { useMemo, useState } from "react";

import { diff } from "~/core/diff";
import { type Json } from "~/core/json";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { Notice } from "~/ui/states";

import { useEditor, useStore } from "../editor/context";
import { ChangeCount, ChangeList } from "./ChangeList";

/** Saves with a note, after a look at what changes. */
export function SaveDialog({
  dirty,
  base,
  saving,
  onSave,
  onClose,
}: {
  dirty: boolean;
  base: Json;
  saving: boolean;
  onSave: (note: string) => void;
  onClose: () => void;
}) {
  const store = useStore();
  const document = useEditor((state) => state.document);
  const errors = useEditor((state) => state.problems.errors + state.bad.size);
  const [note, setNote] = useState("");
  const changes = useMemo(() => diff(base, document, store.catalog), [base, document, store]);
  return (
    <Dialog
      open
      onClose={onClose}
      size="lg"
      title="Save a version"
      onSubmit={() => {
        if (dirty && errors === 0) onSave(note);
      }}
      footer={
        <>
          <ChangeCount changes={changes} />
          <span className="flex-1" />
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={saving} disabled={!dirty || errors > 0}>
            Save
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {errors > 0 && (
          <Notice tone="danger">There {errors === 1 ? "is an error" : `are ${errors} errors`}: a spec with errors cannot be saved. Your draft is kept.</Notice>
        )}
        <Field label="Note" required={false} help="What it is about, for those who look at the history">
          {(control) => <Input {...control} value={note} onChange={(event) => setNote(event.target.value)} placeholder="Lost deals count too" />}
        </Field>
        <ChangeList changes={changes} />
      </div>
    </Dialog>
  );
}
