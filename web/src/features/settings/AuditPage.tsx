import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { useState } from "react";

import { pages, processorsQuery, providersQuery } from "~/api/queries";
import { words } from "~/core/numbers";
import type { AuditEntry } from "~/generated/api";
import { AppLink } from "~/ui/AppLink";
import { type Column, DataTable } from "~/ui/DataTable";
import { Dialog } from "~/ui/Dialog";
import { JsonTree } from "~/ui/JsonTree";
import { Loaded } from "~/ui/Paged";
import { RelativeTime } from "~/ui/RelativeTime";
import { EmptyState } from "~/ui/states";

import { SettingsFrame } from "./SettingsFrame";

/** `spec.saved` → "Spec saved". */
const deed = (action: string): string => words(action.replaceAll(".", " "));

const columns: Column<AuditEntry>[] = [
  { id: "action", title: "Action", width: "minmax(8.5rem, 1fr)", render: (entry) => <span className="font-medium">{deed(entry.action)}</span> },
  { id: "target", title: "On", width: "minmax(8.5rem, 1fr)", render: (entry) => <Target text={entry.target} /> },
  { id: "actor", title: "Who", width: "minmax(5.5rem, 0.8fr)", render: (entry) => entry.actor },
  { id: "reason", title: "Reason", width: "minmax(5.5rem, 1.3fr)", render: (entry) => <span className="text-muted">{entry.reason ?? ""}</span> },
  { id: "at", title: "When", width: "6.5rem", align: "end", render: (entry) => <RelativeTime at={entry.at} clock /> },
];

/** What was changed: by its name where it still is, and leading to it. */
function Target({ text }: { text: string }) {
  const processors = useQuery(processorsQuery).data ?? [];
  const providers = useQuery(providersQuery).data ?? [];
  const found = /^(processor|provider|source)[ :](\w+)(.*)$/.exec(text);
  if (!found) return <span className="text-muted">{text.replaceAll("_", " ")}</span>;
  const [, kind = "", id = "", rest = ""] = found;
  const those: readonly { id: string; name: string }[] = kind === "processor" ? processors : kind === "provider" ? providers : providers.flatMap((provider) => provider.sources);
  const name = those.find((each) => each.id === id)?.name;
  if (name === undefined) return <span className="text-muted">{text}</span>;
  return (
    <span title={text}>
      <AppLink to={`/${kind}s/${id}`} className="link">
        {name}
      </AppLink>
      <span className="text-muted">{rest.replace(/^ version (\d+)$/, " v$1")}</span>
    </span>
  );
}

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
        <Dialog open onClose={() => setOpen(null)} title={deed(open.action)} description={`${open.actor}, on ${open.target}`}>
          <div className="flex flex-col gap-3">
            <p className="text-muted">
              <RelativeTime at={open.at} clock />
              {open.reason && <>. Reason: {open.reason}</>} <span className="font-mono text-xs text-faint">{open.action}</span>
            </p>
            {open.details ? <JsonTree value={open.details} open={3} /> : <p className="text-muted">There is nothing more about it.</p>}
          </div>
        </Dialog>
      )}
    </SettingsFrame>
  );
}
