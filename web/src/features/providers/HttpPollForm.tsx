import { FlaskConical } from "lucide-react";
import { useState } from "react";

import { messageOf } from "~/api/client";
import { type HttpPoll, type PagingKind, placeholders, pollProblems, type SinceKind } from "~/core/httpPoll";
import { fieldsOf } from "~/core/model";
import { plural, words } from "~/core/numbers";
import { MappingInput } from "~/features/forms/ListInput";
import type { Json } from "~/generated/api";
import { Button } from "~/ui/Button";
import { Field } from "~/ui/Field";
import { Input, Textarea } from "~/ui/Input";
import { JsonTree } from "~/ui/JsonTree";
import { Select } from "~/ui/Select";
import { Notice } from "~/ui/states";
import { Tabs } from "~/ui/Tabs";

/** What the first page of a poll gave. */
export type Tried = { records: Json[]; count: number; request: string; more: boolean; fields: Json; key: string | null; version: string | null; body: Json | null };

const pagings: { value: PagingKind; label: string; hint?: string }[] = [
  { value: "none", label: "One page" },
  { value: "page", label: "Numbered pages", hint: "The request reads {page}" },
  { value: "offset", label: "An offset", hint: "The request reads {offset}" },
  { value: "cursor", label: "A cursor in the answer", hint: "The request reads {cursor}" },
  { value: "next_url", label: "The address of the next page in the answer" },
  { value: "link_header", label: "The Link header" },
  { value: "last_record", label: "After the last record", hint: "The request reads {cursor}" },
];
const pathLabels: { [kind in PagingKind]?: string } = { cursor: "Where the cursor stands", next_url: "Where the address stands", last_record: "Field of the last record" };
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

type Props = { poll: HttpPoll; onChange: (poll: HttpPoll) => void; strict: boolean; onTry: () => Promise<Tried> };

