import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ListTree, ShieldCheck } from "lucide-react";
import { useState } from "react";

import { api, ApiError } from "~/api/client";
import { modelQuery } from "~/api/queries";
import { useMay } from "~/api/session";
import { type FieldEdit, isEdited, withEdit } from "~/core/model";
import { plural, words } from "~/core/numbers";
import { rankBy } from "~/core/search";
import type { JsonObject, Model, ModelField, Source } from "~/generated/api";
import { Badge } from "~/ui/Badge";
import { Button } from "~/ui/Button";
import { Checkbox } from "~/ui/Checkbox";
import { Combobox } from "~/ui/Combobox";
import { cx } from "~/ui/cx";
import { SearchInput } from "~/ui/Input";
import { Select } from "~/ui/Select";
import { EmptyState, ErrorState, Notice, SkeletonRows } from "~/ui/states";
import { toast } from "~/ui/Toast";

const scalarTypes = ["string", "number", "boolean", "datetime", "any"];
const categories = ["name", "email", "phone", "address", "birth_date", "identifier", "free_text"];

/** The fields of a source model: inferred from what arrives, to be looked over. */
export function ModelFields({ model: name, source }: { model: string; source: Source }) {
  const model = useQuery({ ...modelQuery(name), retry: false });
  if (model.isPending) return <SkeletonRows />;
  if (model.isError) {
    if (model.error instanceof ApiError && model.error.status === 404) {
      return (
        <EmptyState icon={<ListTree />} title="No fields yet">
          They are inferred from the first record that arrives{source.kind === "webhook" ? "; set the URL at the sender, or send a test" : ""}. You can then correct types and mark what is personal.
        </EmptyState>
      );
    }
    return <ErrorState error={model.error} onRetry={() => void model.refetch()} />;
  }
  return <Fields key={model.data.etag} model={model.data.data} etag={model.data.etag} />;
}

