import { useInfiniteQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { useState } from "react";

import { pages } from "~/api/queries";
import type { AuditEntry } from "~/generated/api";
import { type Column, DataTable } from "~/ui/DataTable";
import { Dialog } from "~/ui/Dialog";
import { JsonTree } from "~/ui/JsonTree";
import { Loaded } from "~/ui/Paged";
import { RelativeTime } from "~/ui/RelativeTime";
import { EmptyState } from "~/ui/states";

import { SettingsFrame } from "./SettingsFrame";

const columns: Column<AuditEntry>[] = [
  { id: "action", title: "Action", width: "minmax(11rem, 1fr)", render: (entry) => <span className="font-mono text-xs">{entry.action}</span> },
  { id: "target", title: "On", width: "minmax(10rem, 1fr)", render: (entry) => <span className="text-muted">{entry.target}</span> },
  { id: "actor", title: "Who", width: "minmax(8rem, 0.8fr)", render: (entry) => entry.actor },
  { id: "reason", title: "Reason", width: "minmax(10rem, 1.3fr)", render: (entry) => <span className="text-muted">{entry.reason ?? ""}</span> },
  { id: "at", title: "When", width: "8rem", align: "end", render: (entry) => <RelativeTime at={entry.at} clock /> },
];

/** `/settings/audit`: who changed and revealed what. */
export default function AuditPage() {
  const audit = useInfiniteQuery(pages<AuditEntry>("/audit"));
  const rows = audit.data?.pages.flatMap((page) => page.items) ?? [];
  const [open, setOpen] = useState<AuditEntry | null>(null);
  return (
    <SettingsFrame title="Audit log" description="Every change and every reveal, newest first" body="fill">
      <Loaded query={audit} isEmpty={rows.length === 0} empty={<EmptyState icon={<ScrollText />} title="Nothing was changed yet" />}>
        <DataTable
          label="Audit log"
          rows={rows}
          columns={columns}
          rowKey={(entry) => entry.id}
          onOpen={setOpen}
          onMore={audit.hasNextPage ? () => void audit.fetchNextPage() : undefined}
          loadingMore={audit.isFetchingNextPage}
        />
      </Loaded>
      {open && (
        <Dialog open onClose={() => setOpen(null)} title={open.action} description={`${open.actor}, on ${open.target}`}>
          <div className="flex flex-col gap-3">
            <p className="text-muted">
              <RelativeTime at={open.at} clock />
              {open.reason && <>. Reason: {open.reason}</>}
            </p>
            {open.details ? <JsonTree value={open.details} open={3} /> : <p className="text-muted">There is nothing more about it.</p>}
          </div>
        </Dialog>
      )}
    </SettingsFrame>
  );
}
