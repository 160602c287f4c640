import { useQuery } from "@tanstack/react-query";

import { api, messageOf } from "~/api/client";
import { count, plural, words } from "~/core/numbers";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Notice, Skeleton } from "~/ui/states";
import { toast } from "~/ui/Toast";
import { useForm } from "~/ui/useForm";
import type { SearchState } from "~/ui/useSearchState";

type Retried = { count: number; started: boolean };

/** Runs everything again that the filters show: first the count, then the deed. */
export function BulkRetryDialog({ filter, onClose, onStarted }: { filter: SearchState; onClose: () => void; onStarted: () => void }) {
  const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value));
  const counted = useQuery({ queryKey: ["executions", "count", given], queryFn: () => api.post<Retried>("/executions/retry", { filter: given }), staleTime: 0, gcTime: 0 });
  const form = useForm();
  const start = async () => {
    const went = await form.send(async () => {
      const { count: many } = await api.post<Retried>("/executions/retry", { filter: given, confirm: counted.data?.count });
      toast.done(`${plural(many, "execution")} run again`);
      onStarted();
    });
    if (!went) await counted.refetch();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      size="sm"
      title="Run again"
      onSubmit={() => void start()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy} disabled={!counted.data?.count}>
            {counted.data ? `Run ${count(counted.data.count)} again` : "Run again"}
          </Button>
        </>
      }
    >
      {form.notice}
      {counted.isError ? (
        <Notice tone="danger">{messageOf(counted.error)}</Notice>
      ) : counted.data ? (
        <p>
          <strong>{plural(counted.data.count, "execution")}</strong> {counted.data.count === 1 ? "fits" : "fit"} the filters and can be run again
          {Object.keys(given).length > 0 ? ":" : ". No filter is set: these are all of them, also those that succeeded."}
        </p>
      ) : (
        <Skeleton className="h-5 w-48" />
      )}
      {Object.keys(given).length > 0 && (
        <ul className="mt-2 text-muted">
          {Object.entries(given).map(([name, value]) => (
            <li key={name}>
              {words(name)}: <span className="font-mono text-xs">{value}</span>
            </li>
          ))}
        </ul>
      )}
      <p className="mt-3 text-xs text-muted">They run with the newest version of their processor. What they wrote before is updated, never doubled.</p>
    </Dialog>
  );
}
