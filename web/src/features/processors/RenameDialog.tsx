import { useState } from "react";

import { api } from "~/api/client";
import type { Processor } from "~/generated/api";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { useForm } from "~/ui/useForm";

export function RenameDialog({ processor, onClose, onDone }: { processor: Processor; onClose: () => void; onDone: () => Promise<unknown> }) {
  const [name, setName] = useState(processor.name);
  const form = useForm();
  const save = () =>
    form.send(
      async () => {
        await api.patch(`/processors/${processor.id}`, { name: name.trim() });
        await onDone();
        onClose();
      },
      { ready: name.trim() !== "" },
    );
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
          <Button type="submit" variant="primary" busy={form.busy}>
            Rename
          </Button>
        </>
      }
    >
      {form.notice}
      <Field label="Name" error={form.needed("/name", name.trim() !== "")}>
        {(control) => <Input {...control} autoFocus value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
    </Dialog>
  );
}
