import { useState } from "react";

import { api } from "~/api/client";
import { bytes, plural } from "~/core/numbers";
import { instantOf } from "~/core/time";
import type { Source, TakenIn } from "~/generated/api";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Field } from "~/ui/Field";
import { Input, Textarea } from "~/ui/Input";
import { useZone } from "~/ui/RelativeTime";
import { toast } from "~/ui/Toast";
import { useForm } from "~/ui/useForm";

type BeginProps = { source: Source; onClose: () => void; onStarted: () => void };

/** *Backfill*: reads history beside the live cursor. */
export function BackfillDialog({ source, onClose, onStarted }: BeginProps) {
  const zone = useZone();
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const form = useForm();
  const start = () =>
    form.send(async () => {
      await api.post(`/sources/${source.id}/backfill`, { from: instantOf(from, zone), ...(to ? { to: instantOf(to, zone) } : {}) });
      onStarted();
    });
  return (
    <Dialog
      open
      onClose={onClose}
      title="Backfill from a date"
      description="Reads what changed since then and runs the processors on it. The live cursor stays where it is."
      onSubmit={() => void start()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy} disabled={!from}>
            Start
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {form.notice}
        <Field label="From" help={`In ${zone}`} error={form.at("/from")}>
          {(control) => <Input {...control} type="datetime-local" autoFocus value={from} onChange={(event) => setFrom(event.target.value)} className="max-w-64" />}
        </Field>
        <Field label="Until" required={false} error={form.at("/to")} help="Up to now where nothing is said">
          {(control) => <Input {...control} type="datetime-local" value={to} onChange={(event) => setTo(event.target.value)} className="max-w-64" />}
        </Field>
      </div>
    </Dialog>
  );
}

/** *Import*: a CSV or NDJSON file goes through the source as if it had been sent. */
export function ImportDialog({ source, onClose, onStarted }: BeginProps) {
  const [file, setFile] = useState<File | null>(null);
  const [over, setOver] = useState(false);
  const form = useForm();
  const start = () =>
    form.send(async () => {
      if (!file) return;
      await api.post(`/sources/${source.id}/import`, undefined, { raw: { type: "application/octet-stream", data: file }, query: { name: file.name } });
      onStarted();
    });
  return (
    <Dialog
      open
      onClose={onClose}
      title="Import a file"
      description={`Each row becomes a record of ${source.name}. Rows that were taken before are recognised.`}
      onSubmit={() => void start()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy} disabled={!file}>
            Import
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {form.notice}
        <Field label="File" help="CSV with a header row, or NDJSON with one object a line">
          {(control) => (
            <div
              onDragOver={(event) => {
                event.preventDefault();
                setOver(true);
              }}
              onDragLeave={() => setOver(false)}
              onDrop={(event) => {
                event.preventDefault();
                setOver(false);
                setFile(event.dataTransfer.files[0] ?? null);
              }}
              className={`rounded-md border border-dashed px-4 py-6 text-center ${over ? "border-accent bg-accent-soft" : "border-control"}`}
            >
              <input {...control} type="file" accept=".csv,.ndjson,.jsonl,.json" onChange={(event) => setFile(event.target.files?.[0] ?? null)} className="text-sm" />
              {file ? <p className="mt-2 text-sm font-medium">{`${file.name}, ${bytes(file.size)}`}</p> : <p className="mt-2 text-xs text-muted">or drop it here</p>}
            </div>
          )}
        </Field>
      </div>
    </Dialog>
  );
}

const sample = '{\n  "id": "1001",\n  "status": "won",\n  "amount": 1250.5,\n  "owner": { "id": "u-1", "name": "Sam Example" },\n  "closed_at": "2026-01-15T10:30:00Z"\n}';

/** *Send a test*: a request through the very intake, as if the sender had sent it. */
export function SendTestDialog({ source, onClose, onSent }: { source: Source; onClose: () => void; onSent: () => Promise<unknown> }) {
  const [text, setText] = useState(() => localStorage.getItem(`salesdash.test.${source.id}`) ?? sample);
  const form = useForm();
  const send = () =>
    form.send(async () => {
      const answer = await api.post<TakenIn>(`/sources/${source.id}/send-test`, { body: JSON.parse(text) as unknown });
      localStorage.setItem(`salesdash.test.${source.id}`, text);
      await onSent();
      toast.done(answer.taken > 0 ? plural(answer.taken, "record received", "records received") : "Recognised as received before", {
        detail: answer.executions > 0 ? `${plural(answer.executions, "execution")} called for` : "No processor runs on it yet",
      });
      onClose();
    }, { reword: (failure) => (failure instanceof SyntaxError ? new Error("The body is not JSON.") : failure) });
  return (
    <Dialog
      open
      onClose={onClose}
      title="Send a test request"
      description="It goes through the same intake as a real one: it is stored, counted and processed."
      onSubmit={() => void send()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            Send
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        {form.notice}
        <Field label="Body" error={form.at("/body")} help="JSON, as the sender would send it">
          {(control) => <Textarea {...control} mono rows={14} autoFocus value={text} onChange={(event) => setText(event.target.value)} />}
        </Field>
      </div>
    </Dialog>
  );
}
