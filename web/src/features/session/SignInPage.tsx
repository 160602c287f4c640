import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { api, ApiError, setCsrf } from "~/api/client";
import { sessionQuery } from "~/api/session";
import type { Session, Setup } from "~/generated/api";
import { useGo } from "~/ui/AppLink";
import { Button } from "~/ui/Button";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { useForm } from "~/ui/useForm";
import { useSearchState } from "~/ui/useSearchState";

import { Frame } from "./Frame";

/** `/sign-in?to=`: e-mail and password, then on to where one wanted to go. */
export default function SignInPage() {
  const client = useQueryClient();
  const go = useGo();
  const [{ to }] = useSearchState();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const form = useForm();
  const setup = useQuery({ queryKey: ["setup"], queryFn: () => api.get<Setup>("/setup") });

  // Only addresses of this application: a link must not lead elsewhere.
  const target = to?.startsWith("/") && !to.startsWith("//") && !to.startsWith("/\\") ? to : "/";

  useEffect(() => {
    if (setup.data?.needed) go("/setup", { replace: true });
  }, [setup.data?.needed]);

  const signIn = () =>
    form.send(async () => {
      const session = await api.post<Session>("/session", { email: email.trim(), password });
      setCsrf(session.csrf);
      client.clear();
      client.setQueryData(sessionQuery.queryKey, session);
      go(target, { replace: true });
    }, { reword: refusal });

  return (
    <Frame title="Sign in">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void signIn();
        }}
      >
        {form.notice}
        <Field label="E-mail">{(control) => <Input {...control} type="email" name="email" autoComplete="username" required autoFocus value={email} onChange={(event) => setEmail(event.target.value)} />}</Field>
        <Field label="Password">
          {(control) => <Input {...control} type="password" name="password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.target.value)} />}
        </Field>
        <Button type="submit" variant="primary" busy={form.busy} className="w-full">
          Sign in
        </Button>
        <p className="text-xs text-muted">Forgotten your password? An administrator can give you a new one-time link under Settings, Users.</p>
      </form>
    </Frame>
  );
}

function refusal(error: unknown): unknown {
  if (error instanceof ApiError && error.status === 429) {
    return new Error(`Too many attempts. Try again ${error.retryAfter ? `in ${error.retryAfter} seconds` : "in a minute"}.`);
  }
  if (error instanceof ApiError && error.status === 401) return new Error("E-mail and password do not match.");
  return error;
}
