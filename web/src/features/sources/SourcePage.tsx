import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Ellipsis, FileUp, History, Pause, Play, RotateCw, Send, Trash2, X } from "lucide-react";
import { useState } from "react";

import { useActions } from "~/actions/registry";
import { api } from "~/api/client";
import { useLive } from "~/api/live";
import { providerQuery, providerTypesQuery, sourceQuery } from "~/api/queries";
import { useMay } from "~/api/session";
import { HealthStatus } from "~/features/health/health";
import type { Source } from "~/generated/api";
import { useGo } from "~/ui/AppLink";
import { Badge } from "~/ui/Badge";
import { Button, IconButton } from "~/ui/Button";
import { ConfirmDialog } from "~/ui/Dialog";
import { Menu } from "~/ui/Menu";
import { Page } from "~/ui/Page";
import { ErrorState, SkeletonRows } from "~/ui/states";
import { Tabs } from "~/ui/Tabs";
import { toast } from "~/ui/Toast";
import { useSearchState } from "~/ui/useSearchState";

import { BackfillDialog, ImportDialog, SendTestDialog } from "./dialogs";
import { pollStateQuery, useClock } from "./Cursor";
import { Deliveries } from "./Deliveries";
import { ModelFields } from "./ModelFields";
import { Runs } from "./Runs";
import { SourceSettings } from "./SourceSettings";
import { SourceSummary } from "./SourceSummary";

type Tab = "summary" | "deliveries" | "runs" | "fields" | "settings";

/** `/sources/{id}?tab=`: everything about one source. */
export default function SourcePage() {
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const source = useQuery({ ...sourceQuery(id), refetchInterval: 5_000 });
  if (source.isPending || source.isError) {
    return (
      <Page title="Source" above={[{ title: "Providers", to: "/providers" }]}>
        {source.isPending ? <SkeletonRows /> : <ErrorState error={source.error} onRetry={() => void source.refetch()} />}
      </Page>
    );
  }
  return <Loaded key={source.data.id} source={source.data} />;
}

