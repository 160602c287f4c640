import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, setCsrf } from "~/api/client";
import { sessionQuery } from "~/api/session";
import type { Session, Setup } from "~/generated/api";
import { AppLink, useGo } from "~/ui/AppLink";
import { Button, buttonClass } from "~/ui/Button";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { ErrorState, Skeleton } from "~/ui/states";
import { useForm } from "~/ui/useForm";
import { useSearchState } from "~/ui/useSearchState";

import { Frame } from "./Frame";

const SHORTEST_PASSWORD = 12;

/** `/setup?token=`: the one-time link of the first start, or of an invitation. */
export default function SetupPage() {
  const client = useQueryClient();
  const go = useGo();
  const [{ token }] = useSearchState();
  const setup = useQuery({ queryKey: ["setup", token], queryFn: () => api.get<Setup>("/setup", { token }) });
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const form = useForm();
  const short = password.length > 0 && password.length < SHORTEST_PASSWORD;
  const invited = setup.data?.invited ?? null;

  const create = () =>
    form.send(async () => {
      const session = await api.post<Session>("/setup", invited ? { token, password } : { token, name: name.trim(), email: email.trim(), password });
      setCsrf(session.csrf);
      client.clear();
      client.setQueryData(sessionQuery.queryKey, session);
      go("/", { replace: true });
    }, { ready: password.length >= SHORTEST_PASSWORD });

  if (setup.isPending) {
    return (
      <Frame title="Set up">
        <Skeleton className="h-32 w-full" />
      </Frame>
    );
  }
  if (setup.isError) {
    return (
      <Frame title="Set up">
        <ErrorState error={setup.error} onRetry={() => void setup.refetch()} className="py-4" />
      </Frame>
    );
  }
  if (!token || (!setup.data.needed && !invited)) {
    return (
      <Frame title={setup.data.needed ? "Open the one-time link" : token ? "This link is used up" : "Already set up"}>
        <p className="text-sm text-muted">
          {setup.data.needed ? (
            <>
              This installation has no administrator yet. When it started, <code className="font-mono text-xs">salesdash serve</code> printed a link that begins with this address and ends
              in <code className="font-mono text-xs">/setup?token=…</code>. Open that link to create the administrator. It works once; restarting prints a new one.
            </>
          ) : (
            "This installation has an administrator. Sign in, or ask an administrator for a new one-time link."
          )}
        </p>
        {!setup.data.needed && (
          <AppLink to="/sign-in" className={`${buttonClass("primary")} mt-4`}>
            Sign in
          </AppLink>
        )}
      </Frame>
    );
  }
  return (
    <Frame title={invited ? `Welcome, ${invited.name}` : "Create the administrator"} lead={invited ? `Choose a password for ${invited.email}.` : "You are the first one here. You can invite others afterwards."}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        {form.notice}
        {!invited && (
          <>
        <Field label="Your name" error={form.at("/name")}>{(control) => <Input {...control} name="name" autoComplete="name" required autoFocus value={name} onChange={(event) => setName(event.target.value)} />}</Field>
        <Field label="E-mail" error={form.at("/email")}>{(control) => <Input {...control} type="email" name="email" autoComplete="username" required value={email} onChange={(event) => setEmail(event.target.value)} />}</Field>
          </>
        )}
        <Field label="Password" help={`At least ${SHORTEST_PASSWORD} characters. A sentence is easy to remember.`} error={form.at("/password") ?? (short ? `${SHORTEST_PASSWORD - password.length} more characters are needed` : undefined)}>
          {(control) => (
            <Input {...control} type="password" name="password" autoComplete="new-password" required value={password} onChange={(event) => setPassword(event.target.value)} />
          )}
        </Field>
        <Button type="submit" variant="primary" busy={form.busy} className="w-full">
          {invited ? "Set password" : "Create account"}
        </Button>
      </form>
    </Frame>
  );
}
