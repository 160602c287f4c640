import { useQuery } from "@tanstack/react-query";
import { FlaskConical } from "lucide-react";
import { useState } from "react";

import { api } from "~/api/client";
import { enrichmentPlaceholders, enrichmentProblems, type FetchKind, type HttpEnrichment, type MissingKind, possibleParents, usualCache } from "~/core/httpEnrichment";
import { PathPicker } from "~/features/forms/PathPicker";
import type { Json, JsonObject, Page, RecordSummary, TriedEnrichment } from "~/generated/api";
import { Button } from "~/ui/Button";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { Select } from "~/ui/Select";
import { useForm } from "~/ui/useForm";

import { Answered, Inferred, TryFailed } from "./Inferred";
import { PagingFields } from "./PagingFields";
import { RequestFields } from "./RequestFields";

/** What tries have found, by the name of the enrichment. */
export type Learnt = { [name: string]: TriedEnrichment | undefined };

const kinds: { value: FetchKind; label: string; hint: string }[] = [
  { value: "one", label: "One by its id", hint: "A request for each, such as /users/{id}" },
  { value: "many", label: "Several ids in one request", hint: "The request reads {ids}" },
  { value: "table", label: "A whole list, loaded once", hint: "Stages, users: what there are few of" },
];
const missings: { value: MissingKind; label: string; hint: string }[] = [
  { value: "null", label: "It is empty", hint: "The spec decides what to do without it" },
  { value: "fail", label: "The execution fails", hint: "And says what was missing" },
  { value: "retry", label: "It is tried again later", hint: "For what may not be there yet; a failure in the end" },
];
const whereLabels: { [kind in FetchKind]: string } = { one: "Where it is in the answer", many: "Where the list is in the answer", table: "Where the list is in the answer" };

/** What an enrichment is edited and tried with, whichever it is. */
export type EnrichmentSurroundings = {
  provider: string;
  model: string;
  onLearnt: (model: string, shape: Json) => void;
  strict: boolean;
  /** The fields of the record. */
  fields: readonly { path: string; type: string }[];
  /** The records of the first page, where the poll was tried. */
  records: Json[];
  received: boolean;
  settings: (enrichments: HttpEnrichment[]) => JsonObject;
};

type Props = EnrichmentSurroundings & {
  enrichment: HttpEnrichment;
  all: HttpEnrichment[];
  onChange: (change: Partial<HttpEnrichment>) => void;
  tried: TriedEnrichment | null;
  onTried: (tried: TriedEnrichment | null) => void;
};

