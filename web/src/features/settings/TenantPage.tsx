import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "~/api/client";
import { sessionQuery, useMay } from "~/api/session";
import type { Settings } from "~/generated/api";
import { Button } from "~/ui/Button";
import { Switch } from "~/ui/Checkbox";
import { Combobox } from "~/ui/Combobox";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { Section } from "~/ui/Page";
import { ErrorState, Skeleton } from "~/ui/states";
import { toast } from "~/ui/Toast";
import { useForm } from "~/ui/useForm";

import { SettingsFrame } from "./SettingsFrame";

export const settingsQuery = { queryKey: ["settings"], queryFn: () => api.get<Settings>("/settings") };

/** `/settings/tenant`: name, zone, currency, country, Projects. */
export default function TenantPage() {
  const settings = useQuery(settingsQuery);
  return (
    <SettingsFrame title="Tenant">
      {settings.isPending ? (
        <div className="p-5">
          <Skeleton className="h-60 w-full max-w-xl" />
        </div>
      ) : settings.isError ? (
        <ErrorState error={settings.error} onRetry={() => void settings.refetch()} />
      ) : (
        <TenantForm settings={settings.data} />
      )}
    </SettingsFrame>
  );
}

const zones = Intl.supportedValuesOf("timeZone");
const currencies = Intl.supportedValuesOf("currency");
const currencyNames = new Intl.DisplayNames("en", { type: "currency" });
const countryNames = new Intl.DisplayNames("en", { type: "region" });
const countries = Array.from({ length: 676 }, (_, at) => String.fromCharCode(65 + Math.floor(at / 26), 65 + (at % 26))).filter((code) => {
  const name = countryNames.of(code);
  return name !== undefined && name !== code && !/^(EU|EZ|UN|XA|XB|ZZ|QO|AC|CP|DG|EA|IC|TA)$/.test(code);
});

function TenantForm({ settings }: { settings: Settings }) {
  const client = useQueryClient();
  const may = useMay("admin");
  const [name, setName] = useState(settings.name);
  const [timezone, setTimezone] = useState<string | null>(settings.timezone);
  const [currency, setCurrency] = useState<string | null>(settings.currency);
  const [country, setCountry] = useState<string | null>(settings.country ?? null);
  const [projects, setProjects] = useState(settings.projects);
  const form = useForm();
  const save = () =>
    form.send(async () => {
      await api.patch("/settings", { name: name.trim(), timezone, currency, country, projects });
      await Promise.all([client.invalidateQueries({ queryKey: ["settings"] }), client.invalidateQueries({ queryKey: sessionQuery.queryKey })]);
      toast.done("Saved");
    });
  return (
    <Section title="General" description="Dates without a zone are read in the tenant's, and every time is shown in it.">
      <form
        noValidate
        className="flex max-w-md flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {form.notice}
        <Field label="Name" error={form.at("/name")}>
          {(control) => <Input {...control} value={name} readOnly={!may} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Field label="Time zone" error={form.at("/timezone")}>
          {(control) => <Combobox {...control} disabled={!may} value={timezone} onChange={setTimezone} options={[...new Set([settings.timezone, "UTC", ...zones])].map((zone) => ({ value: zone, label: zone }))} />}
        </Field>
        <Field label="Currency" error={form.at("/currency")}>
          {(control) => (
            <Combobox {...control} disabled={!may} value={currency} onChange={setCurrency} options={[...new Set([settings.currency, ...currencies])].map((code) => ({ value: code, label: code, hint: currencyNames.of(code) }))} />
          )}
        </Field>
        <Field label="Country" required={false} help="For phone numbers that are written without one" error={form.at("/country")}>
          {(control) => <Combobox {...control} disabled={!may} clearable value={country} onChange={setCountry} options={countries.map((code) => ({ value: code, label: countryNames.of(code) ?? code, hint: code }))} />}
        </Field>
        <Field label="Projects" help="Lets records and identities belong to projects">
          {(control) => (
            <div className="flex h-7 items-center">
              <Switch {...control} disabled={!may} checked={projects} onChange={setProjects} />
            </div>
          )}
        </Field>
        {may ? (
          <div>
            <Button type="submit" variant="primary" busy={form.busy}>
              Save
            </Button>
          </div>
        ) : (
          <p className="text-xs text-muted">Only administrators can change these.</p>
        )}
      </form>
    </Section>
  );
}
