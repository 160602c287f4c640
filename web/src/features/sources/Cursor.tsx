import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Hourglass, Pause, Rewind } from "lucide-react";
import { useState } from "react";

import { api, messageOf } from "~/api/client";
import { useMay } from "~/api/session";
import { durationText } from "~/core/settings";
import { clockTime, instantOf } from "~/core/time";
import { plural } from "~/core/numbers";
import type { Json, PollState, Running, RunningBackfill, Source } from "~/generated/api";
import { AppLink } from "~/ui/AppLink";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Field } from "~/ui/Field";
import { Input, Textarea } from "~/ui/Input";
import { JsonTree } from "~/ui/JsonTree";
import { Section } from "~/ui/Page";
import { RelativeTime, useNow, useZone } from "~/ui/RelativeTime";
import { Notice, Skeleton } from "~/ui/states";
import { Spinner } from "~/ui/Spinner";
import { toast } from "~/ui/Toast";
import { useForm } from "~/ui/useForm";

/** How far a polled source is; asked more often while something runs. */
export function pollStateQuery(source: Source) {
  return {
    queryKey: ["sources", source.id, "cursor"],
    queryFn: () => api.get<PollState>(`/sources/${source.id}/cursor`),
    enabled: source.kind === "poll",
    refetchInterval: (query: { state: { data?: PollState } }) => (query.state.data?.running || query.state.data?.backfill ? 1_000 : 5_000),
  };
}

/** A time to the second, as something that is waited for needs it. */
export function useClock(): (at: string) => string {
  const [zone, now] = [useZone(), useNow()];
  return (at) => clockTime(at, zone, now);
}

const stopped: { [why: string]: string } = { paused: "not before it is resumed", provider_paused: "not before its provider is resumed", needs_reconnecting: "not before its provider is connected again" };

/** How far a polled source has read, and going back. */
export function Cursor({ source, onChanged }: { source: Source; onChanged: () => Promise<unknown> }) {
  const may = useMay("builder");
  const cursor = useQuery(pollStateQuery(source));
  const [open, setOpen] = useState(false);
  const state = cursor.data;
  const clock = useClock();
  const cancel = async () => {
    try {
      await api.post(`/sources/${source.id}/cancel`);
      await onChanged();
      toast.done("Stopped; what was stored stays");
    } catch (error) {
      toast.failed("It goes on", error);
    }
  };
  return (
    <Section
      title="Polling"
      description="It is asked from the cursor on, with some overlap; what was seen already is recognised and dropped"
      actions={
        may && (
          <Button size="sm" icon={<Rewind className="size-3.5" />} onClick={() => setOpen(true)}>
            Rewind
          </Button>
        )
      }
    >
      {state?.running && <Progress title="Running" run={state.running} onCancel={may ? () => void cancel() : undefined} />}
      {state?.backfill && <BackfillProgress backfill={state.backfill} may={may} onChanged={onChanged} />}
      {state?.held && !state.running && (
        <div className="mb-4 max-w-3xl">
          <Notice tone="warn" title={`The vendor asks to wait until ${clock(state.held.until)}`}>
            {state.held.why} A run that is begun before then waits for it.
          </Notice>
        </div>
      )}
      <dl className="grid max-w-2xl grid-cols-[8rem_minmax(0,1fr)] gap-x-4 gap-y-1.5">
        <dt className="text-muted">Every</dt>
        <dd>{source.interval_seconds ? durationText(source.interval_seconds) : "…"}</dd>
        <dt className="text-muted">Next</dt>
        <dd>{state?.running ? "running now" : state?.stopped ? <span className="text-muted">{stopped[state.stopped] ?? "not planned"}</span> : <RelativeTime at={state?.next_at} empty="not planned" />}</dd>
        <dt className="text-muted">Last good run</dt>
        <dd>
          <RelativeTime at={source.health.last_run_at} empty="none yet" />
        </dd>
        <dt className="text-muted">Last new record</dt>
        <dd>
          <RelativeTime at={source.health.last_record_at} empty="none yet" />
        </dd>
        {state?.reached && (
          <>
            <dt className="text-muted">Has read</dt>
            <dd>{/^\d{4}-\d\d-\d\dT/.test(state.reached) ? <RelativeTime at={state.reached} clock /> : state.reached}</dd>
          </>
        )}
        <dt className="text-muted">Cursor</dt>
        <dd>
          {cursor.data ? (
            cursor.data.cursor === null ? (
              <span className="text-muted">none: the next run reads from the beginning</span>
            ) : (
              <details>
                <summary className="w-fit cursor-default rounded-sm text-accent-text">As it is stored</summary>
                <JsonTree value={cursor.data.cursor} open={2} />
              </details>
            )
          ) : cursor.isError ? (
            <span className="text-danger-text">{messageOf(cursor.error)}</span>
          ) : (
            <Skeleton />
          )}
        </dd>
      </dl>
      {open && <RewindDialog source={source} current={cursor.data?.cursor ?? null} onClose={() => setOpen(false)} onDone={onChanged} />}
    </Section>
  );
}

