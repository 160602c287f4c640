import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "~/api/client";
import { useMay } from "~/api/session";
import { bytes, count, words } from "~/core/numbers";
import type { Settings, Usage } from "~/generated/api";
import { Button } from "~/ui/Button";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { Section } from "~/ui/Page";
import { ErrorState, Skeleton } from "~/ui/states";
import { toast } from "~/ui/Toast";
import { useForm } from "~/ui/useForm";

import { SettingsFrame } from "./SettingsFrame";
import { settingsQuery } from "./TenantPage";

const GB = 1_000_000_000;

/** `/settings/storage`: how long payloads stay, and what takes how much. */
export default function StoragePage() {
  const settings = useQuery(settingsQuery);
  // It reads the whole database, so it is for administrators.
  const may = useMay("admin");
  const usage = useQuery({ queryKey: ["usage"], queryFn: () => api.get<Usage>("/usage"), enabled: may });
  return (
    <SettingsFrame title="Retention and disk">
      <Section title="Retention" description="Payloads go first, the oldest before the others. Executions, their outcomes and the records stay; only the values in old traces are gone.">
        {settings.data ? <RetentionForm settings={settings.data} /> : settings.isError ? <ErrorState error={settings.error} className="py-4" /> : <Skeleton className="h-24 w-full max-w-md" />}
      </Section>
      {may && (
        <Section title="Disk">
          {usage.data ? (
            <UsageTable usage={usage.data} />
          ) : usage.isError ? (
            <ErrorState error={usage.error} onRetry={() => void usage.refetch()} className="py-4" />
          ) : (
            <Skeleton className="h-40 w-full max-w-xl" />
          )}
        </Section>
      )}
    </SettingsFrame>
  );
}

function RetentionForm({ settings }: { settings: Settings }) {
  const client = useQueryClient();
  const may = useMay("admin");
  const [days, setDays] = useState(settings.retention_days?.toString() ?? "");
  const [size, setSize] = useState(settings.retention_bytes ? String(settings.retention_bytes / GB) : "");
  const form = useForm();
  const wrong = (text: string) => text !== "" && !(Number(text) > 0);
  const save = () =>
    form.send(async () => {
      await api.patch("/settings", { retention_days: days ? Math.round(Number(days)) : null, retention_bytes: size ? Math.round(Number(size) * GB) : null });
      await client.invalidateQueries({ queryKey: ["settings"] });
      toast.done("Saved");
    }, { ready: !wrong(days) && !wrong(size) });
  return (
    <form
      noValidate
      className="flex max-w-md flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {form.notice}
      <div className="grid grid-cols-2 gap-4">
        <Field label="Days" required={false} help="Forever where nothing is said" error={form.at("/retention_days") ?? (wrong(days) ? "A number above 0" : undefined)}>
          {(control) => <Input {...control} inputMode="numeric" readOnly={!may} value={days} onChange={(event) => setDays(event.target.value)} />}
        </Field>
        <Field label="Gigabytes" required={false} help="No limit where nothing is said" error={form.at("/retention_bytes") ?? (wrong(size) ? "A number above 0" : undefined)}>
          {(control) => <Input {...control} inputMode="decimal" readOnly={!may} value={size} onChange={(event) => setSize(event.target.value)} />}
        </Field>
      </div>
      {may && (
        <div>
          <Button type="submit" variant="primary" busy={form.busy}>
            Save
          </Button>
        </div>
      )}
    </form>
  );
}

function UsageTable({ usage }: { usage: Usage }) {
  const tables = [...(usage.tables ?? [])].sort((a, b) => b.bytes - a.bytes);
  const most = Math.max(1, ...tables.map((table) => table.bytes));
  return (
    <div className="max-w-2xl">
      <p className="mb-3">
        <span className="tabular text-xl font-semibold">{bytes(tables.reduce((sum, table) => sum + table.bytes, 0))}</span>{" "}
        <span className="text-muted">
          of data. On the disk it takes {bytes(usage.database_bytes)}: with room that is free, and with changes that are not merged into the file yet.
        </span>
      </p>
      <table className="w-full text-left">
        <thead>
          <tr className="border-b border-line text-xs text-muted">
            <th className="py-1 font-medium">Table</th>
            <th className="font-medium">
              <span className="sr-only">Share</span>
            </th>
            <th className="text-right font-medium">Rows</th>
            <th className="text-right font-medium">Size</th>
          </tr>
        </thead>
        <tbody>
          {tables.map((table) => (
            <tr key={table.name} className="border-b border-line">
              <td className="py-1.5">{words(table.name)}</td>
              <td className="w-1/3">
                <div className="h-1.5 rounded-full bg-accent" style={{ width: `${(table.bytes / most) * 100}%` }} />
              </td>
              <td className="tabular text-right text-muted">{count(table.rows)}</td>
              <td className="tabular text-right">{bytes(table.bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
