import { decimal, words } from "~/core/numbers";
import type { DataRecord, Json } from "~/generated/api";
import { Badge } from "~/ui/Badge";
import { Masked } from "~/ui/JsonTree";
import { RelativeTime } from "~/ui/RelativeTime";

type ColumnOf = { field: string; title: string; width: string; align?: "start" | "end" };

/** Fields that are no columns: ids of ours, and what has a place of its own. */
const hidden = new Set(["id", "execution", "history", "created", "updated", "locked", "kind"]);
/** What a reader looks for first; the rest follows in the order in which the server gives it. */
const first = ["external_id", "moment", "started_at", "starts_at", "from", "begin", "agent"];

/** The columns that some records call for: every field that any of them has. The application knows no kind of record by name. */
export function columnsOf(rows: readonly DataRecord[]): ColumnOf[] {
  const fields: string[] = [];
  const used = new Set<string>();
  for (const row of rows) {
    for (const [field, value] of Object.entries(row)) {
      if (hidden.has(field)) continue;
      if (!fields.includes(field)) fields.push(field);
      if (value !== null && value !== undefined) used.add(field);
    }
  }
  const shown = fields.filter((field) => used.has(field));
  const ordered = [...first.filter((field) => shown.includes(field)), ...shown.filter((field) => !first.includes(field))].slice(0, 9);
  const sample = (field: string) => rows.find((row) => row[field] !== null && row[field] !== undefined)?.[field];
  return ordered.map((field) => {
    const value = sample(field);
    const time = isTime(value);
    const number = typeof value === "number" || isDecimal(field, value);
    const width = time ? "7.5rem" : number ? "7rem" : typeof value === "boolean" ? "6rem" : field === "agent" ? "minmax(13rem, 1.4fr)" : field === "external_id" || typeof value === "object" ? "minmax(9rem, 1.3fr)" : "minmax(7rem, 1fr)";
    return { field, title: words(field.replace(/_external_identity$/, "")), width, align: number ? "end" : "start" };
  });
}

function isTime(value: unknown): value is string {
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value);
}

function isDecimal(field: string, value: unknown): value is string {
  return typeof value === "string" && !/(^|_)(id|key|number)$/.test(field) && /^-?\d{1,28}(\.\d+)?$/.test(value);
}

type Named = { id?: string; name?: string; external_id?: string; external_name?: string | null };

/** A value of a record, as its shape suggests. */
export function Cell({ field, value, full }: { field: string; value: Json | undefined; full?: boolean }) {
  if (value === null || value === undefined || value === "") return <span className="text-faint">{full ? "empty" : ""}</span>;
  if (isTime(value)) return <RelativeTime at={value} clock />;
  if (isDecimal(field, value)) return <span className="tabular">{decimal(value)}</span>;
  if (typeof value === "boolean") return <>{value ? "yes" : "no"}</>;
  if (typeof value === "object" && !Array.isArray(value)) {
    if (value.masked === true) return <Masked />;
    const { identity, entity } = value as { identity?: Named; entity?: Named | null };
    if (identity || entity) {
      return entity ? (
        <span className="font-medium">{entity.name}</span>
      ) : (
        <span className="inline-flex items-center gap-1.5">
          <span className="ellipsis">{identity?.external_name || identity?.external_id}</span>
          <Badge tone="warn">unlinked</Badge>
        </span>
      );
    }
    const named = value as Named;
    return <>{named.name ?? named.external_name ?? named.external_id ?? JSON.stringify(value)}</>;
  }
  if (Array.isArray(value)) return <>{value.map(String).join(", ")}</>;
  const text = String(value);
  if (field === "external_id" || /^hmac:/.test(text)) return <span className="font-mono text-xs">{!full && text.length > 40 ? `${text.slice(0, 12)}…` : text}</span>;
  return <>{text}</>;
}
