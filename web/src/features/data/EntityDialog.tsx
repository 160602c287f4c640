import { useState } from "react";

import { api } from "~/api/client";
import { words } from "~/core/numbers";
import type { Entity } from "~/generated/api";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { toast } from "~/ui/Toast";
import { useForm } from "~/ui/useForm";

type Props = { kind: string; entity: Entity | null; onClose: () => void; onDone: () => Promise<unknown> };

/** A new one, or another name for one that is there. */
export function EntityDialog({ kind, entity, onClose, onDone }: Props) {
  const one = kind.replace(/s$/, "");
  const [name, setName] = useState(entity?.name ?? "");
  const [email, setEmail] = useState(entity?.email ?? "");
  const form = useForm();
  const save = () =>
    form.send(async () => {
      const mail = kind === "agents" ? { email: email.trim() || null } : {};
      if (entity) await api.patch(`/entities/${kind}/${entity.id}`, { name: name.trim(), ...mail });
      else await api.post(`/entities/${kind}`, { name: name.trim(), ...mail });
      await onDone();
      toast.done(entity ? "Saved" : `${name.trim()} is here`);
      onClose();
    }, { ready: name.trim() !== "" });
  return (
    <Dialog
      open
      onClose={onClose}
      size="sm"
      title={entity ? `Edit ${entity.name}` : `New ${one}`}
      onSubmit={() => void save()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            {entity ? "Save" : `Create ${one}`}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {form.notice}
        <Field label={`${words(one)} name`} error={form.needed("/name", name.trim() !== "")}>
          {(control) => <Input {...control} autoFocus value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        {kind === "agents" && (
          <Field label="E-mail" required={false} error={form.at("/email")} help="Used to suggest which external identities are theirs">
            {(control) => <Input {...control} type="email" value={email} onChange={(event) => setEmail(event.target.value)} />}
          </Field>
        )}
      </div>
    </Dialog>
  );
}