/** A run on its way. How long it takes is known to nobody; what it has done is. */
function Progress({ title, run, onCancel }: { title: string; run: Running; onCancel?: () => void }) {
  const clock = useClock();
  if (run.waits) {
    return (
      <div role="status" className="mb-4 flex max-w-3xl items-start gap-3 rounded-md bg-warn-soft px-3 py-2 text-warn-text">
        <Hourglass className="mt-0.5 size-4 shrink-0" aria-hidden="true" />
        <span className="min-w-0">
          <span className="font-medium">Waiting until {clock(run.waits.until)}.</span> {run.waits.why} So far: {plural(run.pages, "page")}, {plural(run.records, "record")}.
        </span>
        {onCancel && (
          <Button size="sm" className="ml-auto" onClick={onCancel}>
            Stop
          </Button>
        )}
      </div>
    );
  }
  return (
    <div role="status" className="mb-4 flex max-w-3xl items-center gap-3 rounded-md border border-line bg-canvas px-3 py-2">
      <Spinner className="text-accent-text" />
      <span className="font-medium">{title}</span>
      <span className="tabular text-muted">
        {plural(run.pages, "page")}, {plural(run.records, "record")}
        {run.at && `, at ${run.at}`}
      </span>
      {onCancel && (
        <Button size="sm" className="ml-auto" onClick={onCancel}>
          Stop
        </Button>
      )}
    </div>
  );
}

/** A backfill on its way, beside the live cursor: how much of its time is read, and what that gave. */
function BackfillProgress({ backfill, may, onChanged }: { backfill: RunningBackfill; may: boolean; onChanged: () => Promise<unknown> }) {
  const form = useForm();
  const clock = useClock();
  const stop = () =>
    form.send(async () => {
      await api.post(`/jobs/${backfill.job}/cancel`);
      await onChanged();
      toast.done("The backfill is stopped", { detail: "What it stored stays, unless you undo it under Jobs; the live cursor is where it was" });
    }, { failed: "It goes on" });
  return (
    <div role="status" aria-label="Backfill" className="mb-4 max-w-3xl rounded-md border border-line bg-canvas px-3 py-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        {backfill.paused ? <Pause className="size-4 text-muted" aria-hidden="true" /> : <Spinner className="text-accent-text" />}
        <span className="font-medium">
          {backfill.paused ? "Paused: backfill" : "Backfill"} <RelativeTime at={backfill.from} clock /> – <RelativeTime at={backfill.to} clock />
        </span>
        <span className="tabular text-muted">
          {backfill.share}% read, {plural(backfill.pages, "page")}, {plural(backfill.records, "record")}, {backfill.taken} new
        </span>
        <span className="ml-auto flex items-center gap-3">
          <AppLink to="/jobs" className="link text-xs">
            Jobs
          </AppLink>
          {may && (
            <Button size="sm" busy={form.busy} onClick={() => void stop()}>
              Stop
            </Button>
          )}
        </span>
      </div>
      <div role="progressbar" aria-label="Backfill" aria-valuenow={backfill.share} aria-valuemin={0} aria-valuemax={100} className="mt-2 h-1 overflow-hidden rounded-full bg-active">
        <div className="h-full rounded-full bg-accent transition-[width]" style={{ width: `${backfill.share}%` }} />
      </div>
      {backfill.waits ? (
        <p className="mt-1.5 text-warn-text">
          Waiting until {clock(backfill.waits.until)}. {backfill.waits.why}
        </p>
      ) : backfill.paused ? (
        <p className="mt-1.5 text-muted">{backfill.reason ?? "It goes on when the source is resumed."}</p>
      ) : (
        backfill.reason && <p className="mt-1.5 text-warn-text">The last try failed: {backfill.reason} It is tried again.</p>
      )}
    </div>
  );
}

function RewindDialog({ source, current, onClose, onDone }: { source: Source; current: Json; onClose: () => void; onDone: () => Promise<unknown> }) {
  const client = useQueryClient();
  const zone = useZone();
  const [from, setFrom] = useState("");
  const [text, setText] = useState(() => JSON.stringify(current, null, 2));
  const [exact, setExact] = useState(false);
  const form = useForm();
  const save = () =>
    form.send(async () => {
      const body = exact ? { cursor: JSON.parse(text) as Json } : { from: instantOf(from, zone) };
      await api.put(`/sources/${source.id}/cursor`, body);
      await client.invalidateQueries({ queryKey: ["sources", source.id, "cursor"] });
      await onDone();
      toast.done("The cursor is set back", { detail: "The next run reads from there; what is known already is not taken twice" });
      onClose();
    }, { reword: (failure) => (failure instanceof SyntaxError ? new Error("This is not JSON.") : failure) });
  return (
    <Dialog
      open
      onClose={onClose}
      title="Rewind the cursor"
      description="The next run reads again from there. Records that did not change are recognised and not run twice."
      onSubmit={() => void save()}
      footer={
        <>
          <Button variant="ghost" className="mr-auto" onClick={() => setExact(!exact)}>
            {exact ? "By date" : "Edit the cursor itself"}
          </Button>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy} disabled={!exact && !from}>
            Rewind
          </Button>
        </>
      }
    >
      {form.notice}
      {exact ? (
        <Field label="Cursor" help="As it is stored. null reads from the beginning.">
          {(control) => <Textarea {...control} mono rows={8} value={text} onChange={(event) => setText(event.target.value)} />}
        </Field>
      ) : (
        <Field label="Back to" help={`In ${zone}`}>
          {(control) => <Input {...control} type="datetime-local" autoFocus value={from} onChange={(event) => setFrom(event.target.value)} className="max-w-64" />}
        </Field>
      )}
    </Dialog>
  );
}
