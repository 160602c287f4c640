import { humanize } from "~/core/catalog";
import type { Json } from "~/core/json";

import { Value } from "../editor/look";

/** A record that would come out otherwise. */
type Affected = { kind: string; external_id: string; fields: { field: string; from: Json; to: Json }[] };

export type Impact = {
  examined: number;
  counts: { appear: number; change: number; vanish: number; same: number };
  appear: Affected[];
  change: Affected[];
  vanish: Affected[];
  statuses_before: { [status: string]: number };
  statuses_after: { [status: string]: number };
};

/** What a draft would make of records otherwise than what is saved. */
export function ImpactView({ result }: { result: Impact }) {
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
