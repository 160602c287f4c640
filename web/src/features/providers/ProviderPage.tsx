import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Ellipsis, Pause, Play, Plug, Plus, Sparkles, Trash2, Waypoints } from "lucide-react";
import { useEffect, useState } from "react";

import { useActions } from "~/actions/registry";
import { api } from "~/api/client";
import { providerQuery, providersQuery, providerTypesQuery } from "~/api/queries";
import { useMay } from "~/api/session";
import { initialValues, partsOf, problemsOf, type Values } from "~/core/settings";
import { settingProblems } from "~/features/forms/settingProblems";
import { SettingsForm } from "~/features/forms/SettingsForm";
import { HealthStatus } from "~/features/health/health";
import { LastSeen } from "~/features/health/LastSeen";
import { RunList } from "~/features/sources/RunList";
import type { Provider, ProviderType } from "~/generated/api";
import { AppLink, useGo } from "~/ui/AppLink";
import { Badge } from "~/ui/Badge";
import { Button, IconButton } from "~/ui/Button";
import { ConfirmDialog } from "~/ui/Dialog";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { Markdown } from "~/ui/Markdown";
import { Menu } from "~/ui/Menu";
import { Page, Section } from "~/ui/Page";
import { EmptyState, ErrorState, Notice, SkeletonRows } from "~/ui/states";
import { toast } from "~/ui/Toast";
import { useForm } from "~/ui/useForm";
import { useSearchState } from "~/ui/useSearchState";

import { NotConnected } from "./NotConnected";
import { setupText } from "./NewProviderPage";
import { PresetDialog } from "./PresetDialog";
import { ProviderMark } from "./ProviderMark";
import { RedirectAddress } from "./RedirectAddress";
import { SourceDialog } from "./SourceDialog";
import { TestConnection } from "./TestConnection";

const above = [{ title: "Providers", to: "/providers" }];

/** `/providers/{id}`: name and type, settings, sources, run logs. */
export default function ProviderPage() {
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const provider = useQuery(providerQuery(id));
  const types = useQuery(providerTypesQuery);
  if (provider.isPending || types.isPending) {
    return (
      <Page title="Provider" above={above}>
        <SkeletonRows />
      </Page>
    );
  }
  if (provider.isError) {
    return (
      <Page title="Provider" above={above}>
        <ErrorState error={provider.error} onRetry={() => void provider.refetch()} />
      </Page>
    );
  }
  return <Loaded key={provider.data.id} provider={provider.data} type={types.data?.find((each) => each.type === provider.data.type)} />;
}

