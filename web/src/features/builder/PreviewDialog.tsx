import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import { api, exchange, messageOf } from "~/api/client";
import { printShared } from "~/core/json";
import type { Job } from "~/generated/api";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Spinner } from "~/ui/Spinner";

import { useEditor } from "../editor/context";
import { type Impact, ImpactView } from "../processors/Impact";

/** Records that the preview looks at. */
const LAST = 1000;

/** What the draft would have done otherwise with the last records. */
export function PreviewDialog({ processor, onClose }: { processor: string; onClose: () => void }) {
  const document = useEditor((state) => state.document);
  const errors = useEditor((state) => state.problems.errors);
  const start = useMutation({
    mutationFn: async () =>
      JSON.parse((await exchange("POST", `/processors/${processor}/preview`, { body: `{"spec":${printShared(document)},"last":${LAST}}` })).text) as Job,
  });
  const job = useQuery({
    queryKey: ["jobs", start.data?.id],
    queryFn: () => api.get<Job>(`/jobs/${start.data?.id ?? ""}`),
    enabled: start.data !== undefined,
    refetchInterval: (query) => (query.state.data !== undefined && !["waiting", "running", "undoing"].includes(query.state.data.state) ? false : 400),
  });
  const { mutate } = start;
  useEffect(() => {
    if (errors === 0) mutate();
  }, [mutate, errors]);
  const now = job.data ?? start.data;
  const result = now?.state === "finished" || now?.state === "done" ? (now.result as unknown as Impact) : undefined;
  const error = start.error ?? job.error;
  return (
    <Dialog
      open
      onClose={onClose}
      size="lg"
      title="Preview impact"
      description={`Your draft against the saved version, on the last ${LAST.toLocaleString("en")} records. Nothing is written.`}
      footer={<Button onClick={onClose}>Close</Button>}
    >
      {errors > 0 && <p className="text-sm text-danger-text">The draft has errors, so it cannot be run. Mend them first.</p>}
      {error !== null && (
        <p role="alert" className="text-sm text-danger-text">
          {messageOf(error)}
        </p>
      )}
      {errors === 0 && error === null && result === undefined && (
        <p role="status" className="flex items-center gap-2 py-6 text-sm text-muted">
          <Spinner />
          {now?.state === "failed" || now?.state === "cancelled"
            ? "The preview did not finish."
            : `Looking at records${now?.progress.done ? `: ${now.progress.done} of ${now.progress.of ?? LAST}` : "…"}`}
        </p>
      )}
      {result && <ImpactView result={result} />}
    </Dialog>
  );
}
