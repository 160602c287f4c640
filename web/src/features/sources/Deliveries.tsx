import { useQuery } from "@tanstack/react-query";
import { Inbox, X } from "lucide-react";
import { useState } from "react";

import { api, ApiError, messageOf } from "~/api/client";
import { useSession } from "~/api/session";
import { useList } from "~/api/useList";
import { bytes, plural, words } from "~/core/numbers";
import { RevealButton } from "~/features/reveal/RevealButton";
import type { Delivery, DeliveryWithModels, Payload, Source } from "~/generated/api";
import { AppLink } from "~/ui/AppLink";
import { Status } from "~/ui/Badge";
import { IconButton } from "~/ui/Button";
import { type Column, DataTable } from "~/ui/DataTable";
import { JsonTree } from "~/ui/JsonTree";
import { Loaded } from "~/ui/Paged";
import { RelativeTime } from "~/ui/RelativeTime";
import { Select } from "~/ui/Select";
import { EmptyState, ErrorState, Skeleton } from "~/ui/states";
import { useSearchState } from "~/ui/useSearchState";

import { verdictTone } from "./RunList";

const verdicts = ["all", "accepted", "duplicate", "rejected", "handshake"].map((value) => ({ value, label: value === "all" ? "Every verdict" : words(value) }));

const columns: Column<Delivery>[] = [
  { id: "verdict", title: "Verdict", width: "8.5rem", render: (delivery) => <Status tone={verdictTone(delivery.verdict)}>{words(delivery.verdict)}</Status> },
  { id: "reason", title: "Reason", width: "minmax(10rem, 1fr)", render: (delivery) => <span className="text-muted">{delivery.reason}</span> },
  { id: "records", title: "Records", width: "5rem", align: "end", render: (delivery) => delivery.records },
  { id: "bytes", title: "Size", width: "5.5rem", align: "end", render: (delivery) => <span className="text-muted">{bytes(delivery.bytes)}</span> },
  { id: "at", title: "Received", width: "8rem", align: "end", render: (delivery) => <RelativeTime at={delivery.at} /> },
];

/** What was received, each with the verdict on it; the payload beside the list. */
export function Deliveries({ source }: { source: Source }) {
  const [search, setSearch] = useSearchState();
  const verdict = search.verdict ?? "all";
  const { list: deliveries, rows, onMore } = useList<Delivery>(`/sources/${source.id}/deliveries`, { verdict: verdict === "all" ? undefined : verdict }, { every: 10_000 });
  return (
    <>
      <div className="flex h-11 shrink-0 items-center gap-2 border-b border-line px-5">
        <Select size="sm" label="Verdict" value={verdict} options={verdicts} onChange={(next) => setSearch({ verdict: next === "all" ? undefined : next })} />
      </div>
      <div className="flex min-h-0 flex-1">
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          <Loaded
            query={deliveries}
            isEmpty={rows.length === 0}
            empty={
              verdict === "all" ? (
                <EmptyState icon={<Inbox />} title="Nothing has been received yet" />
              ) : (
                <EmptyState icon={<Inbox />} title={`Nothing was ${verdict}`} />
              )
            }
          >
            <DataTable
              label="Deliveries"
              rows={rows}
              columns={columns}
              rowKey={(delivery) => delivery.id}
              current={search.delivery ?? null}
              onOpen={(delivery) => setSearch({ delivery: delivery.id })}
              onMore={onMore}
              loadingMore={deliveries.isFetchingNextPage}
            />
          </Loaded>
        </div>
        {search.delivery && <DeliveryPanel key={search.delivery} id={search.delivery} onClose={() => setSearch({ delivery: undefined })} />}
      </div>
    </>
  );
}

function DeliveryPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const { user } = useSession();
  const [reason, setReason] = useState<string | null>(null);
  const delivery = useQuery({ queryKey: ["deliveries", id], queryFn: () => api.get<DeliveryWithModels>(`/deliveries/${id}`) });
  const payload = useQuery({
    queryKey: ["deliveries", id, "payload", reason],
    queryFn: () => api.get<Payload>(`/deliveries/${id}/payload`, { reveal: reason }),
    retry: false,
    // What is left of a body of several records is shown: null stands for one that was erased.
    enabled: delivery.data?.has_payload !== false || !!delivery.data.erased_at,
  });
  return (
    <aside aria-label="Delivery" className="flex w-[26rem] shrink-0 flex-col border-l border-line bg-canvas max-[1100px]:w-80">
      <div className="flex h-10 shrink-0 items-center justify-between border-b border-line pr-2 pl-4">
        <h2 className="text-sm font-semibold">Delivery</h2>
        <IconButton label="Close" icon={<X className="size-4" />} onClick={onClose} />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto p-4" tabIndex={0} role="group" aria-label="Details">
        {delivery.isPending ? (
          <Skeleton className="h-20 w-full" />
        ) : delivery.isError ? (
          <ErrorState error={delivery.error} />
        ) : (
          <>
            <dl className="grid grid-cols-[5.5rem_minmax(0,1fr)] gap-x-3 gap-y-1">
              <dt className="text-muted">Verdict</dt>
              <dd>
                <Status tone={verdictTone(delivery.data.verdict)}>{words(delivery.data.verdict)}</Status>
              </dd>
              {delivery.data.reason && (
                <>
                  <dt className="text-muted">Reason</dt>
                  <dd>{delivery.data.reason}</dd>
                </>
              )}
              <dt className="text-muted">Received</dt>
              <dd>
                <RelativeTime at={delivery.data.at} clock />
              </dd>
              <dt className="text-muted">Records</dt>
              <dd>{plural(delivery.data.records, "record")}</dd>
            </dl>
            {delivery.data.models.length > 0 && (
              <ul className="mt-3 flex flex-col gap-1">
                {delivery.data.models.map((model) => (
                  <li key={model.id}>
                    <AppLink to={`/executions?model_id=${model.id}`} className="link">
                      Executions of {model.key || "this record"}
                    </AppLink>
                  </li>
                ))}
              </ul>
            )}
            <div className="mt-4 mb-1 flex items-center justify-between">
              <h3 className="text-xs font-semibold text-muted">Payload</h3>
              {user.reveal && reason === null && payload.data !== undefined && <RevealButton onReveal={setReason} />}
            </div>
            {delivery.data.erased_at && (
              <p className="mb-2 text-sm text-muted">
                Erased on request, <RelativeTime at={delivery.data.erased_at} />
                {payload.data !== undefined && payload.data.records.length > 1 && ". The other records of it are still there."}
              </p>
            )}
            {delivery.data.erased_at && payload.data === undefined ? null : delivery.data.has_payload === false && !delivery.data.erased_at ? (
              <p className="text-sm text-muted">It was removed by the retention rules.</p>
            ) : payload.data !== undefined ? (
              <JsonTree value={payload.data.records.length === 1 ? (payload.data.records[0] ?? null) : payload.data.records} pointer={payload.data.records.length === 1 ? "/0" : ""} masked={payload.data.masked} open={2} />
            ) : payload.isError ? (
              <p className="text-sm text-muted">{payload.error instanceof ApiError && payload.error.status === 404 ? "It is not kept." : messageOf(payload.error)}</p>
            ) : (
              <Skeleton className="h-32 w-full" />
            )}
          </>
        )}
      </div>
    </aside>
  );
}
