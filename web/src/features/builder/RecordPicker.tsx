import { useQuery } from "@tanstack/react-query";
import { CircleAlert, Database, X } from "lucide-react";
import { useState } from "react";

import { api, messageOf } from "~/api/client";
import { at } from "~/core/json";
import type { Page as PageOf, RecordSummary } from "~/generated/api";
import { IconButton } from "~/ui/Button";
import { SearchInput } from "~/ui/Input";
import { Popover } from "~/ui/Popover";
import { RelativeTime } from "~/ui/RelativeTime";
import { Spinner } from "~/ui/Spinner";

import { useEditor } from "../editor/context";
import type { Trying } from "./checker";

/** Picks a historic record, whose values are then shown everywhere. */
export function RecordPicker({ record, trying, onRecord }: { record: string | undefined; trying: Trying; onRecord: (id: string | undefined) => void }) {
  const model = useEditor((state) => at(state.document, ["source_model", "type"]));
  const status = useEditor((state) => state.overlay?.tree.status);
  const [open, setOpen] = useState(false);
  const [query, setQuery] = useState("");
  const name = typeof model === "string" ? model : "";
  const records = useQuery({
    queryKey: ["model-records", name, query],
    queryFn: ({ signal }) => api.get<PageOf<RecordSummary>>(`/models/${encodeURIComponent(name)}/records`, { key: query, limit: 50 }, signal),
    enabled: name !== "" && (open || record !== undefined),
    retry: false,
  });
  const items = records.data?.items ?? [];
  const picked = items.find((item) => item.id === record);
  return (
    <section aria-label="Record" className="flex items-center gap-1 border-b border-line px-3 py-2">
      <Popover
        open={open}
        onOpenChange={setOpen}
        className="!max-w-none w-[24rem] !p-0"
        trigger={
          <button
            type="button"
            className="flex h-8 min-w-0 flex-1 items-center gap-2 rounded-md border border-control bg-surface px-2 text-left text-xs hover:border-muted"
          >
            <Database aria-hidden="true" className="size-3.5 shrink-0 text-accent-text" />
            {record === undefined ? (
              <span className="ellipsis text-muted">Pick a record to see its values</span>
            ) : (
              <span className="ellipsis flex-1">
                <span className="font-mono">{picked?.key ?? record}</span>
                {picked && (
                  <span className="ml-1.5 text-faint">
                    <RelativeTime at={picked.at} />
                  </span>
                )}
              </span>
            )}
            {trying.state === "running" && <Spinner />}
            {trying.state === "done" && status !== undefined && <span className="shrink-0 text-2xs text-muted">{status.replaceAll("_", " ")}</span>}
          </button>
        }
      >
        <div className="border-b border-line p-2">
          <SearchInput value={query} onChange={setQuery} label="Find a record by its key" />
        </div>
        <div role="listbox" aria-label="Records" tabIndex={0} className="max-h-72 overflow-y-auto py-1">
          {items.map((item) => (
            <button
              key={item.id}
              type="button"
              role="option"
              aria-selected={item.id === record}
              onClick={() => {
                onRecord(item.id);
                setOpen(false);
              }}
              className="mx-1 flex w-[calc(100%-0.5rem)] items-center gap-2 rounded-md px-2 py-1.5 text-left text-xs hover:bg-hover aria-selected:bg-active"
            >
              <span className="min-w-0 flex-1">
                <span className="ellipsis block font-mono">{item.key}</span>
                {item.summary && <span className="ellipsis block text-2xs text-muted">{item.summary}</span>}
              </span>
              <span className="shrink-0 text-2xs text-faint">
                <RelativeTime at={item.at} />
              </span>
            </button>
          ))}
          {records.isError && <p className="px-3 py-3 text-xs text-danger-text">{messageOf(records.error)}</p>}
          {records.isSuccess && items.length === 0 && (
            <p className="px-3 py-4 text-xs text-muted">
              {query === "" ? "No record has been received yet. Send one to a source of this model, and it is here." : "No record has this key."}
            </p>
          )}
          {records.isPending && open && <p className="px-3 py-3 text-xs text-muted">Looking for records…</p>}
        </div>
      </Popover>
      {trying.state === "failed" && (
        <span title={messageOf(trying.error)} className="text-danger-text">
          <CircleAlert className="size-4" aria-label={`The draft could not be tried: ${messageOf(trying.error)}`} />
        </span>
      )}
      {record !== undefined && <IconButton label="Show no record" icon={<X className="size-3.5" />} onClick={() => onRecord(undefined)} />}
    </section>
  );
}