/** One enrichment: by what it is fetched, how it is asked for, where it stands in the answer; and a try on a record. */
export function EnrichmentEditor({ provider, model, enrichment, all, onChange, onLearnt, strict, fields, records, received, settings, tried, onTried }: Props) {
  const form = useForm();
  const [on, setOn] = useState("page:0");
  const found = enrichmentProblems(enrichment, all);
  const problems = strict || form.tried ? found : {};
  const parents = possibleParents(enrichment, all);
  const stored = useQuery({ queryKey: ["models", model, "records", "to-try"], queryFn: () => api.get<Page<RecordSummary>>(`/models/${encodeURIComponent(model)}/records`, { limit: 10 }), enabled: received });
  const owner = enrichment.on || model;
  const clashes = enrichment.name !== "" && fields.some((field) => field.path.split(".")[0] === enrichment.name);
  const choices = [
    ...(records.length > 0 ? records : [null]).slice(0, 10).map((record, at) => ({ value: `page:${at}`, label: at === 0 ? "First record of the first page" : `Record ${at + 1} of the first page`, hint: record === null ? undefined : told(record) })),
    ...(stored.data?.items ?? []).map((each) => ({ value: `stored:${each.id}`, label: `Received: ${each.key ?? each.id}`, hint: each.summary })),
  ];

  const attempt = () =>
    form.send(async () => {
      onTried(null);
      // What it hangs on has to be there; what else is half filled in does no harm.
      const needed = all.filter((each) => each === enrichment || Object.keys(enrichmentProblems(each, all)).length === 0);
      const [where, which] = on.split(":");
      const answer = await api.post<TriedEnrichment>(`/providers/${provider}/try-enrichment`, {
        settings: settings(needed),
        enrichment: enrichment.name,
        record: where === "stored" ? { id: which } : { place: Number(which) },
      });
      onTried(answer);
      if (answer.found !== null && answer.found !== undefined) onLearnt(answer.model, answer.shape);
    }, { ready: Object.keys(found).length === 0 });

  return (
    <div className="flex flex-col gap-4 border-t border-line bg-sunken px-3 py-4">
      <div className="grid grid-cols-2 gap-3">
        <Field label="Name of the enrichment" error={problems.name} help={clashes ? `${owner} has a field ${enrichment.name} of its own: specs will read this one under another name` : `Specs read it as a field, such as ${owner}.${enrichment.name || "owner"}`}>
          {(control) => <Input {...control} mono autoFocus={enrichment.name === ""} value={enrichment.name} placeholder="owner" onChange={(event) => onChange({ name: event.target.value.trim() })} />}
        </Field>
        {(parents.length > 0 || enrichment.on) && (
          <Field label="Belongs to" error={problems.on} help="What holds the id">
            {(control) => <Select {...control} value={enrichment.on || "$record"} onChange={(next) => onChange({ on: next === "$record" ? "" : next })} options={[{ value: "$record", label: `the record (${model})` }, ...parents.map((name) => ({ value: name, label: name }))]} />}
          </Field>
        )}
        <Field label="Fetched by" error={problems.id} help={fields.length > 0 ? "The field that holds its id" : `The field that holds its id; try ${enrichment.on || "the poll"} first to choose it`}>
          {(control) => <PathPicker {...control} value={enrichment.id} fields={fields} onChange={(id) => onChange({ id })} />}
        </Field>
        <Field label="How it is fetched">{(control) => <Select {...control} value={enrichment.kind} onChange={(kind) => onChange({ kind })} options={kinds} />}</Field>
      </div>
      <RequestFields request={enrichment} onChange={onChange} placeholders={enrichmentPlaceholders(enrichment.kind)} problems={problems} example={enrichment.kind === "one" ? "/users/{id}" : "/users"} />
      <div className="grid grid-cols-2 gap-3">
        <Field label={whereLabels[enrichment.kind]} required={enrichment.kind === "many" ? undefined : false} error={problems.record} help="A path such as data; the body itself where empty">
          {(control) => <Input {...control} mono value={enrichment.record} onChange={(event) => onChange({ record: event.target.value })} />}
        </Field>
        {enrichment.kind !== "one" && (
          <Field label="Field of an item that holds its id" error={problems.key}>
            {(control) => <Input {...control} mono value={enrichment.key} onChange={(event) => onChange({ key: event.target.value })} />}
          </Field>
        )}
        {enrichment.kind === "many" && (
          <Field label="Ids in one request, at most" error={problems.batch}>
            {(control) => <Input {...control} inputMode="numeric" value={enrichment.batch} onChange={(event) => onChange({ batch: event.target.value.trim() })} />}
          </Field>
        )}
        {enrichment.kind === "table" && <PagingFields paging={enrichment} onChange={onChange} problems={problems} />}
        <Field label="Kept for" required={false} error={problems.cache} help={`How long what was fetched serves other records too: ${usualCache(enrichment.kind)} where empty, 0 s asks each time`}>
          {(control) => <Input {...control} value={enrichment.cache} placeholder={usualCache(enrichment.kind)} onChange={(event) => onChange({ cache: event.target.value })} />}
        </Field>
        <Field label="Where there is none">{(control) => <Select {...control} value={enrichment.missing} onChange={(missing) => onChange({ missing })} options={missings} />}</Field>
      </div>
      <div aria-live="polite">
        <div className="flex items-end gap-2">
          <Field label="Try on" className="w-80">
            {(control) => <Select {...control} value={choices.some((choice) => choice.value === on) ? on : (choices[0]?.value ?? null)} onChange={setOn} options={choices} />}
          </Field>
          <Button icon={<FlaskConical className="size-3.5" />} busy={form.busy} onClick={() => void attempt()}>
            Try enrichment
          </Button>
        </div>
        <TryFailed error={form.error} />
        {tried && form.error === null && <Outcome tried={tried} enrichment={enrichment} onChange={onChange} />}
      </div>
    </div>
  );
}

/** A record in a line. */
function told(record: Json): string {
  if (record === null || typeof record !== "object" || Array.isArray(record)) return String(record);
  const said = Object.entries(record).filter(([, value]) => value !== null && typeof value !== "object");
  return said.slice(0, 3).map(([name, value]) => `${name}: ${String(value).slice(0, 30)}`).join(" · ");
}

function objectIn(body: Json | null | undefined): string | undefined {
  if (body === null || body === undefined || typeof body !== "object" || Array.isArray(body)) return undefined;
  return Object.entries(body).find(([, value]) => value !== null && typeof value === "object")?.[0];
}

/** What a try of an enrichment came to. */
function Outcome({ tried, enrichment, onChange }: { tried: TriedEnrichment; enrichment: HttpEnrichment; onChange: (change: Partial<HttpEnrichment>) => void }) {
  const label = `What ${enrichment.name} is`;
  const isThere = tried.found !== null && tried.found !== undefined;
  // Where the body itself was taken, and holds one thing alone, that is what is meant.
  const inside = enrichment.kind === "one" && enrichment.record.trim() === "" && isThere && Object.keys(tried.found as JsonObject).length <= 2 ? objectIn(tried.found) : !isThere ? objectIn(tried.body) : undefined;
  return (
    <div className="mt-3 rounded-md border border-line bg-surface" role="group" aria-label={label}>
      <div className="flex flex-col gap-1 border-b border-line px-3 py-1.5">
        <p>
          {tried.request === null || tried.request === undefined
            ? `This record holds nothing at ${enrichment.id}: nothing is form.tried for, and the enrichment is empty.`
            : isThere
              ? "Found"
              : "Nothing was found. Where that is right, the enrichment is empty; else, see where it stands in the answer."}
        </p>
        {tried.request && <p className="ellipsis font-mono text-xs text-muted">{tried.request}</p>}
        {inside && inside !== enrichment.record && (
          <p className="flex items-center gap-2 text-xs">
            <span>
              <span className="font-mono">{inside}</span> holds something: is it there?
            </span>
            <Button size="sm" onClick={() => onChange({ record: inside })}>
              Use it
            </Button>
          </p>
        )}
      </div>
      {isThere ? (
        <Inferred label={label} fields={tried.fields} value={tried.found ?? null} valueTitle="As it came" />
      ) : (
        tried.body !== null &&
        tried.body !== undefined && (
          <div className="p-3">
            <Answered label={label} value={tried.body} />
          </div>
        )
      )}
    </div>
  );
}
