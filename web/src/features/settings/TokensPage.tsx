import { useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus, Trash2 } from "lucide-react";
import { useState } from "react";

import { api } from "~/api/client";
import { words } from "~/core/numbers";
import { instantOf } from "~/core/time";
import type { Page as PageOf, Token } from "~/generated/api";
import { Badge } from "~/ui/Badge";
import { Button, IconButton } from "~/ui/Button";
import { type Column, DataTable } from "~/ui/DataTable";
import { ConfirmDialog, Dialog } from "~/ui/Dialog";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { Loaded } from "~/ui/Paged";
import { RelativeTime, useZone } from "~/ui/RelativeTime";
import { EmptyState } from "~/ui/states";
import { useForm } from "~/ui/useForm";

import { type Access, AccessFields, RevealMark, ShownOnce } from "./access";
import { SettingsFrame } from "./SettingsFrame";

/** `/settings/tokens`: what programs sign in with. */
export default function TokensPage() {
  const client = useQueryClient();
  const tokens = useQuery({ queryKey: ["tokens"], queryFn: () => api.get<PageOf<Token>>("/tokens") });
  const rows = (tokens.data?.items ?? []).filter((token) => !token.revoked);
  const [creating, setCreating] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const changed = () => client.invalidateQueries({ queryKey: ["tokens"] });
  const columns: Column<Token>[] = [
    { id: "name", title: "Name", width: "minmax(9rem, 1fr)", render: (token) => <span className="font-medium">{token.name}</span> },
    { id: "role", title: "Role", width: "5rem", render: (token) => <Badge>{words(token.role)}</Badge> },
    { id: "reveal", title: "Personal data", width: "7rem", render: (token) => <RevealMark reveal={token.reveal} /> },
    { id: "created", title: "Made", width: "5.5rem", align: "end", drop: 1, render: (token) => <RelativeTime at={token.created} /> },
    { id: "expires", title: "Ends", width: "5.5rem", align: "end", render: (token) => <RelativeTime at={token.expires} empty="never" /> },
    { id: "actions", title: "", width: "2rem", align: "end", render: (token) => <IconButton label={`Revoke ${token.name}`} icon={<Trash2 className="size-3.5" />} onClick={() => setRevoking(token)} /> },
  ];
  const create = (
    <Button variant="primary" icon={<Plus className="size-4" />} onClick={() => setCreating(true)}>
      New token
    </Button>
  );
  return (
    <SettingsFrame title="API tokens" body="fill" actions={create}>
      <Loaded
        query={tokens}
        isEmpty={rows.length === 0}
        empty={
          <EmptyState icon={<KeyRound />} title="No token yet" action={create}>
            A token lets a program use the API, with a role of its own and, if you like, an end. Only its hash is stored.
          </EmptyState>
        }
      >
        <DataTable label="API tokens" rows={rows} columns={columns} rowKey={(token) => token.id} />
      </Loaded>
      {creating && (
        <TokenDialog
          onClose={() => setCreating(false)}
          onMade={async (made) => {
            setCreating(false);
            setSecret(made);
            await changed();
          }}
        />
      )}
      {secret && (
        <ShownOnce title="Your new token" description="It is shown this once. Keep it where you keep passwords." secret={secret} onClose={() => setSecret(null)} />
      )}
      {revoking && (
        <ConfirmDialog
          open
          onClose={() => setRevoking(null)}
          title={`Revoke ${revoking.name}?`}
          action="Revoke token"
          danger
          onConfirm={async () => {
            await api.delete(`/tokens/${revoking.id}`);
            await changed();
          }}
        >
          Programs that use it are refused at once.
        </ConfirmDialog>
      )}
    </SettingsFrame>
  );
}

function TokenDialog({ onClose, onMade }: { onClose: () => void; onMade: (secret: string) => Promise<unknown> }) {
  const zone = useZone();
  const [name, setName] = useState("");
  const [access, setAccess] = useState<Access>({ role: "viewer", reveal: false });
  const [expires, setExpires] = useState("");
  const form = useForm();
  const save = () =>
    form.send(async () => {
      const made = await api.post<{ secret: string }>("/tokens", { name: name.trim(), ...access, ...(expires ? { expires: instantOf(expires, zone) } : {}) });
      await onMade(made.secret);
    });
  return (
    <Dialog
      open
      onClose={onClose}
      title="New token"
      onSubmit={() => void save()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy} disabled={!name.trim()}>
            Create token
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {form.notice}
        <Field label="Name" help="What uses it" error={form.at("/name")}>
          {(control) => <Input {...control} autoFocus value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <AccessFields access={access} onChange={setAccess} />
        <Field label="Ends" required={false} help={`In ${zone}; never where nothing is said`} error={form.at("/expires")}>
          {(control) => <Input {...control} type="datetime-local" value={expires} onChange={(event) => setExpires(event.target.value)} className="max-w-64" />}
        </Field>
      </div>
    </Dialog>
  );
}