function Loaded({ provider, type }: { provider: Provider; type: ProviderType | undefined }) {
  const client = useQueryClient();
  const go = useGo();
  const may = useMay("builder");
  const [search, setSearch] = useSearchState();
  const [deleting, setDeleting] = useState(false);
  const changed = () => client.invalidateQueries({ queryKey: providersQuery.queryKey });
  const openSource = () => setSearch({ new: "source" });
  // The vendor sent the browser back after access was granted.
  useEffect(() => {
    if (search.connected !== "1") return;
    setSearch({ connected: undefined });
    toast.done("Connected", { detail: "What is polled goes on from where it stopped" });
  }, [search.connected, setSearch]);
  useActions(may ? [{ id: "source.new", title: "New source", group: "Provider", keys: "n", run: openSource }] : []);

  const setStatus = async (status: Provider["status"]) => {
    try {
      await api.patch(`/providers/${provider.id}`, { status });
      await changed();
      toast.done(status === "paused" ? "Paused" : "Running again");
    } catch (error) {
      toast.failed("Nothing was changed", error);
    }
  };
  const connect = async () => {
    try {
      const { authorization_url } = await api.post<{ authorization_url: string }>(`/providers/${provider.id}/connect`);
      window.location.assign(authorization_url);
    } catch (error) {
      toast.failed("The connection could not be started", error);
    }
  };
  const oauth = provider.connected !== null;

  return (
    <Page
      title={provider.name}
      above={above}
      aside={
        <span className="flex items-center gap-3">
          <Badge icon={<ProviderMark type={provider.type} title={type?.title} mark={type?.mark} />} className="pl-0">
            {type?.title ?? provider.type}
          </Badge>
          <HealthStatus health={provider.health} status={provider.status} />
        </span>
      }
      actions={
        may && (
          <>
            {oauth && (
              <Button variant={provider.status === "needs_reconnecting" || !provider.connected ? "primary" : "secondary"} icon={<Plug className="size-3.5" />} onClick={() => void connect()}>
                {provider.connected ? "Reconnect" : "Connect"}
              </Button>
            )}
            {(type?.presets.length ?? 0) > 0 && (
              <Button icon={<Sparkles className="size-3.5" />} onClick={() => setSearch({ new: "preset" })}>
                Ready-made
              </Button>
            )}
            {type && (
              <Button variant="primary" icon={<Plus className="size-4" />} onClick={openSource}>
                New source
              </Button>
            )}
            <Menu
              trigger={<IconButton label="More" size="md" icon={<Ellipsis className="size-4" />} />}
              items={[
                provider.status === "paused"
                  ? { label: "Resume", icon: <Play />, onSelect: () => void setStatus("active") }
                  : { label: "Pause", icon: <Pause />, onSelect: () => void setStatus("paused") },
                { separator: true },
                { label: "Delete…", icon: <Trash2 />, danger: true, disabled: provider.sources.length > 0, onSelect: () => setDeleting(true) },
              ]}
            />
          </>
        )
      }
    >
      <NotConnected />
      {!type && (
        <div className="px-5 pt-4">
          <Notice tone="danger" title={`The type ${provider.type} is no longer there`}>
            This deployment was started without it: nothing is polled, and nothing related is fetched. What is stored stays, and it goes on where it stopped once the program is started with the
            folder of the type again (<span className="font-mono text-xs">--providers</span>).
          </Notice>
        </div>
      )}
      {provider.connected === false && (
        <div className="px-5 pt-4">
          <Notice tone="warn" title="It is not connected yet">
            Choose <em>Connect</em>: the page of the vendor asks whether access is granted, and leads back here. Until then its sources wait. This address must be registered there, as the
            redirect URL of your app:
            <RedirectAddress />
          </Notice>
        </div>
      )}
      {provider.status === "needs_reconnecting" && provider.connected !== false && (
        <div className="px-5 pt-4">
          <Notice tone="danger" title="The credentials stopped working">
            Its sources wait, and nothing is dropped. {oauth ? "Connect it again" : "Enter new credentials below"}, and they go on where they stopped.
          </Notice>
        </div>
      )}
      <SettingsSection provider={provider} type={type} onSaved={changed} readOnly={!may} />
      <Section
        title="Sources"
        description="What is received from this provider, and what runs on it"
        actions={
          may &&
          type && (
            <Button size="sm" icon={<Plus className="size-3.5" />} onClick={openSource}>
              New source
            </Button>
          )
        }
      >
        {provider.sources.length === 0 ? (
          <div className="rounded-md border border-line">
            <EmptyState
              icon={<Waypoints />}
              title="No source yet"
              className="py-10"
              action={
                may &&
                (type?.presets.length ?? 0) > 0 && (
                  <Button size="sm" icon={<Sparkles className="size-3.5" />} onClick={() => setSearch({ new: "preset" })}>
                    Begin with a ready-made one
                  </Button>
                )
              }
            >
              A source is one kind of thing that this provider gives: deals, calls, form entries.
            </EmptyState>
          </div>
        ) : (
          <ul className="overflow-hidden rounded-md border border-line">
            {provider.sources.map((source) => (
              <li key={source.id} className="border-b border-line last:border-b-0">
                <AppLink to={`/sources/${source.id}`} className="grid grid-cols-[minmax(0,2fr)_6rem_minmax(0,1.5fr)_10rem_7rem] items-center gap-3 px-3 py-2 hover:bg-hover">
                  <span className="ellipsis font-medium">{source.name}</span>
                  <Badge>{source.kind}</Badge>
                  <span className="ellipsis font-mono text-xs text-muted">{source.model}</span>
                  <HealthStatus health={source.health} />
                  <span className="text-right text-muted">
                    <LastSeen health={source.health} />
                  </span>
                </AppLink>
              </li>
            ))}
          </ul>
        )}
      </Section>
      {provider.sources.length > 0 && (
        <Section title="Latest runs" description="Each poll and each received request, newest first">
          <RunList sources={provider.sources} />
        </Section>
      )}
      {type?.setup && (
        <Section title="How to set it up">
          <div className="max-w-2xl">
            <Markdown text={setupText(type.setup)} />
          </div>
        </Section>
      )}
      {type && search.new === "source" && <SourceDialog provider={provider} type={type} onClose={() => setSearch({ new: undefined })} />}
      {type && search.new === "preset" && <PresetDialog key={search.preset ?? ""} provider={provider} type={type} first={search.preset} onClose={() => setSearch({ new: undefined, preset: undefined })} />}
      <ConfirmDialog
        open={deleting}
        onClose={() => setDeleting(false)}
        title={`Delete ${provider.name}?`}
        action="Delete provider"
        danger
        onConfirm={async () => {
          await api.delete(`/providers/${provider.id}`);
          await changed();
          go("/providers", { replace: true });
        }}
      >
        Its credentials are removed. Records that came from it stay.
      </ConfirmDialog>
    </Page>
  );
}

