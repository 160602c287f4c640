import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Ban, ListTodo, Undo2 } from "lucide-react";
import { useState } from "react";

import { api, messageOf } from "~/api/client";
import { useLive } from "~/api/live";
import { pages } from "~/api/queries";
import { useMay } from "~/api/session";
import { count, plural, words } from "~/core/numbers";
import type { Job, UndoImpact } from "~/generated/api";
import { Status } from "~/ui/Badge";
import { Button } from "~/ui/Button";
import { type Column, DataTable } from "~/ui/DataTable";
import { ConfirmDialog } from "~/ui/Dialog";
import { Page } from "~/ui/Page";
import { Loaded } from "~/ui/Paged";
import { RelativeTime } from "~/ui/RelativeTime";
import { EmptyState } from "~/ui/states";
import { toast } from "~/ui/Toast";

import { isOver, jobTone } from "./JobProgress";

/** `/jobs`: long pieces of work, with cancel while they run and undo where it can be. */
export default function JobsPage() {
  const client = useQueryClient();
  const may = useMay("builder");
  const jobs = useInfiniteQuery(pages<Job>("/jobs"));
  const [undoing, setUndoing] = useState<Job | null>(null);
  const rows = jobs.data?.pages.flatMap((page) => page.items) ?? [];
  const changed = () => client.invalidateQueries({ queryKey: ["pages", "/jobs"] });
  useLive(true, (event) => {
    if (event.kind === "job" || event.kind === "missed") void changed();
  });
  const act = async (job: Job, what: "cancel" | "undo") => {
    try {
      await api.post(`/jobs/${job.id}/${what}`);
      await changed();
      toast.done(what === "cancel" ? "Cancelled; what it has done stays" : "It is being undone");
    } catch (error) {
      toast.failed(what === "cancel" ? "It goes on" : "Nothing was undone", error);
    }
  };
  const columns: Column<Job>[] = [
    { id: "kind", title: "Job", width: "minmax(10rem, 1fr)", render: (job) => <span className="font-medium">{words(job.kind)}</span> },
    {
      id: "state",
      title: "State",
      width: "9rem",
      render: (job) => (
        <Status tone={jobTone(job.state)} pulse={!isOver(job)}>
          {words(job.state)}
        </Status>
      ),
    },
    {
      id: "progress",
      title: "Done",
      width: "9rem",
      align: "end",
      render: (job) => `${count(job.progress.done)}${job.progress.of > 0 ? ` of ${count(job.progress.of)}` : ""}`,
    },
    {
      id: "failure",
      title: "Detail",
      width: "minmax(12rem, 2fr)",
      render: (job) => (job.backfill ? <BackfillDetail progress={job.backfill} /> : <span className="text-danger-text">{job.failure ?? ""}</span>),
    },
    { id: "created", title: "Begun", width: "8rem", align: "end", render: (job) => <RelativeTime at={job.created} /> },
    {
      id: "actions",
      title: "",
      width: "7rem",
      align: "end",
      render: (job) =>
        may && job.can_cancel && job.kind !== "erase" ? (
          <Button size="sm" icon={<Ban className="size-3.5" />} onClick={() => void act(job, "cancel")}>
            Cancel
          </Button>
        ) : may && job.can_undo ? (
          <Button size="sm" icon={<Undo2 className="size-3.5" />} onClick={() => (job.kind === "backfill" ? setUndoing(job) : void act(job, "undo"))}>
            Undo
          </Button>
        ) : null,
    },
  ];
  return (
    <Page title="Jobs" description="Reprocessing, previews and other long pieces of work" body="fill">
      <Loaded
        query={jobs}
        isEmpty={rows.length === 0}
        empty={
          <EmptyState icon={<ListTodo />} title="No job yet">
            When records are reprocessed, or the impact of a change is worked out, it is followed here. What a reprocessing wrote can be undone.
          </EmptyState>
        }
      >
        <DataTable
          label="Jobs"
          rows={rows}
          columns={columns}
          rowKey={(job) => job.id}
          rowHeight={40}
          href={(job) => (job.kind === "reprocess" || job.kind === "backfill" ? `/executions?job=${job.id}` : job.kind === "erase" ? "/settings/erasure" : null)}
          onMore={jobs.hasNextPage ? () => void jobs.fetchNextPage() : undefined}
          loadingMore={jobs.isFetchingNextPage}
        />
      </Loaded>
      {undoing && <UndoBackfill job={undoing} onClose={() => setUndoing(null)} onUndo={() => act(undoing, "undo")} />}
    </Page>
  );
}

/** What undoing a backfill takes away, before it does. */
function UndoBackfill({ job, onClose, onUndo }: { job: Job; onClose: () => void; onUndo: () => Promise<void> }) {
  const impact = useQuery({ queryKey: ["jobs", job.id, "undo"], queryFn: () => api.get<UndoImpact>(`/jobs/${job.id}/undo`) });
  return (
    <ConfirmDialog open onClose={onClose} title="Undo this backfill?" action="Undo the backfill" danger onConfirm={onUndo}>
      {impact.data
        ? `${plural(impact.data.models, "record")} that it alone brought ${impact.data.models === 1 ? "counts" : "count"} for nothing any more. ${plural(impact.data.executions, "execution")} ${
            impact.data.executions === 1 ? "is" : "are"
          } undone: ${plural(impact.data.removed, "row")} removed, ${impact.data.reverted} put back as before, ${impact.data.left} left alone because something else has written them since.`
        : impact.isError
          ? messageOf(impact.error)
          : "Counting what it brought…"}
    </ConfirmDialog>
  );
}

/** How far the reading of a backfill is. */
function BackfillDetail({ progress }: { progress: NonNullable<Job["backfill"]> }) {
  return (
    <span>
      <span className="tabular text-muted">
        {plural(progress.pages, "page")}, {plural(progress.records, "record")}, {progress.share}% read
      </span>
      {progress.reason && <span className="ml-2 text-danger-text">{progress.reason}</span>}
    </span>
  );
}
