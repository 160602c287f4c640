import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "~/api/client";
import { plural } from "~/core/numbers";
import { instantOf } from "~/core/time";
import { JobProgress, jobQuery } from "~/features/jobs/JobProgress";
import type { Job, Processor, SpecAnswer } from "~/generated/api";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { useZone } from "~/ui/RelativeTime";
import { Notice } from "~/ui/states";
import { useForm } from "~/ui/useForm";

import { type Impact, ImpactView } from "./Impact";

type Reprocessing = { count: number; job: Job | null };

/** *Reprocess*: runs the newest version again over what was received; the difference can be looked at first. */
export function ReprocessDialog({ processor, onClose, onStarted }: { processor: Processor; onClose: () => void; onStarted: (job: Job) => void }) {
  const zone = useZone();
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [counted, setCounted] = useState<number | null>(null);
  const [preview, setPreview] = useState<string | null>(null);
  const form = useForm();

  const look = () =>
    form.send(async () => {
      const { spec } = await api.get<SpecAnswer>(`/processors/${processor.id}/spec`);
      const job = await api.post<Job>(`/processors/${processor.id}/preview`, { spec, last: 1000 });
      setPreview(job.id);
    });
  // The first time it only counts; with the count confirmed it begins.
  const start = async () => {
    const went = await form.send(async () => {
      const answer = await api.post<Reprocessing>(`/processors/${processor.id}/reprocess`, {
        ...(from ? { from: instantOf(from, zone) } : {}),
        ...(to ? { to: instantOf(to, zone) } : {}),
        ...(counted === null ? {} : { confirm: counted }),
      });
      if (answer.job) return onStarted(answer.job);
      setCounted(answer.count);
    });
    if (!went) setCounted(null);
  };
  const change = (set: (text: string) => void) => (event: { target: { value: string } }) => {
    set(event.target.value);
    setCounted(null);
  };

  return (
    <Dialog
      open
      onClose={onClose}
      title="Reprocess records"
      description={`Runs version ${processor.version} again over what was received. It can be undone afterwards.`}
      onSubmit={() => void start()}
      footer={
        <>
          <Button className="mr-auto" onClick={() => void look()}>
            See the difference first
          </Button>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy} disabled={counted === 0}>
            {counted === null ? "Count" : `Reprocess ${plural(counted, "record")}`}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {form.notice}
        <div className="grid grid-cols-2 gap-4">
          <Field label="From" required={false} help={`In ${zone}`} error={form.at("/from")}>
            {(control) => <Input {...control} type="datetime-local" value={from} onChange={change(setFrom)} />}
          </Field>
          <Field label="Until" required={false} error={form.at("/to")}>
            {(control) => <Input {...control} type="datetime-local" value={to} onChange={change(setTo)} />}
          </Field>
        </div>
        {counted !== null && <Notice>{counted === 0 ? "Nothing was received in that time." : `${plural(counted, "record")} would run again.`}</Notice>}
        {preview && <JobProgress id={preview} title="Difference over the last 1,000 records" result={() => <Difference job={preview} />} />}
      </div>
    </Dialog>
  );
}

function Difference({ job }: { job: string }) {
  const { data } = useQuery(jobQuery(job));
  return data?.result ? <ImpactView result={data.result as unknown as Impact} /> : null;
}
