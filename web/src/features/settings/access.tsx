import type { Role } from "~/generated/api";
import { Badge } from "~/ui/Badge";
import { Button } from "~/ui/Button";
import { Switch } from "~/ui/Checkbox";
import { CopyButton } from "~/ui/CopyButton";
import { Dialog } from "~/ui/Dialog";
import { Field } from "~/ui/Field";
import { Select } from "~/ui/Select";

const roles: { value: Role; label: string; hint: string }[] = [
  { value: "viewer", label: "Viewer", hint: "Looks at everything, changes nothing" },
  { value: "builder", label: "Builder", hint: "Builds integrations, links identities, runs things again" },
  { value: "admin", label: "Administrator", hint: "Everything, with users, tokens and settings" },
];

/** What a person or a program may do. */
export type Access = { role: Role; reveal: boolean };

/** The fields by which a person or a program is given what it may do. */
export function AccessFields({ access, onChange }: { access: Access; onChange: (access: Access) => void }) {
  return (
    <>
      <Field label="Role">{(control) => <Select {...control} value={access.role} onChange={(role) => onChange({ ...access, role })} options={roles} />}</Field>
      <Field label="May reveal personal data" help="Each reveal asks for a reason and goes to the audit log">
        {(control) => (
          <div className="flex h-7 items-center">
            <Switch {...control} checked={access.reveal} onChange={(reveal) => onChange({ ...access, reveal })} />
          </div>
        )}
      </Field>
    </>
  );
}

export function RevealMark({ reveal }: { reveal: boolean }) {
  return reveal ? <Badge tone="violet">may reveal</Badge> : <span className="text-faint">masked</span>;
}

/** A secret that is never shown again. */
export function ShownOnce({ title, description, secret, onClose }: { title: string; description: string; secret: string; onClose: () => void }) {
  return (
    <Dialog open onClose={onClose} title={title} description={description} footer={<Button onClick={onClose}>Done</Button>}>
      <div className="flex items-center gap-2">
        <code className="min-w-0 flex-1 rounded-md border border-line bg-sunken px-2.5 py-1.5 font-mono text-xs break-all">{secret}</code>
        <CopyButton text={secret}>Copy</CopyButton>
      </div>
    </Dialog>
  );
}
