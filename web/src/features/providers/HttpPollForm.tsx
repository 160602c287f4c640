import { FlaskConical } from "lucide-react";

import { type HttpPoll, pollPlaceholders, pollProblems, type SinceKind } from "~/core/httpPoll";
import { fieldsOf } from "~/core/model";
import { plural } from "~/core/numbers";
import type { TriedPoll } from "~/generated/api";
import { Button } from "~/ui/Button";
import { Checkbox } from "~/ui/Checkbox";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { Select } from "~/ui/Select";
import { Notice } from "~/ui/states";
import { useForm } from "~/ui/useForm";

import { Answered, Inferred, TryFailed } from "./Inferred";
import { PagingFields } from "./PagingFields";
import { RequestFields } from "./RequestFields";

const sinces: { value: SinceKind; label: string; hint: string }[] = [
  { value: "none", label: "Take everything each time", hint: "What did not change is recognised" },
  { value: "server", label: "The API filters", hint: "The request reads {since}" },
  { value: "engine", label: "Older records are left out here", hint: "For an API that cannot filter" },
];
const formats = [
  { value: "iso", label: "2026-03-01T12:00:00Z" },
  { value: "seconds", label: "Seconds since 1970" },
  { value: "milliseconds", label: "Milliseconds since 1970" },
  { value: "date", label: "2026-03-01" },
];

type Props = { poll: HttpPoll; onChange: (poll: HttpPoll) => void; strict: boolean; tried: TriedPoll | null; onTry: () => Promise<unknown> };

/** Polling any JSON API by filling in a form: the request, where the records are, how pages follow, what "updated since" means. */
export function HttpPollForm({ poll, onChange, strict, tried, onTry }: Props) {
  const form = useForm();
  const found = pollProblems(poll);
  const problems = strict || form.tried ? found : {};
  const set = (change: Partial<HttpPoll>) => onChange({ ...poll, ...change });
  const attempt = () => form.send(onTry, { ready: Object.keys(found).length === 0 });
  return (
    <div className="flex flex-col gap-4">
      <RequestFields request={poll} onChange={set} placeholders={pollPlaceholders} problems={problems} example="/v2/deals" />
      <div className="grid grid-cols-2 gap-3">
        <Field label="Where the records are" required={false} help="A path such as data.items; the body itself where empty">
          {(control) => <Input {...control} mono value={poll.records} onChange={(event) => set({ records: event.target.value })} />}
        </Field>
        <Field label="Key" error={problems.key} help="The field that tells one record from another">
          {(control) => <Input {...control} mono value={poll.key} onChange={(event) => set({ key: event.target.value })} />}
        </Field>
        <Field
          className="col-span-2"
          label="The answer may leave the list out"
          help="Some APIs leave the list out, or null, where there is nothing. Unless that is so, an answer without it is an error: the run stops, and nothing is passed over."
        >
          {(control) => <Checkbox {...control} checked={poll.absent} onChange={(absent) => set({ absent })} />}
        </Field>
        <PagingFields paging={poll} onChange={set} problems={problems} />
      </div>
      <div className="grid grid-cols-2 gap-3">
        <Field label="Only what changed">{(control) => <Select {...control} value={poll.since} onChange={(since) => set({ since })} options={sinces} />}</Field>
        {poll.since !== "none" && (
          <>
            <Field label="Field that says when it changed" error={problems.sinceField}>
              {(control) => <Input {...control} mono value={poll.sinceField} placeholder="updated_at" onChange={(event) => set({ sinceField: event.target.value })} />}
            </Field>
            <Field label="How it is written">
              {(control) => <Select {...control} value={poll.sinceFormat || "iso"} onChange={(sinceFormat) => set({ sinceFormat: sinceFormat === "iso" ? "" : sinceFormat })} options={formats} />}
            </Field>
          </>
        )}
      </div>
      <div aria-live="polite">
        <Button icon={<FlaskConical className="size-3.5" />} busy={form.busy} onClick={() => void attempt()}>
          Try
        </Button>
        <TryFailed error={form.error} />
        {tried && form.error === null && <FirstPage tried={tried} poll={poll} onChange={set} />}
      </div>
    </div>
  );
}

/** What the first page holds: how many records, the fields that were inferred from them, and the first of them as it came. */
function FirstPage({ tried, poll, onChange }: { tried: TriedPoll; poll: HttpPoll; onChange: (change: Partial<HttpPoll>) => void }) {
  const fields = fieldsOf(tried.fields);
  // Where the body itself was taken as the one record, the list in it is what is meant.
  const inside = poll.records.trim() === "" && tried.count === 1 ? fields.find((field) => field.type === "array" && fields.some((each) => each.path.startsWith(`${field.path}[].`)))?.path : undefined;
  const offers = [
    { what: "records", field: inside, is: "", says: "is a list: are the records there?", take: () => onChange({ records: inside ?? "" }) },
    { what: "key", field: tried.key, is: poll.key, says: "looks like its key", take: () => onChange({ key: tried.key ?? poll.key }) },
    { what: "time", field: poll.since === "none" ? null : tried.version, is: poll.sinceField, says: "looks like the time of its last change", take: () => onChange({ sinceField: tried.version ?? poll.sinceField }) },
  ].filter((offer) => offer.field && offer.field !== offer.is);
  return (
    <div className="mt-3 rounded-md border border-line">
      <div className="flex flex-col gap-1 border-b border-line bg-sunken px-3 py-1.5">
        <p>
          {plural(tried.count, "record")} on the first page{tried.more && ", and there are more"}
        </p>
        <p className="ellipsis font-mono text-xs text-muted">{tried.request}</p>
        {offers.map((offer) => (
          <p key={offer.what} className="flex items-center gap-2 text-xs">
            <span>
              <span className="font-mono">{offer.field}</span> {offer.says}
            </span>
            <Button size="sm" onClick={offer.take}>
              Use it
            </Button>
          </p>
        ))}
      </div>
      {tried.count === 0 ? (
        <div className="p-3">
          {tried.problem && (
            <div className="mb-2">
              <Notice tone="warn" title="A run would stop here">
                {tried.problem}
              </Notice>
            </div>
          )}
          <p className="mb-2 text-xs text-muted">No records stand there. This is what was answered: say above where the records are in it.</p>
          <Answered label="What the first page gave" value={tried.body ?? null} />
        </div>
      ) : (
        <Inferred label="What the first page gave" fields={tried.fields} value={tried.records[0] ?? null} valueTitle="First record" />
      )}
    </div>
  );
}
