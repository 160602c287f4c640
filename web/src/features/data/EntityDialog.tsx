import { useState } from "react";

import { api, messageOf } from "~/api/client";
import { words } from "~/core/numbers";
import type { Entity } from "~/generated/api";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { Notice } from "~/ui/states";
import { toast } from "~/ui/Toast";

type Props = { kind: string; entity: Entity | null; onClose: () => void; onDone: () => Promise<unknown> };

/** A new one, or another name for one that is there. */
export function EntityDialog({ kind, entity, onClose, onDone }: Props) {
  const one = kind.replace(/s$/, "");
  const [name, setName] = useState(entity?.name ?? "");
  const [email, setEmail] = useState(entity?.email ?? "");
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const save = async () => {
    setTried(true);
    if (!name.trim()) return;
    setBusy(true);
    setError(null);
    const mail = kind === "agents" ? { email: email.trim() || null } : {};
    try {
      if (entity) await api.patch(`/entities/${kind}/${entity.id}`, { name: name.trim(), ...mail });
      else await api.post(`/entities/${kind}`, { name: name.trim(), ...mail });
      await onDone();
      toast.done(entity ? "Saved" : `${name.trim()} is here`);
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
      title={entity ? `Edit ${entity.name}` : `New ${one}`}
      onSubmit={() => void save()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={busy}>
            {entity ? "Save" : `Create ${one}`}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {error !== null && <Notice tone="danger">{messageOf(error)}</Notice>}
        <Field label={`${words(one)} name`} error={tried && !name.trim() ? "This is needed" : undefined}>
          {(control) => <Input {...control} autoFocus value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        {kind === "agents" && (
          <Field label="E-mail" required={false} help="Used to suggest which external identities are theirs">
            {(control) => <Input {...control} type="email" value={email} onChange={(event) => setEmail(event.target.value)} />}
          </Field>
        )}
      </div>
    </Dialog>
  );
}
