import { decimal, words } from "~/core/numbers";
import { clock } from "~/core/time";
import type { Attributed, DataRecord, Json } from "~/generated/api";
import { Badge } from "~/ui/Badge";
import { Masked } from "~/ui/JsonTree";
import { RelativeTime } from "~/ui/RelativeTime";

type ColumnOf = { field: string; title: string; width: string; align?: "start" | "end"; drop?: number; digits?: number };

/** What a reader looks for first; the rest follows in the order in which the server gives it. */
const first = ["moment", "started_at", "from", "started", "at"];

/** The columns that some records call for: every field that any of them has. The application knows no kind of record by name. */
export function columnsOf(rows: readonly DataRecord[]): ColumnOf[] {
  const fields: string[] = [];
  for (const row of rows) {
    for (const [field, value] of Object.entries(row.fields)) {
      // The agent has a column of its own.
      if (value !== null && value !== undefined && field !== "agent_external_identity" && !fields.includes(field)) fields.push(field);
    }
  }
  const ordered = [...first.filter((field) => fields.includes(field)), ...fields.filter((field) => !first.includes(field))].slice(0, 7);
  return ordered.map((field, at) => {
    const value = rows.find((row) => row.fields[field] !== null && row.fields[field] !== undefined)?.fields[field];
    const number = typeof value === "number" || isDecimal(field, value);
    const width = isTime(value) ? "7.5rem" : number ? "7rem" : typeof value === "boolean" ? "6rem" : typeof value === "object" ? "minmax(9rem, 1.2fr)" : "minmax(7rem, 1fr)";
    // Amounts stand below each other with the same number of digits; what is read first stays where there is little room.
    const digits = number ? Math.min(2, Math.max(...rows.map((row) => fraction(row.fields[field])))) : undefined;
    return { field, title: titleOf(field), width, align: number ? "end" : "start", drop: at === 0 ? undefined : isPseudonym(value) ? at + 100 : at, digits };
  });
}

function fraction(value: Json | undefined): number {
  return typeof value === "string" ? (value.split(".")[1]?.length ?? 0) : 0;
}

/** A field as a heading: `proposition_external_identity` is the proposition. */
export function titleOf(field: string): string {
  return words(field.replace(/_external_identity$/, ""));
}

/** Who did it; unlinked where the identity belongs to nobody yet. */
export function AgentCell({ agent }: { agent: Attributed | null }) {
  if (!agent) return <span className="text-faint">nobody</span>;
  if (agent.entity) return <span className="font-medium">{agent.entity.name}</span>;
  return (
    <span className="flex items-center gap-1.5">
      <span className="ellipsis">{agent.external_name || agent.external_id}</span>
      <Badge tone="warn">unlinked</Badge>
    </span>
  );
}

function isTime(value: unknown): value is string {
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value);
}

/** A keyed hash: it says nothing to a reader. */
function isPseudonym(value: unknown): boolean {
  return typeof value === "string" && value.startsWith("hmac:");
}

function isDecimal(field: string, value: unknown): value is string {
  return typeof value === "string" && !/(^|_)(id|key|number)$/.test(field) && /^-?\d{1,28}(\.\d+)?$/.test(value);
}

type Named = { id?: string; name?: string; external_id?: string; external_name?: string | null };

/** A value of a record, as its shape suggests. */
export function Cell({ field, value, full, digits = 0 }: { field: string; value: Json | undefined; full?: boolean; digits?: number | undefined }) {
  if (value === null || value === undefined || value === "") return <span className="text-faint">{full ? "empty" : ""}</span>;
  if (isTime(value)) return <RelativeTime at={value} clock />;
  if (/(^|_)duration$/.test(field) && !Number.isNaN(Number(value))) return <span className="tabular">{clock(Number(value))}</span>;
  if (isDecimal(field, value)) return <span className="tabular">{decimal(value, digits)}</span>;
  if (typeof value === "boolean") return <>{value ? "yes" : "no"}</>;
  if (typeof value === "object" && !Array.isArray(value)) {
    if (value.masked === true) return <Masked />;
    if ("identity" in value || "entity" in value) return <AgentCell agent={value as unknown as Attributed} />;
    const named = value as Named;
    return <>{named.name ?? named.external_name ?? named.external_id ?? JSON.stringify(value)}</>;
  }
  if (Array.isArray(value)) return <>{value.map(String).join(", ")}</>;
  const text = String(value);
  if (field === "external_id" || isPseudonym(text)) return <span className="font-mono text-xs">{!full && text.length > 40 ? `${text.slice(0, 12)}…` : text}</span>;
  return <>{text}</>;
}
