import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import { api, exchange, messageOf } from "~/api/client";
import { humanize } from "~/core/catalog";
import { type Json, printShared } from "~/core/json";
import type { Job } from "~/generated/api";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Spinner } from "~/ui/Spinner";

import { useEditor } from "../editor/context";
import { Value } from "../editor/look";

/** A record that would come out otherwise. */
type Affected = { kind: string; external_id: string; fields: { field: string; from: Json; to: Json }[] };

type Impact = {
  examined: number;
  counts: { appear: number; change: number; vanish: number; same: number };
  appear: Affected[];
  change: Affected[];
  vanish: Affected[];
  statuses_before: { [status: string]: number };
  statuses_after: { [status: string]: number };
};

/** Records that the preview looks at. */
const LAST = 1000;

/** What the draft would have done otherwise with the last records. */
export function PreviewDialog({ processor, onClose }: { processor: string; onClose: () => void }) {
  const document = useEditor((state) => state.document);
  const errors = useEditor((state) => state.problems.errors);
  const start = useMutation({
    mutationFn: async () =>
      JSON.parse((await exchange("POST", `/processors/${processor}/preview`, { body: `{"spec":${printShared(document)},"last":${LAST}}` })).text) as Job,
  });
  const job = useQuery({
    queryKey: ["jobs", start.data?.id],
    queryFn: () => api.get<Job>(`/jobs/${start.data?.id ?? ""}`),
    enabled: start.data !== undefined,
    refetchInterval: (query) => (query.state.data !== undefined && !["waiting", "running", "undoing"].includes(query.state.data.state) ? false : 400),
  });
  const { mutate } = start;
  useEffect(() => {
    if (errors === 0) mutate();
  }, [mutate, errors]);
  const now = job.data ?? start.data;
  const result = now?.state === "finished" || now?.state === "done" ? (now.result as unknown as Impact) : undefined;
  const error = start.error ?? job.error;
  return (
    <Dialog
      open
      onClose={onClose}
      size="lg"
      title="Preview impact"
      description={`Your draft against the saved version, on the last ${LAST.toLocaleString("en")} records. Nothing is written.`}
      footer={<Button onClick={onClose}>Close</Button>}
    >
      {errors > 0 && <p className="text-sm text-danger-text">The draft has errors, so it cannot be run. Mend them first.</p>}
      {error !== null && (
        <p role="alert" className="text-sm text-danger-text">
          {messageOf(error)}
        </p>
      )}
      {errors === 0 && error === null && result === undefined && (
        <p role="status" className="flex items-center gap-2 py-6 text-sm text-muted">
          <Spinner />
          {now?.state === "failed" || now?.state === "cancelled"
            ? "The preview did not finish."
            : `Looking at records${now?.progress.done ? `: ${now.progress.done} of ${now.progress.of ?? LAST}` : "…"}`}
        </p>
      )}
      {result && <ImpactView result={result} />}
    </Dialog>
  );
}

function ImpactView({ result }: { result: Impact }) {
  const statuses = [...new Set([...Object.keys(result.statuses_before ?? {}), ...Object.keys(result.statuses_after ?? {})])];
  return (
    <div className="flex flex-col gap-5">
      <div className="flex flex-wrap gap-6">
        <Figure label="records looked at" value={result.examined} />
        <Figure label="would appear" value={result.counts?.appear ?? result.appear.length} />
        <Figure label="would change" value={result.counts?.change ?? result.change.length} />
        <Figure label="would vanish" value={result.counts?.vanish ?? result.vanish.length} />
      </div>
      {statuses.length > 0 && (
        <table className="w-full max-w-md text-xs">
          <thead>
            <tr className="text-left text-muted">
              <th className="py-1 font-medium">Executions</th>
              <th className="py-1 text-right font-medium">saved version</th>
              <th className="py-1 text-right font-medium">your draft</th>
            </tr>
          </thead>
          <tbody>
            {statuses.map((status) => (
              <tr key={status} className="border-t border-line">
                <td className="py-1">{humanize(status)}</td>
                <td className="tabular py-1 text-right">{result.statuses_before?.[status] ?? 0}</td>
                <td className="tabular py-1 text-right">{result.statuses_after?.[status] ?? 0}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Group title="Would appear" rows={result.appear} />
      <Group title="Would change" rows={result.change} />
      <Group title="Would vanish" rows={result.vanish} />
      {result.appear.length + result.change.length + result.vanish.length === 0 && <p className="text-sm text-muted">Nothing would be different.</p>}
    </div>
  );
}

function Figure({ label, value }: { label: string; value: number }) {
  return (
    <div>
      <div className="tabular text-xl font-semibold">{value.toLocaleString("en")}</div>
      <div className="text-xs text-muted">{label}</div>
    </div>
  );
}

/** Rows that are drawn of a group. */
const SHOWN = 100;

function Group({ title, rows }: { title: string; rows: readonly Affected[] }) {
  if (rows.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3 className="mb-1 text-sm font-semibold">{title}</h3>
      <ul className="divide-y divide-line rounded-lg border border-line">
        {rows.slice(0, SHOWN).map((row, at) => (
          <li key={at} className="flex items-center gap-3 px-3 py-1.5 text-xs">
            <span className="w-28 shrink-0 text-muted">{humanize(row.kind)}</span>
            <span className="ellipsis font-mono">{row.external_id}</span>
            <span className="ml-auto flex min-w-0 flex-col items-end gap-0.5">
              {row.fields.map((field) => (
                <span key={field.field} className="flex min-w-0 items-center gap-1.5">
                  <span className="shrink-0 text-muted">{humanize(field.field)}</span>
                  <Value value={field.from ?? null} className="max-w-40" />
                  <span aria-label="to">→</span>
                  <Value value={field.to ?? null} className="max-w-40" />
                </span>
              ))}
            </span>
          </li>
        ))}
      </ul>
      {rows.length > SHOWN && <p className="mt-1 text-xs text-muted">and {rows.length - SHOWN} more</p>}
    </section>
  );
}
