import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowLeft, Plug } from "lucide-react";
import { useState } from "react";

import { api } from "~/api/client";
import { providersQuery, providerTypesQuery } from "~/api/queries";
import { rankBy } from "~/core/search";
import { holds, initialValues, partsOf, problemsOf, type Values } from "~/core/settings";
import { settingProblems } from "~/features/forms/settingProblems";
import { SettingsForm } from "~/features/forms/SettingsForm";
import type { Provider, ProviderType } from "~/generated/api";
import { useGo } from "~/ui/AppLink";
import { Badge } from "~/ui/Badge";
import { Button } from "~/ui/Button";
import { Field } from "~/ui/Field";
import { Input, SearchInput } from "~/ui/Input";
import { Markdown } from "~/ui/Markdown";
import { Page } from "~/ui/Page";
import { EmptyState, ErrorState, Notice, Skeleton } from "~/ui/states";
import { toast } from "~/ui/Toast";
import { useForm } from "~/ui/useForm";
import { useSearchState } from "~/ui/useSearchState";

import { ProviderMark } from "./ProviderMark";
import { RedirectAddress, redirectUrl } from "./RedirectAddress";
import { TestConnection } from "./TestConnection";

/** `/providers/new?type=`: the type first, then the form that it calls for. */
export default function NewProviderPage() {
  const types = useQuery(providerTypesQuery);
  const [{ type: chosen }, setSearch] = useSearchState();
  const type = types.data?.find((each) => each.type === chosen);
  return (
    <Page title={type ? `New ${type.title} provider` : "New provider"} above={[{ title: "Providers", to: "/providers" }]}>
      {types.isPending ? (
        <div role="status" aria-label="Loading" className="grid grid-cols-3 gap-3 p-5">
          {Array.from({ length: 9 }, (_, at) => (
            <Skeleton key={at} className="h-24 w-full rounded-md" />
          ))}
        </div>
      ) : types.isError ? (
        <ErrorState error={types.error} onRetry={() => void types.refetch()} />
      ) : type ? (
        <ProviderForm key={type.type} type={type} onBack={() => setSearch({ type: undefined }, { push: true })} />
      ) : (
        <TypePicker types={types.data} onPick={(name) => setSearch({ type: name }, { push: true })} />
      )}
    </Page>
  );
}

function TypePicker({ types, onPick }: { types: ProviderType[]; onPick: (type: string) => void }) {
  const [text, setText] = useState("");
  const found = rankBy(types, text, (type) => [type.title, type.summary]);
  return (
    <div className="mx-auto max-w-5xl p-5">
      <div className="mb-4 flex items-center justify-between gap-4">
        <p className="text-muted">Where does the data come from?</p>
        <SearchInput label="Search types" value={text} onChange={setText} className="w-64" />
      </div>
      {found.length === 0 && (
        <EmptyState icon={<Plug />} title="There is no type of that name">
          Any system that can send JSON works with the generic webhook type; any REST API with the generic HTTP type.
        </EmptyState>
      )}
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(17rem,1fr))] gap-3">
        {found.map((type) => (
          <li key={type.type}>
            <button
              type="button"
              onClick={() => onPick(type.type)}
              className="flex h-full w-full items-start gap-3 rounded-lg border border-line bg-surface p-3.5 text-left transition-colors hover:border-line-strong hover:bg-hover"
            >
              <ProviderMark type={type.type} title={type.title} mark={type.mark} size="lg" />
              <span className="min-w-0">
                <span className="block font-medium">{type.title}</span>
                <span className="mt-0.5 line-clamp-2 block text-xs text-muted">{type.summary}</span>
                <span className="mt-1 block text-xs text-faint">{type.auth}</span>
                <span className="mt-2 flex flex-wrap gap-1">
                  {[...new Set(type.sources.map((source) => source.kind))].map((kind) => (
                    <Badge key={kind}>{kind}</Badge>
                  ))}
                  {type.presets.length > 0 && <Badge tone="accent">{type.presets.length} ready-made</Badge>}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function ProviderForm({ type, onBack }: { type: ProviderType; onBack: () => void }) {
  const client = useQueryClient();
  const go = useGo();
  const [name, setName] = useState(type.title);
  const [values, setValues] = useState<Values>(() => initialValues(type.settings));
  const form = useForm();
  const found = problemsOf(type.settings, values);
  const problems = form.tried ? { ...found, ...settingProblems(form, type.settings) } : {};
  const parts = partsOf(type.settings, values);

  const save = () =>
    form.send(async () => {
      const made = await api.post<Provider>("/providers", { type: type.type, name: name.trim(), settings: parts.settings, credentials: parts.secrets });
      await client.invalidateQueries({ queryKey: providersQuery.queryKey });
      toast.done(`${made.name} is here`, { detail: "Now give it a source" });
      go(`/providers/${made.id}`, { replace: true });
    }, { ready: name.trim() !== "" && Object.keys(found).length === 0 });

  return (
    <div className="mx-auto grid max-w-5xl gap-10 p-5 min-[1100px]:grid-cols-[minmax(0,1fr)_22rem]">
      <form
        noValidate
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <div className="flex items-center gap-3">
          <ProviderMark type={type.type} title={type.title} mark={type.mark} size="lg" />
          <div className="min-w-0 flex-1">
            <p className="font-medium">{type.title}</p>
            <p className="text-xs text-muted">{type.summary}</p>
          </div>
          <Button size="sm" variant="ghost" icon={<ArrowLeft className="size-3.5" />} onClick={onBack}>
            Another type
          </Button>
        </div>
        {form.notice}
        <Field label="Name" help="What you call this workspace; for instance the company and the system" error={form.needed("/name", name.trim() !== "")}>
          {(control) => <Input {...control} value={name} autoFocus onFocus={(event) => event.target.select()} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <SettingsForm fields={type.settings} values={values} onChange={setValues} problems={problems} />
        {type.connects_in_browser && holds(type.browser_when, type.settings, values) && (
          <Notice title="It is connected in the browser">
            Once it is saved, choose <em>Connect</em>, and grant access on the page of the vendor. Register this address there, as the redirect URL of your app:
            <RedirectAddress />
          </Notice>
        )}
        {type.can_test && <TestConnection request={() => api.post("/providers/test", { type: type.type, settings: parts.settings, credentials: parts.secrets })} />}
        <div className="flex items-center gap-2 border-t border-line pt-4">
          <Button type="submit" variant="primary" busy={form.busy}>
            Save provider
          </Button>
          <Button variant="ghost" onClick={() => go("/providers")}>
            Cancel
          </Button>
        </div>
      </form>
      {type.setup && (
        <aside aria-label="How to set it up" className="rounded-lg border border-line bg-canvas p-4 min-[1100px]:self-start">
          <Markdown text={setupText(type.setup)} />
        </aside>
      )}
    </div>
  );
}

/** Set-up instructions with the addresses in them: of a source, where it is known, and the one that a vendor sends the browser back to. */
export function setupText(setup: string, url?: string): string {
  return setup.replaceAll("{webhook_url}", url ?? "(shown on the source's page)").replaceAll("{redirect_url}", redirectUrl());
}

