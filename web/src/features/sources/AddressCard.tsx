import { useQuery } from "@tanstack/react-query";
import { ChevronRight, Eye, EyeOff } from "lucide-react";
import { useState } from "react";

import { api, messageOf } from "~/api/client";
import { words } from "~/core/numbers";
import { setupText } from "~/features/providers/NewProviderPage";
import type { Address, Source } from "~/generated/api";
import { Button, IconButton } from "~/ui/Button";
import { CopyButton } from "~/ui/CopyButton";
import { cx } from "~/ui/cx";
import { Input } from "~/ui/Input";
import { Markdown } from "~/ui/Markdown";
import { Section } from "~/ui/Page";
import { Skeleton } from "~/ui/states";
import { toast } from "~/ui/Toast";
import { useForm } from "~/ui/useForm";

/** Where the sender must send to, with which secret, and what to do there. Shown when asked for: each look goes to the audit log. */
export function AddressCard({ source, setup, open }: { source: Source; setup?: string; open: boolean }) {
  const [shown, setShown] = useState(open);
  const address = useQuery({ queryKey: ["address", source.id], queryFn: () => api.get<Address>(`/sources/${source.id}/address`), enabled: shown, staleTime: Infinity });
  return (
    <Section
      title="URL and secret"
      description="To be set at the sender. Whoever knows them can send, so treat them as a password."
      actions={
        !shown && (
          <Button size="sm" icon={<Eye className="size-3.5" />} onClick={() => setShown(true)}>
            Show
          </Button>
        )
      }
    >
      {shown && address.isPending && <Skeleton className="h-8 w-full max-w-2xl" />}
      {shown && address.isError && <p className="text-sm text-danger-text">{messageOf(address.error)}</p>}
      {shown && address.data && (
        <div className="flex max-w-3xl flex-col gap-2">
          <Line label="URL" text={address.data.url} />
          {secretsOf(address.data).map(([name, secret]) => (
            <Line key={`${name} ${secret}`} label={words(name)} text={secret} hidden />
          ))}
          {address.data.secret_names
            .filter((name) => !secretsOf(address.data).some(([known]) => known === name))
            .map((name) => (
              <MissingSecret key={name} source={source} name={name} onSaved={() => address.refetch()} />
            ))}
          <details className="group mt-2" open={open}>
            <summary className="flex w-fit cursor-default list-none items-center gap-1 rounded-sm text-sm text-accent-text">
              <ChevronRight className="size-3.5 transition-transform group-open:rotate-90" aria-hidden="true" />
              How to set it up
            </summary>
            <div className="mt-2 flex max-w-2xl flex-col gap-3">
              {setup && <Markdown text={setupText(setup, address.data.url)} />}
              <Markdown text={`Or try it from a terminal:\n\n\`\`\`\n${curl(address.data.url)}\n\`\`\``} />
            </div>
          </details>
        </div>
      )}
    </Section>
  );
}

/** A secret that requests are verified with and that is not there yet: it is entered here, as soon as the vendor gives it. */
function MissingSecret({ source, name, onSaved }: { source: Source; name: string; onSaved: () => Promise<unknown> }) {
  const [text, setText] = useState("");
  const form = useForm();
  const save = () =>
    form.send(async () => {
      await api.patch(`/sources/${source.id}`, { secrets: { [name]: text.trim() } });
      await onSaved();
      toast.done("Saved", { detail: "Requests are verified with it from now on" });
    }, { ready: text.trim() !== "" });
  return (
    <form
      noValidate
      className="flex items-start gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <span className="w-24 shrink-0 pt-2 text-xs text-muted">{words(name)}</span>
      <div className="min-w-0 flex-1">
        <Input
          type="password"
          autoComplete="new-password"
          aria-label={words(name)}
          aria-describedby={`${source.id}-${name}`}
          value={text}
          placeholder="As the vendor gives it"
          onChange={(event) => setText(event.target.value)}
        />
        <p id={`${source.id}-${name}`} className="mt-1 text-xs text-warn-text">
          {form.error === null ? "It is not there yet: until it is, requests are refused." : messageOf(form.error)}
        </p>
      </div>
      <Button type="submit" busy={form.busy} disabled={!text.trim()}>
        Save
      </Button>
    </form>
  );
}

/** The secrets by name; one that is being replaced stands there twice, the new one first. */
function secretsOf(address: Address): [name: string, secret: string][] {
  const { secrets } = address;
  if (secrets === null || typeof secrets !== "object" || Array.isArray(secrets)) return [];
  return Object.entries(secrets).flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((secret): [string, string] => [name, String(secret)]));
}

function curl(url: string): string {
  return `curl -X POST '${url}' -H 'Content-Type: application/json' -d '{"id": "1", "name": "A test"}'`;
}

function Line({ label, text, hidden }: { label: string; text: string; hidden?: boolean }) {
  const [open, setOpen] = useState(!hidden);
  return (
    <div className="flex items-center gap-2">
      <span className="w-24 shrink-0 text-xs text-muted">{label}</span>
      <code className={cx("ellipsis h-8 flex-1 rounded-md border border-line bg-sunken px-2.5 font-mono text-xs leading-8", !open && "text-faint")}>
        {open ? text : "•".repeat(Math.min(32, text.length))}
      </code>
      {hidden && (
        <IconButton label={open ? `Hide ${label}` : `Show ${label}`} icon={open ? <EyeOff className="size-3.5" /> : <Eye className="size-3.5" />} onClick={() => setOpen(!open)} />
      )}
      <CopyButton text={text} label={`Copy ${label}`} />
    </div>
  );
}