/** Polling any JSON API by filling in a form: the request, where the records are, how pages follow, what "updated since" means. */
export function HttpPollForm({ poll, onChange, strict, onTry }: Props) {
  const [tried, setTried] = useState<Tried | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [asked, setAsked] = useState(false);
  const found = pollProblems(poll);
  const problems = strict || asked ? found : {};
  const set = (change: Partial<HttpPoll>) => onChange({ ...poll, ...change });
  const attempt = async () => {
    setAsked(true);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    setError(null);
    setTried(null);
    try {
      setTried(await onTry());
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="flex flex-col gap-4">
      <div className="grid grid-cols-[7rem_minmax(0,1fr)] gap-3">
        <Field label="Method">
          {(control) => (
            <Select
              {...control}
              value={poll.method}
              onChange={(method) => set({ method })}
              options={[
                { value: "GET", label: "GET" },
                { value: "POST", label: "POST" },
              ]}
            />
          )}
        </Field>
        <Field label="Path" error={problems.path}>
          {(control) => <Input {...control} mono value={poll.path} placeholder="/v2/deals" onChange={(event) => set({ path: event.target.value })} />}
        </Field>
      </div>
      <Field
        label="Query parameters"
        required={false}
        help={
          <>
            These are filled in:{" "}
            {Object.keys(placeholders).map((name) => (
              <code key={name} className="mr-1 rounded-sm bg-neutral-soft px-1 font-mono text-2xs">
                {`{${name}}`}
              </code>
            ))}
          </>
        }
      >
        {(control) => <MappingInput {...control} label="Query parameter" columns={["name", "value"]} value={poll.query} onChange={(query) => set({ query })} />}
      </Field>
      <Field label="Headers" required={false} help="Those that this request alone needs. What proves who asks is added by the provider.">
        {(control) => <MappingInput {...control} label="Header" columns={["name", "value"]} value={poll.headers} onChange={(headers) => set({ headers })} />}
      </Field>
      {poll.method === "POST" && (
        <Field label="Body" required={false} error={problems.body} help="JSON, with the same placeholders in its texts">
          {(control) => <Textarea {...control} mono rows={5} value={poll.body} onChange={(event) => set({ body: event.target.value })} />}
        </Field>
      )}
      <div className="grid grid-cols-2 gap-3">
        <Field label="Where the records are" required={false} help="A path such as data.items; the body itself where empty">
          {(control) => <Input {...control} mono value={poll.records} onChange={(event) => set({ records: event.target.value })} />}
        </Field>
        <Field label="Key" error={problems.key} help="The field that tells one record from another">
          {(control) => <Input {...control} mono value={poll.key} onChange={(event) => set({ key: event.target.value })} />}
        </Field>
        <Field label="Pages">{(control) => <Select {...control} value={poll.paging} onChange={(paging) => set({ paging })} options={pagings} />}</Field>
        {poll.paging !== "none" && (
          <Field label="Records on a page" error={problems.size} help="The request reads {size}">
            {(control) => <Input {...control} inputMode="numeric" value={poll.size} onChange={(event) => set({ size: event.target.value.trim() })} />}
          </Field>
        )}
        {pathLabels[poll.paging] && (
          <Field label={pathLabels[poll.paging]} error={problems.pagingPath} help="A path in the answer, such as meta.next">
            {(control) => <Input {...control} mono value={poll.pagingPath} onChange={(event) => set({ pagingPath: event.target.value })} />}
          </Field>
        )}
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
        <Button icon={<FlaskConical className="size-3.5" />} busy={busy} onClick={() => void attempt()}>
          Try
        </Button>
        {error !== null && (
          <div className="mt-3">
            <Notice tone="danger" title="That did not work">
              {messageOf(error)}
            </Notice>
          </div>
        )}
        {tried && <FirstPage tried={tried} poll={poll} onChange={set} />}
      </div>
    </div>
  );
}

/** What the first page holds: how many records, the fields that were inferred from them, and the first of them as it came. */
function FirstPage({ tried, poll, onChange }: { tried: Tried; poll: HttpPoll; onChange: (change: Partial<HttpPoll>) => void }) {
  const [tab, setTab] = useState<"fields" | "record">("fields");
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
          <p className="mb-2 text-xs text-muted">No records stand there. This is what was answered: say above where the records are in it.</p>
          <Answered value={tried.body} />
        </div>
      ) : (
        <div className="flex h-72 flex-col px-3">
          <Tabs
            label="What the first page gave"
            value={tab}
            onChange={setTab}
            tabs={[
              {
                value: "fields",
                label: "Fields",
                count: fields.length,
                content: (
                  <div className="min-h-0 flex-1 overflow-y-auto py-2" tabIndex={0} role="group" aria-label="Fields">
                    <table aria-label="Fields that were inferred" className="w-full table-fixed text-left text-xs">
                      <thead className="text-muted">
                        <tr>
                          <th className="w-1/2 py-1 font-medium">Field</th>
                          <th className="py-1 font-medium">Type</th>
                          <th className="py-1 font-medium">Personal</th>
                        </tr>
                      </thead>
                      <tbody>
                        {fields.map((field) => (
                          <tr key={field.path} className="border-t border-line">
                            <td className="ellipsis py-1 font-mono">{field.path}</td>
                            <td className="py-1">
                              {field.type}
                              {field.mayBeEmpty && <span className="text-muted">, may be empty</span>}
                            </td>
                            <td className="py-1">{field.personal ? words(field.personal) : ""}</td>
                          </tr>
                        ))}
                      </tbody>
                    </table>
                  </div>
                ),
              },
              {
                value: "record",
                label: "First record",
                content: (
                  <div className="min-h-0 flex-1 py-2">
                    <Answered value={tried.records[0] ?? null} />
                  </div>
                ),
              },
            ]}
          />
        </div>
      )}
    </div>
  );
}

function Answered({ value }: { value: Json }) {
  return (
    <div className="max-h-56 overflow-y-auto" tabIndex={0} role="group" aria-label="What the first page gave">
      <JsonTree value={value} open={2} />
    </div>
  );
}
