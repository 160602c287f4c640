import { useState } from "react";

import { api, messageOf } from "~/api/client";
import type { Processor } from "~/generated/api";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";

export function RenameDialog({ processor, onClose, onDone }: { processor: Processor; onClose: () => void; onDone: () => Promise<unknown> }) {
  const [name, setName] = useState(processor.name);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const save = async () => {
    if (!name.trim()) return;
    setBusy(true);
    try {
      await api.patch(`/processors/${processor.id}`, { name: name.trim() });
      await onDone();
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      size="sm"
      title="Rename the processor"
      onSubmit={() => void save()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={busy}>
            Rename
          </Button>
        </>
      }
    >
      <Field label="Name" error={error ? messageOf(error) : undefined}>
        {(control) => <Input {...control} autoFocus value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
    </Dialog>
  );
}
