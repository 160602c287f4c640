import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "~/api/client";
import { pages } from "~/api/queries";
import { foundSentence, given, type Found } from "~/core/erasure";
import { count, plural, words } from "~/core/numbers";
import type { Erasure } from "~/generated/api";
import { Status, type Tone } from "~/ui/Badge";
import { Button } from "~/ui/Button";
import { ConfirmDialog } from "~/ui/Dialog";
import { Field } from "~/ui/Field";
import { Input, Textarea } from "~/ui/Input";
import { Section } from "~/ui/Page";
import { RelativeTime } from "~/ui/RelativeTime";
import { ErrorState, Notice, Skeleton } from "~/ui/states";
import { useForm } from "~/ui/useForm";

import { SettingsFrame } from "./SettingsFrame";

const path = "/erasures";
const goesOn = (erasure: Erasure | undefined) => erasure?.state === "searching" || erasure?.state === "erasing";
const tones: Record<string, Tone> = { searching: "accent", found: "warn", erasing: "accent", finished: "ok", cancelled: "neutral" };
const names: Record<string, string> = { searching: "Looking", found: "Waits for you", erasing: "Erasing", finished: "Erased", cancelled: "Cancelled" };

/** `/settings/erasure`: a contact asks to be forgotten. It is looked for and counted, somebody looks at the counts, and then it goes. */
export default function ErasurePage() {
  const client = useQueryClient();
  const erasures = useInfiniteQuery(pages<Erasure>(path));
  const rows = erasures.data?.pages.flatMap((page) => page.items) ?? [];
  const open = rows.filter((row) => goesOn(row) || row.state === "found");
  const over = rows.filter((row) => !open.includes(row));
  const changed = () => client.invalidateQueries({ queryKey: ["pages", path] });
  return (
    <SettingsFrame title="Erase a contact">
      <Section
        title="Somebody asks to be forgotten"
        description="Everything that was received of them goes, with the traces of it. Executions and the numbers of records stay, and nothing says any more whose they were. First it is looked for and counted; nothing is erased before you confirm."
      >
        <Request onBegun={changed} />
      </Section>
      {erasures.isError && <ErrorState error={erasures.error} onRetry={() => void erasures.refetch()} className="py-4" />}
      {erasures.isPending && <Skeleton className="m-5 h-24 max-w-2xl" />}
      {open.length > 0 && (
        <Section title="Under way">
          <ul className="flex max-w-2xl flex-col gap-3">
            {open.map((erasure) => (
              <li key={erasure.id}>
                <UnderWay known={erasure} onChanged={changed} />
              </li>
            ))}
          </ul>
        </Section>
      )}
      {over.length > 0 && (
        <Section title="Done">
          <table className="w-full max-w-4xl text-left">
            <thead>
              <tr className="border-b border-line text-xs text-muted">
                <th className="py-1 font-medium">Reason</th>
                <th className="font-medium">State</th>
                <th className="font-medium">What went</th>
                <th className="font-medium">By</th>
                <th className="text-right font-medium">When</th>
              </tr>
            </thead>
            <tbody>
              {over.map((erasure) => (
                <tr key={erasure.id} className="border-b border-line align-top">
                  <td className="max-w-56 py-1.5 pr-4 font-medium break-words">{erasure.reason}</td>
                  <td className="py-1.5 pr-4">
                    <Status tone={tones[erasure.state] ?? "neutral"}>{names[erasure.state] ?? words(erasure.state)}</Status>
                  </td>
                  <td className="py-1.5 pr-4 text-muted">{erasure.state === "finished" && erasure.found ? foundSentence(erasure.found) : erasure.confirmed ? "A part of it" : "Nothing"}</td>
                  <td className="py-1.5 pr-4 text-muted">{erasure.actor}</td>
                  <td className="py-1.5 text-right text-muted">
                    <RelativeTime at={erasure.confirmed ?? erasure.created} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {erasures.hasNextPage && (
            <Button className="mt-3" busy={erasures.isFetchingNextPage} onClick={() => void erasures.fetchNextPage()}>
              Show more
            </Button>
          )}
        </Section>
      )}
    </SettingsFrame>
  );
}

/** Who, and why. */
function Request({ onBegun }: { onBegun: () => Promise<void> }) {
  const [contact, setContact] = useState("");
  const [reason, setReason] = useState("");
  const form = useForm();
  const texts = contact.split("\n").map((text) => text.trim()).filter((text) => text !== "");
  const begin = () =>
    form.send(async () => {
      await api.post<Erasure>(path, { contact: texts, reason: reason.trim() });
      setContact("");
      setReason("");
      await onBegun();
    }, { ready: texts.length > 0 && reason.trim() !== "" });
  return (
    <form
      noValidate
      className="flex max-w-xl flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void begin();
      }}
    >
      {form.notice}
      <Field label="Who it is" required error={form.at("/contact")} help="One a line: every e-mail address and phone number that you know of, or a contact key as it stands on a record (hmac:…)">
        {(control) => (
          <Textarea {...control} rows={3} autoComplete="off" spellCheck={false} value={contact} onChange={(event) => setContact(event.target.value)} placeholder={"kim@example.com\n+31 6 12345678"} />
        )}
      </Field>
      <Field label="Reason" required error={form.at("/reason")} help="Without naming them: it stays in the audit log">
        {(control) => <Input {...control} value={reason} onChange={(event) => setReason(event.target.value)} placeholder="Request 2026-041" />}
      </Field>
      <Notice>Erase them in the external systems first: what those send later is new, and is taken. Backups made before keep what they have.</Notice>
      <div>
        <Button type="submit" variant="primary" busy={form.busy} disabled={texts.length === 0 || reason.trim() === ""}>
          Look for them
        </Button>
      </div>
    </form>
  );
}

/** One that is looked for, waits to be confirmed, or is being erased. */
function UnderWay({ known, onChanged }: { known: Erasure; onChanged: () => Promise<void> }) {
  const latest = useQuery({
    queryKey: ["erasures", known.id],
    queryFn: async () => {
      const erasure = await api.get<Erasure>(`${path}/${known.id}`);
      if (!goesOn(erasure)) await onChanged();
      return erasure;
    },
    initialData: known,
    refetchInterval: (query) => (goesOn(query.state.data) ? 700 : false),
  });
  const erasure = latest.data;
  const [asking, setAsking] = useState(false);
  const deed = useForm();
  const { done, of } = erasure.progress;
  const share = of > 0 ? Math.min(1, done / of) : 0;
  const cancel = () =>
    deed.send(
      async () => {
        await api.post(`${path}/${erasure.id}/cancel`);
        await latest.refetch();
        await onChanged();
      },
      { failed: "It goes on" },
    );
  return (
    <div role="status" aria-label={`Erasure: ${erasure.reason}`} className="rounded-md border border-line bg-canvas px-4 py-3">
      <div className="flex items-center gap-3">
        <span className="ellipsis font-medium">{erasure.reason}</span>
        <Status tone={tones[erasure.state] ?? "neutral"} pulse={goesOn(erasure)}>
          {names[erasure.state] ?? words(erasure.state)}
        </Status>
        <span className="ellipsis flex-1 text-muted">
          {given(erasure.given)} · {erasure.actor}
        </span>
        <Button size="sm" busy={deed.busy} onClick={() => void cancel()}>
          Cancel
        </Button>
        {erasure.state === "found" && (
          <Button size="sm" variant="danger" onClick={() => setAsking(true)}>
            Erase…
          </Button>
        )}
      </div>
      {goesOn(erasure) && (
        <>
          <div role="progressbar" aria-label={names[erasure.state]} aria-valuenow={Math.round(share * 100)} aria-valuemin={0} aria-valuemax={100} className="mt-2 h-1 overflow-hidden rounded-full bg-active">
            <div className="h-full rounded-full bg-accent transition-[width]" style={{ width: of === 0 ? "30%" : `${share * 100}%` }} />
          </div>
          <p className="tabular mt-1.5 text-xs text-muted">
            {erasure.state === "searching" ? "Looked through" : "Erased"} {count(done)} of {count(of)}
          </p>
        </>
      )}
      {erasure.state === "found" && erasure.found && <Counts found={erasure.found} />}
      {asking && erasure.found && (
        <ConfirmDialog
          open
          danger
          title="Erase this contact for good?"
          action={`Erase ${plural(erasure.found.source_models, "source model")}`}
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await api.post(`${path}/${erasure.id}/erase`, { confirm: erasure.found?.source_models });
            await latest.refetch();
            await onChanged();
          }}
        >
          {foundSentence(erasure.found)} This cannot be undone.
        </ConfirmDialog>
      )}
    </div>
  );
}

