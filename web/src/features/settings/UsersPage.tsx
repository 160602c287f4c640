import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, Plus, Users } from "lucide-react";
import { useState } from "react";

import { api } from "~/api/client";
import { useSession } from "~/api/session";
import { words } from "~/core/numbers";
import type { Page as PageOf, User } from "~/generated/api";
import { Badge } from "~/ui/Badge";
import { Button, IconButton } from "~/ui/Button";
import { type Column, DataTable } from "~/ui/DataTable";
import { ConfirmDialog, Dialog } from "~/ui/Dialog";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { Menu } from "~/ui/Menu";
import { Loaded } from "~/ui/Paged";
import { EmptyState } from "~/ui/states";
import { toast } from "~/ui/Toast";
import { useForm } from "~/ui/useForm";

import { type Access, AccessFields, RevealMark, ShownOnce } from "./access";
import { SettingsFrame } from "./SettingsFrame";

type Invitation = { user: User; invite_url: string | null };

/** `/settings/users`: who may do what. */
export default function UsersPage() {
  const client = useQueryClient();
  const { user: self } = useSession();
  const users = useQuery({ queryKey: ["users"], queryFn: () => api.get<PageOf<User>>("/users") });
  const rows = users.data?.items ?? [];
  const [editing, setEditing] = useState<User | "new" | null>(null);
  const [deleting, setDeleting] = useState<User | null>(null);
  const [invitation, setInvitation] = useState<{ name: string; url: string } | null>(null);
  const changed = () => client.invalidateQueries({ queryKey: ["users"] });

  const invite = async (user: User) => {
    try {
      const { invite_url } = await api.post<{ invite_url: string }>(`/users/${user.id}/invite`);
      setInvitation({ name: user.name, url: invite_url });
    } catch (error) {
      toast.failed("No link was made", error);
    }
  };
  const columns: Column<User>[] = [
    { id: "name", title: "Name", width: "minmax(8rem, 1fr)", render: (user) => <span className="font-medium">{user.name}</span> },
    { id: "email", title: "E-mail", width: "minmax(11rem, 1.3fr)", render: (user) => <span className="text-muted">{user.email}</span> },
    { id: "role", title: "Role", width: "5rem", render: (user) => <Badge tone={user.role === "admin" ? "accent" : "neutral"}>{words(user.role)}</Badge> },
    { id: "reveal", title: "Personal data", width: "7rem", render: (user) => <RevealMark reveal={user.reveal} /> },
    {
      id: "actions",
      title: "",
      width: "2rem",
      align: "end",
      render: (user) => (
        <Menu
          trigger={<IconButton label={`More for ${user.name}`} icon={<Ellipsis className="size-4" />} />}
          items={[
            { label: "Edit…", onSelect: () => setEditing(user) },
            { label: "New one-time link…", onSelect: () => void invite(user) },
            { separator: true },
            { label: "Delete…", danger: true, disabled: user.id === self.id, onSelect: () => setDeleting(user) },
          ]}
        />
      ),
    },
  ];
  return (
    <SettingsFrame
      title="Users"
      body="fill"
      actions={
        <Button variant="primary" icon={<Plus className="size-4" />} onClick={() => setEditing("new")}>
          New user
        </Button>
      }
    >
      <Loaded query={users} isEmpty={rows.length === 0} empty={<EmptyState icon={<Users />} title="Nobody is here" />}>
        <DataTable label="Users" rows={rows} columns={columns} rowKey={(user) => user.id} onOpen={setEditing} />
      </Loaded>
      {editing && (
        <UserDialog
          user={editing === "new" ? null : editing}
          onClose={() => setEditing(null)}
          onDone={async (made) => {
            await changed();
            if (made?.invite_url) setInvitation({ name: made.user.name, url: made.invite_url });
          }}
        />
      )}
      {invitation && (
        <ShownOnce
          title={`A one-time link for ${invitation.name}`}
          description="It is shown this once. Send it to them; with it they choose their password."
          secret={invitation.url}
          onClose={() => setInvitation(null)}
        />
      )}
      {deleting && (
        <ConfirmDialog
          open
          onClose={() => setDeleting(null)}
          title={`Delete ${deleting.name}?`}
          action="Delete user"
          danger
          onConfirm={async () => {
            await api.delete(`/users/${deleting.id}`);
            await changed();
          }}
        >
          They are signed out at once. What they did stays in the audit log.
        </ConfirmDialog>
      )}
    </SettingsFrame>
  );
}

function UserDialog({ user, onClose, onDone }: { user: User | null; onClose: () => void; onDone: (made?: Invitation) => Promise<unknown> }) {
  const [name, setName] = useState(user?.name ?? "");
  const [email, setEmail] = useState(user?.email ?? "");
  const [access, setAccess] = useState<Access>({ role: user?.role ?? "builder", reveal: user?.reveal ?? false });
  const form = useForm();
  const save = () =>
    form.send(async () => {
      if (user) {
        await api.patch(`/users/${user.id}`, { name: name.trim(), ...access });
        await onDone();
        toast.done("Saved");
      } else {
        await onDone(await api.post<Invitation>("/users", { name: name.trim(), email: email.trim(), ...access }));
      }
      onClose();
    });
  return (
    <Dialog
      open
      onClose={onClose}
      title={user ? `Edit ${user.name}` : "New user"}
      description={user ? user.email : "They get a one-time link with which they choose a password."}
      onSubmit={() => void save()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            {user ? "Save" : "Create user"}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {form.notice}
        <Field label="Name" error={form.at("/name")}>{(control) => <Input {...control} autoFocus value={name} onChange={(event) => setName(event.target.value)} />}</Field>
        {!user && <Field label="E-mail" error={form.at("/email")}>{(control) => <Input {...control} type="email" value={email} onChange={(event) => setEmail(event.target.value)} />}</Field>}
        <AccessFields access={access} onChange={setAccess} />
      </div>
    </Dialog>
  );
}
