import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, setCsrf } from "~/api/client";
import { sessionQuery, useSession } from "~/api/session";
import { type Theme, setTheme, useTheme } from "~/features/shell/theme";
import type { Session } from "~/generated/api";
import { Button } from "~/ui/Button";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { Section } from "~/ui/Page";
import { Select } from "~/ui/Select";
import { toast } from "~/ui/Toast";
import { useForm } from "~/ui/useForm";

import { SettingsFrame } from "./SettingsFrame";

const themes: { value: Theme; label: string }[] = [
  { value: "system", label: "As the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

/** `/settings/account`: one's own password and theme. */
export default function AccountPage() {
  const { user, version } = useSession();
  const theme = useTheme();
  return (
    <SettingsFrame title="Your account">
      <Section title="You">
        <dl className="grid max-w-md grid-cols-[8rem_minmax(0,1fr)] gap-y-1.5">
          <dt className="text-muted">Name</dt>
          <dd>{user.name}</dd>
          <dt className="text-muted">E-mail</dt>
          <dd>{user.email}</dd>
          <dt className="text-muted">Role</dt>
          <dd>
            {user.role}
            {user.reveal && ", may reveal personal data"}
          </dd>
          <dt className="text-muted">Version</dt>
          <dd className="tabular">{version}</dd>
        </dl>
      </Section>
      <Section title="Appearance">
        <Field label="Theme" className="max-w-48">
          {(control) => <Select {...control} value={theme} onChange={setTheme} options={themes} />}
        </Field>
      </Section>
      <PasswordSection />
    </SettingsFrame>
  );
}

function PasswordSection() {
  const client = useQueryClient();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const form = useForm();
  const save = () =>
    form.send(async () => {
      const session = await api.put<Session>("/session/password", { current, new: next });
      setCsrf(session.csrf);
      client.setQueryData(sessionQuery.queryKey, session);
      setCurrent("");
      setNext("");
      toast.done("Your password is changed", { detail: "Your other sessions were ended" });
    });
  return (
    <Section title="Password">
      <form
        className="flex max-w-sm flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {form.notice}
        <Field label="Current password" error={form.at("/current")}>
          {(control) => <Input {...control} type="password" autoComplete="current-password" value={current} onChange={(event) => setCurrent(event.target.value)} />}
        </Field>
        <Field label="New password" help="At least 12 characters" error={form.at("/new")}>
          {(control) => <Input {...control} type="password" autoComplete="new-password" value={next} onChange={(event) => setNext(event.target.value)} />}
        </Field>
        <div>
          <Button type="submit" variant="primary" busy={form.busy} disabled={!current || next.length < 12}>
            Change password
          </Button>
        </div>
      </form>
    </Section>
  );
}