function SettingsSection({ provider, type, onSaved, readOnly }: { provider: Provider; type: ProviderType | undefined; onSaved: () => Promise<unknown>; readOnly: boolean }) {
  const fields = type?.settings ?? [];
  const [name, setName] = useState(provider.name);
  const [values, setValues] = useState<Values>(() => initialValues(fields, provider.settings));
  const form = useForm();
  const stored = new Set(provider.has_credentials ? fields.filter((field) => field.type === "secret").map((field) => field.name) : []);
  const problems = problemsOf(fields, values, stored);
  const parts = partsOf(fields, values);
  const secrets = Object.keys(parts.secrets).length > 0;
  const dirty = name !== provider.name || secrets || JSON.stringify(values) !== JSON.stringify(initialValues(fields, provider.settings));

  const save = () =>
    form.send(async () => {
      await api.patch(`/providers/${provider.id}`, { name: name.trim(), ...(type ? { settings: parts.settings } : {}), ...(secrets ? { credentials: parts.secrets } : {}) });
      setValues((now) => Object.fromEntries(Object.entries(now).filter(([field]) => !(field in parts.secrets))));
      await onSaved();
      toast.done("Saved");
    }, { ready: name.trim() !== "" && Object.keys(problems).length === 0 });

  return (
    <Section title="Settings">
      <form
        noValidate
        className="flex max-w-xl flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {form.notice}
        <Field label="Name" error={form.needed("/name", name.trim() !== "")}>{(control) => <Input {...control} value={name} readOnly={readOnly} onChange={(event) => setName(event.target.value)} />}</Field>
        <SettingsForm fields={fields} values={values} onChange={setValues} problems={dirty ? { ...problems, ...settingProblems(form, fields) } : {}} stored={stored} readOnly={readOnly} />
        {!readOnly && (
          <div className="flex items-center gap-3">
            <Button type="submit" variant={dirty ? "primary" : "secondary"} busy={form.busy} disabled={!dirty}>
              Save
            </Button>
            {type?.can_test && (
            <TestConnection
              request={() =>
                // Secrets that are stored are known to the server alone: without new ones, what is saved is tested.
                secrets ? api.post("/providers/test", { type: provider.type, settings: parts.settings, credentials: parts.secrets }) : api.post(`/providers/${provider.id}/test`)
              }
            />
            )}
          </div>
        )}
      </form>
    </Section>
  );
}