/** What there is of a contact, and what becomes of it. */
function Counts({ found }: { found: Found }) {
  const rows = [
    { title: "Source models", number: found.source_models, becomes: `go, of ${plural(found.sources, "source")}` },
    { title: "Deliveries", number: found.deliveries, becomes: "lose their body" },
    { title: "Enrichments", number: found.enrichments, becomes: "go" },
    { title: "Executions", number: found.executions, becomes: "stay, and lose their trace" },
    { title: "Waiting executions", number: found.waiting, becomes: "will not run" },
    ...found.records.map(({ kind, count: number }) => ({ title: `Records: ${words(kind).toLowerCase()}`, number, becomes: "keep their numbers and lose their contact" })),
    { title: "Phone numbers of calls", number: found.phone_numbers, becomes: "go" },
    { title: "External ids made of the key", number: found.external_ids, becomes: "are replaced" },
    { title: "Periods that have not ended", number: found.open_periods, becomes: "stay open: nothing ends them by their contact any more" },
  ].filter((row, at) => at === 0 || row.number > 0);
  return (
    <table className="mt-3 w-full text-left">
      <caption className="sr-only">What was found</caption>
      <tbody>
        {rows.map((row) => (
          <tr key={row.title} className="border-t border-line">
            <th scope="row" className="py-1 font-normal">
              {row.title}
            </th>
            <td className="tabular w-16 py-1 pr-4 text-right font-medium">{count(row.number)}</td>
            <td className="py-1 text-muted">{row.becomes}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