function Loaded({ source }: { source: Source }) {
  const client = useQueryClient();
  const go = useGo();
  const may = useMay("builder");
  const [search, setSearch] = useSearchState();
  const provider = useQuery(providerQuery(source.provider)).data;
  const types = useQuery(providerTypesQuery).data;
  const type = types?.find((each) => each.type === provider?.type);
  const definition = type?.sources.find((each) => each.kind === source.kind && (source.definition ? each.name === source.definition : !each.defined));
  const [dialog, setDialog] = useState<"backfill" | "import" | "send" | "delete" | "rotate" | null>(null);
  const poll = useQuery(pollStateQuery(source));

  const refresh = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["sources", source.id] }),
      client.invalidateQueries({ queryKey: ["providers"] }),
      client.invalidateQueries({ queryKey: ["runs", source.id] }),
      client.invalidateQueries({ queryKey: ["pages", `/sources/${source.id}/deliveries`] }),
      client.invalidateQueries({ queryKey: ["pages", `/sources/${source.id}/runs`] }),
      client.invalidateQueries({ queryKey: ["models", source.model] }),
    ]);
  useLive(true, (event) => {
    const of = event.data.source;
    const id = of !== null && typeof of === "object" ? (of as { id?: string }).id : of;
    if (event.kind === "job" || id === undefined || String(id) === source.id) void refresh();
  });

  const act = async (what: "pause" | "resume" | "run", words: string) => {
    try {
      await api.post(`/sources/${source.id}/${what}`);
      await refresh();
      toast.done(words);
    } catch (error) {
      toast.failed("That did not work", error);
    }
  };
  const running = !!poll.data?.running;
  const waits = poll.data?.running?.waits;
  const clock = useClock();
  // A run waits for the vendor: who begins one is told until when.
  const runNow = () => act("run", poll.data?.held ? `It waits until ${clock(poll.data.held.until)}, as the vendor asks` : "It runs");
  const stop = async () => {
    try {
      await api.post(`/sources/${source.id}/cancel`);
      await refresh();
      toast.done("Stopped; what was stored stays");
    } catch (error) {
      toast.failed("It goes on", error);
    }
  };
  const toggle = () => (source.enabled ? act("pause", "Paused. Nothing is dropped: what is sent is refused, and what is polled stays there") : act("resume", "Running again"));
  useActions(
    may
      ? [
          { id: "source.toggle", title: source.enabled ? "Pause the source" : "Resume the source", group: "Source", keys: "p", run: () => void toggle() },
          ...(source.kind === "poll" ? [{ id: "source.run", title: "Run now", group: "Source", keys: "r", run: () => void runNow() }] : []),
          ...(source.kind === "webhook" ? [{ id: "source.send", title: "Send a test request", group: "Source", keys: "t", run: () => setDialog("send") }] : []),
        ]
      : [],
  );
  const started = (words: string) => {
    setDialog(null);
    void refresh();
    toast.done(words);
  };

  const tab = (search.tab as Tab | undefined) ?? "summary";
  return (
    <Page
      title={source.name}
      above={[
        { title: "Providers", to: "/providers" },
        { title: provider?.name ?? "…", to: `/providers/${source.provider}` },
      ]}
      aside={
        <span className="flex items-center gap-3">
          <Badge>{source.kind}</Badge>
          <HealthStatus health={source.health} />
        </span>
      }
      body="fill"
      actions={
        may && (
          <>
            {source.kind === "poll" && (
              <Button variant={source.enabled ? "primary" : "secondary"} busy={running} disabled={!source.enabled} title={source.enabled ? undefined : "It is paused; resume it first"} icon={<RotateCw className="size-3.5" />} onClick={() => void runNow()}>
                {waits ? `Waiting until ${clock(waits.until)}` : running ? "Running" : "Run now"}
              </Button>
            )}
            {waits && (
              <Button icon={<X className="size-3.5" />} onClick={() => void stop()}>
                Stop waiting
              </Button>
            )}
            {source.kind === "file" && (
              <Button variant="primary" icon={<FileUp className="size-3.5" />} onClick={() => setDialog("import")}>
                Import a file
              </Button>
            )}
            {source.kind === "webhook" && (
              <Button icon={<Send className="size-3.5" />} onClick={() => setDialog("send")}>
                Send a test
              </Button>
            )}
            <Button variant={source.enabled ? "secondary" : "primary"} icon={source.enabled ? <Pause className="size-3.5" /> : <Play className="size-3.5" />} onClick={() => void toggle()}>
              {source.enabled ? "Pause" : "Resume"}
            </Button>
            <Menu
              trigger={<IconButton label="More" size="md" icon={<Ellipsis className="size-4" />} />}
              items={[
                ...(source.kind === "poll" ? [{ label: "Backfill from a date…", icon: <History />, onSelect: () => setDialog("backfill") }] : []),
                ...(source.kind !== "file" ? [{ label: "Import a file…", icon: <FileUp />, onSelect: () => setDialog("import") }] : []),
                ...(source.has_address ? [{ label: "New URL…", icon: <RotateCw />, onSelect: () => setDialog("rotate") }] : []),
                { separator: true as const },
                { label: "Delete…", icon: <Trash2 />, danger: true, onSelect: () => setDialog("delete") },
              ]}
            />
          </>
        )
      }
    >
      <Tabs<Tab>
        label="Parts of the source"
        value={tab}
        onChange={(next) => setSearch({ tab: next === "summary" ? undefined : next, verdict: undefined, delivery: undefined })}
        tabs={[
          { value: "summary", label: "Summary", content: <SourceSummary source={source} setup={type?.setup} onChanged={refresh} onSendTest={() => setDialog("send")} /> },
          { value: "deliveries", label: "Deliveries", content: <Deliveries source={source} /> },
          // A webhook's runs are its deliveries; what else it has is imported files.
          { value: "runs", label: source.kind === "webhook" ? "Imports" : "Runs", content: <Runs source={source} running={running} /> },
          { value: "fields", label: "Fields", content: <ModelFields model={source.model} source={source} /> },
          { value: "settings", label: "Settings", content: <SourceSettings source={source} definition={definition} onSaved={refresh} /> },
        ]}
      />
      {dialog === "backfill" && <BackfillDialog source={source} onClose={() => setDialog(null)} onStarted={() => started("The backfill runs")} />}
      {dialog === "import" && <ImportDialog source={source} onClose={() => setDialog(null)} onStarted={() => {
        started("The file is being taken in");
        setSearch({ tab: "runs" });
      }} />}
      {dialog === "send" && <SendTestDialog source={source} onClose={() => setDialog(null)} onSent={refresh} />}
      <ConfirmDialog
        open={dialog === "rotate"}
        onClose={() => setDialog(null)}
        title="Give it a new URL?"
        action="Make a new URL"
        danger
        onConfirm={async () => {
          await api.post(`/sources/${source.id}/rotate-address`);
          await client.invalidateQueries({ queryKey: ["address", source.id] });
          toast.done("The URL is new", { detail: "Set it at the sender" });
        }}
      >
        The URL that is used now stops working at once. Requests to it are answered 404 until the sender has the new one.
      </ConfirmDialog>
      <ConfirmDialog
        open={dialog === "delete"}
        onClose={() => setDialog(null)}
        title={`Delete ${source.name}?`}
        action="Delete source"
        danger
        onConfirm={async () => {
          await api.delete(`/sources/${source.id}`);
          await client.invalidateQueries({ queryKey: ["providers"] });
          go(`/providers/${source.provider}`, { replace: true });
        }}
      >
        Its links are removed with it. What it delivered and the records that came of it stay.
      </ConfirmDialog>
    </Page>
  );
}
