import { useQuery, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";

import { api } from "~/api/client";
import { count, words } from "~/core/numbers";
import type { Job } from "~/generated/api";
import { Badge, type Tone } from "~/ui/Badge";
import { Button, IconButton } from "~/ui/Button";
import { useForm } from "~/ui/useForm";

export const jobQuery = (id: string) => ({
  queryKey: ["jobs", id],
  queryFn: () => api.get<Job>(`/jobs/${id}`),
  // A job that runs is asked after until it has ended.
  refetchInterval: (query: { state: { data?: Job } }) => (isOver(query.state.data) ? false : 700),
});

export function isOver(job: Job | undefined): boolean {
  return !!job && !["running", "undoing", "searching", "erasing"].includes(job.state);
}

const tones: Record<string, Tone> = { finished: "ok", failed: "danger", cancelled: "warn", undone: "info", running: "accent", undoing: "accent", searching: "accent", erasing: "accent", found: "warn" };

export function jobTone(state: string): Tone {
  return tones[state] ?? "neutral";
}

type Props = {
  id: string;
  title: string;
  onDone?: (job: Job) => void;
  onDismiss?: () => void;
  /** What came out, once it is over. */
  result?: (job: Job) => ReactNode;
};

/** A long piece of work: how far it is, cancel while it runs, undo where it can be. */
export function JobProgress({ id, title, onDone, onDismiss, result }: Props) {
  const job = useQuery(jobQuery(id));
  const client = useQueryClient();
  const form = useForm();
  const told = useRef(false);
  const over = isOver(job.data);
  useEffect(() => {
    if (!over || told.current || !job.data) return;
    told.current = true;
    onDone?.(job.data);
  }, [over, job.data, onDone]);

  const act = (what: "cancel" | "undo") =>
    form.send(
      async () => {
        await api.post(`/jobs/${id}/${what}`);
        told.current = false;
        await client.invalidateQueries({ queryKey: ["jobs", id] });
      },
      { failed: what === "cancel" ? "It goes on" : "Nothing was undone" },
    );

  const done = job.data?.progress?.done ?? 0;
  const of = job.data?.progress?.of ?? 0;
  const share = of > 0 ? Math.min(1, done / of) : over ? 1 : 0;
  return (
    <div role="status" aria-label={title} className="rounded-md border border-line bg-canvas px-3 py-2.5">
      <div className="flex items-center gap-3">
        <span className="font-medium">{title}</span>
        {job.data && <Badge tone={jobTone(job.data.state)}>{words(job.data.state)}</Badge>}
        <span className="tabular flex-1 text-right text-muted">
          {count(done)}
          {of > 0 && ` of ${count(of)}`}
        </span>
        {!over && job.data?.can_cancel && (
          <Button size="sm" busy={form.busy} onClick={() => void act("cancel")}>
            Cancel
          </Button>
        )}
        {over && job.data?.can_undo && (
          <Button size="sm" busy={form.busy} onClick={() => void act("undo")}>
            Undo
          </Button>
        )}
        {over && onDismiss && <IconButton label="Dismiss" icon={<X className="size-3.5" />} onClick={onDismiss} />}
      </div>
      {!over && (
        <div role="progressbar" aria-label={title} aria-valuenow={Math.round(share * 100)} aria-valuemin={0} aria-valuemax={100} className="mt-2 h-1 overflow-hidden rounded-full bg-active">
          <div className="h-full rounded-full bg-accent transition-[width]" style={{ width: of === 0 ? "30%" : `${share * 100}%` }} />
        </div>
      )}
      {job.data?.failure && <p className="mt-1.5 text-danger-text">{job.data.failure}</p>}
      {over && job.data && result?.(job.data)}
    </div>
  );
}
