import { useQuery } from "@tanstack/react-query";
import { Link2, UserPlus } from "lucide-react";
import { useState } from "react";

import { api } from "~/api/client";
import { plural, words } from "~/core/numbers";
import type { Entity, Identity, Page } from "~/generated/api";
import { Button } from "~/ui/Button";
import { Combobox } from "~/ui/Combobox";
import { Dialog } from "~/ui/Dialog";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { useForm } from "~/ui/useForm";

/** `agent_external_identity` or `agent` → `agent`. */
export function kindName(kind: string): string {
  return kind.replace(/_external_identity$/, "");
}

type Props = {
  identities: Identity[];
  create: boolean;
  onClose: () => void;
  onLink: (identities: readonly Identity[], target: { entity?: string; create?: { name: string; email?: string } }, name: string) => Promise<void>;
};

/** Links one or many identities to one agent, team and so on, which may be made on the spot. */
export function LinkIdentitiesDialog({ identities, create: begin, onClose, onLink }: Props) {
  const first = identities[0];
  const kind = kindName(first?.kind ?? "agent");
  const [create, setCreate] = useState(begin);
  const [text, setText] = useState("");
  const [entity, setEntity] = useState<string | null>(first?.suggestions?.[0]?.entity.id ?? null);
  const [name, setName] = useState(first?.external_name || first?.external_id || "");
  const [email, setEmail] = useState("");
  const form = useForm();
  const entities = useQuery({ queryKey: ["entities", `${kind}s`, text], queryFn: () => api.get<Page<Entity>>(`/entities/${kind}s`, { q: text, limit: 50 }), placeholderData: (old) => old });

  const suggestions = identities.flatMap((identity) => identity.suggestions ?? []);
  const suggested = new Map(suggestions.map((each) => [each.entity.id, each]));
  const options = [
    ...[...suggested.values()].map((each) => ({ value: each.entity.id, label: each.entity.name, hint: each.why })),
    ...(entities.data?.items ?? []).filter((each) => !suggested.has(each.id)).map((each) => ({ value: each.id, label: each.name, hint: each.email ?? undefined })),
  ];
  const waiting = identities.reduce((sum, identity) => sum + (identity.waiting_records ?? 0), 0);
  const ready = create ? !!name.trim() : !!entity;

  const save = () =>
    form.send(async () => {
      if (create) await onLink(identities, { create: { name: name.trim(), ...(email.trim() ? { email: email.trim() } : {}) } }, name.trim());
      else if (entity) await onLink(identities, { entity }, options.find((option) => option.value === entity)?.label ?? "");
      onClose();
    }, { ready });

  return (
    <Dialog
      open
      onClose={onClose}
      title={identities.length === 1 ? `Who is ${first?.external_name || first?.external_id}?` : `Link ${plural(identities.length, "identity", "identities")}`}
      description={waiting > 0 ? `${plural(waiting, "record")} will be attributed at once` : undefined}
      onSubmit={() => void save()}
      footer={
        <>
          <Button variant="ghost" className="mr-auto" icon={create ? <Link2 className="size-3.5" /> : <UserPlus className="size-3.5" />} onClick={() => setCreate(!create)}>
            {create ? `Choose an existing ${kind}` : `Create a new ${kind}`}
          </Button>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy} disabled={!ready}>
            {create ? "Create and link" : "Link"}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {form.notice}
        {create ? (
          <>
            <Field label="Name" error={form.at("/create/name")}>{(control) => <Input {...control} autoFocus value={name} onChange={(event) => setName(event.target.value)} />}</Field>
            {kind === "agent" && (
              <Field label="E-mail" required={false} help="Used to recognise them in other systems" error={form.at("/create/email")}>
                {(control) => <Input {...control} type="email" value={email} onChange={(event) => setEmail(event.target.value)} />}
              </Field>
            )}
          </>
        ) : (
          <Field label={words(kind)}>
            {(control) => (
              <Combobox {...control} value={entity} onChange={setEntity} options={options} onSearch={setText} placeholder={`Search ${kind}s`} empty={`No ${kind} is called that. Create a new one below.`} />
            )}
          </Field>
        )}
      </div>
    </Dialog>
  );
}