function Fields({ model, etag }: { model: Model; etag: string | null }) {
  const client = useQueryClient();
  const may = useMay("builder") && model.inferred;
  const [text, setText] = useState("");
  const [edits, setEdits] = useState<JsonObject>(model.edits ?? {});
  const [local, setLocal] = useState<{ [path: string]: FieldEdit }>({});
  const [busy, setBusy] = useState(false);
  const dirty = JSON.stringify(edits) !== JSON.stringify(model.edits ?? {});
  const rows = rankBy(model.fields, text, (field) => [field.path]);
  const paths = model.fields.filter((field) => !field.path.includes("[]")).map((field) => ({ value: field.path, label: field.path }));

  const edit = (path: string, change: FieldEdit) => {
    setEdits((now) => withEdit(now, path, change));
    setLocal((now) => ({ ...now, [path]: { ...now[path], ...change } }));
  };
  const save = async () => {
    setBusy(true);
    try {
      await api.put(`/models/${encodeURIComponent(model.name)}`, { edits }, { ifMatch: etag ?? undefined });
      await client.invalidateQueries({ queryKey: ["models"] });
      toast.done("Saved", { detail: "Specs are checked against these fields from now on" });
    } catch (error) {
      if (error instanceof ApiError && error.status === 412) await client.invalidateQueries({ queryKey: ["models", model.name] });
      toast.failed("The fields were not saved", error);
    } finally {
      setBusy(false);
    }
  };
  const header = (key: "key" | "version") => (key in edits ? (edits[key] as string | null) : model[key]);

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex min-h-11 shrink-0 flex-wrap items-center gap-3 border-b border-line px-5 py-1.5">
        <SearchInput label="Search fields" value={text} onChange={setText} className="w-52" />
        <span className="text-xs text-muted">{plural(rows.length, "field")}</span>
        <div className="flex items-center gap-1.5 text-xs text-muted">
          Key
          <Combobox label="Field that tells one record from another" className="w-40" value={header("key")} options={paths} disabled={!may} onChange={(path) => setEdits((now) => ({ ...now, key: path }))} placeholder="none" />
        </div>
        <div className="flex items-center gap-1.5 text-xs text-muted">
          Version
          <Combobox label="Field that tells a later state from an earlier one" className="w-40" value={header("version")} options={paths} disabled={!may} onChange={(path) => setEdits((now) => ({ ...now, version: path }))} placeholder="none" />
        </div>
        <div className="ml-auto flex items-center gap-2">
          {dirty && (
            <Button
              size="sm"
              onClick={() => {
                setEdits(model.edits ?? {});
                setLocal({});
              }}
            >
              Discard
            </Button>
          )}
          {may && (
            <Button size="sm" variant="primary" disabled={!dirty} busy={busy} onClick={() => void save()}>
              Save fields
            </Button>
          )}
        </div>
      </div>
      {!model.inferred && (
        <div className="px-5 pt-3">
          <Notice>These fields are declared by the provider type. They cannot be edited here.</Notice>
        </div>
      )}
      {may && !header("key") && model.suggested_key && (
        <div className="px-5 py-3">
          <Notice
            tone="warn"
            title="Records have no key yet"
            action={
              <Button
                size="sm"
                onClick={() =>
                  setEdits((now) => ({
                    ...now,
                    key: model.suggested_key ?? null,
                    ...(model.suggested_version && !header("version") ? { version: model.suggested_version } : {}),
                  }))
                }
              >
                Use {model.suggested_key}
              </Button>
            }
          >
            The key tells one record from another. With it, records that come again are recognised, and changes to one run in order. <span className="font-mono text-xs">{model.suggested_key}</span> looks like it.
          </Notice>
        </div>
      )}
      {rows.length === 0 ? (
        <EmptyState icon={<ListTree />} title={text ? "No field is called that" : "No fields yet"} />
      ) : (
        <div className="min-h-0 flex-1 overflow-y-auto">
          <table className="w-full text-left">
            <thead className="sticky top-0 z-10 bg-surface">
              <tr className="h-8 text-xs text-muted shadow-[inset_0_-1px_var(--line)]">
                <th className="pl-5 font-medium">Field</th>
                <th className="w-44 px-3 font-medium">Type</th>
                <th className="w-28 px-3 font-medium">May be empty</th>
                <th className="w-64 px-3 font-medium">Personal</th>
                <th className="w-24 pr-5">
                  <span className="sr-only">Decided</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((field) => (
                <Row key={field.path} field={field} change={local[field.path]} edited={isEdited(edits, field.path)} may={may} onEdit={(change) => edit(field.path, change)} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

type RowProps = { field: ModelField; change: FieldEdit | undefined; edited: boolean; may: boolean; onEdit: (change: FieldEdit) => void };

function Row({ field, change, edited, may, onEdit }: RowProps) {
  const type = change?.type ?? field.type;
  const empty = change?.may_be_empty ?? field.may_be_empty;
  const personal = change && "personal" in change ? (change.personal ?? null) : field.personal;
  const nested = !scalarTypes.includes(field.type);
  const depth = field.path.split(".").length - 1;
  const at = field.path.lastIndexOf(".");
  const proposed = field.proposed_personal && !edited && personal === field.proposed_personal;
  return (
    <tr className={cx("h-9 border-b border-line", change && "bg-selected")}>
      <td className="pl-5">
        <span className="flex items-center font-mono text-xs" style={{ paddingLeft: depth * 14 }}>
          {at >= 0 && <span className="sr-only">{field.path.slice(0, at + 1)}</span>}
          {field.path.slice(at + 1)}
          {!field.seen && <span className="ml-2 font-sans text-faint">not seen yet</span>}
        </span>
      </td>
      <td className="px-3">
        {may && !nested ? (
          <Select size="sm" label={`Type of ${field.path}`} value={type} options={scalarTypes.map((value) => ({ value, label: value }))} onChange={(next) => onEdit({ type: next })} className="w-32 !border-transparent font-mono text-xs hover:!border-control" />
        ) : (
          <span className="px-2.5 font-mono text-xs text-muted">{type}</span>
        )}
      </td>
      <td className="px-3">
        <Checkbox label={`${field.path} may be empty`} checked={empty} disabled={!may} onChange={(next) => onEdit({ may_be_empty: next })} />
      </td>
      <td className="px-3">
        {may && !nested ? (
          <span className="flex items-center gap-2">
            <Select
              size="sm"
              label={`Personal category of ${field.path}`}
              value={personal?.split(",")[0] ?? "no"}
              options={[{ value: "no", label: "Not personal" }, ...categories.map((value) => ({ value, label: words(value) }))]}
              onChange={(next) => onEdit({ personal: next === "no" ? null : next })}
              className={cx("w-36 !border-transparent hover:!border-control", personal ? "!bg-violet-soft !text-violet-text" : "!text-muted")}
            />
            {proposed && <span className="text-xs text-faint">proposed</span>}
          </span>
        ) : personal ? (
          <Badge tone="violet">{words(personal)}</Badge>
        ) : (
          <span className="px-2.5 text-faint">no</span>
        )}
      </td>
      <td className="pr-5 text-right">{edited && <Badge icon={<ShieldCheck />}>decided</Badge>}</td>
    </tr>
  );
}
