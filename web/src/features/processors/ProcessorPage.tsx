import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Blocks, Ellipsis, History, ListChecks, Pause, Pencil, Play, RefreshCw, Trash2, TriangleAlert } from "lucide-react";
import { useState } from "react";

import { useActions } from "~/actions/registry";
import { api, ApiError } from "~/api/client";
import { processorQuery, processorsQuery } from "~/api/queries";
import { useMay } from "~/api/session";
import { count, plural, words } from "~/core/numbers";
import { JobProgress } from "~/features/jobs/JobProgress";
import { ExecutionList } from "~/features/executions/ExecutionList";
import { specQuery } from "~/features/sources/LinkPicker";
import type { Execution, Job, Page as PageOf, Processor, Version } from "~/generated/api";
import { AppLink, useGo } from "~/ui/AppLink";
import { Badge, Status } from "~/ui/Badge";
import { Button, buttonClass, IconButton } from "~/ui/Button";
import { ConfirmDialog } from "~/ui/Dialog";
import { Menu } from "~/ui/Menu";
import { Page, Section } from "~/ui/Page";
import { RelativeTime } from "~/ui/RelativeTime";
import { EmptyState, ErrorState, Notice, Skeleton, SkeletonRows } from "~/ui/states";
import { toast } from "~/ui/Toast";

import { PresetUpdate } from "./PresetUpdate";
import { RenameDialog } from "./RenameDialog";
import { ReprocessDialog } from "./ReprocessDialog";

/** `/processors/{id}`: its spec, where it runs, what it did lately. */
export default function ProcessorPage() {
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const processor = useQuery(processorQuery(id));
  if (processor.isPending || processor.isError) {
    return (
      <Page title="Processor" above={[{ title: "Processors", to: "/processors" }]}>
        {processor.isPending ? <SkeletonRows /> : <ErrorState error={processor.error} onRetry={() => void processor.refetch()} />}
      </Page>
    );
  }
  return <Loaded key={processor.data.id} processor={processor.data} />;
}

function Loaded({ processor }: { processor: Processor }) {
  const client = useQueryClient();
  const go = useGo();
  const may = useMay("builder");
  const [dialog, setDialog] = useState<"rename" | "delete" | "reprocess" | null>(null);
  const [job, setJob] = useState<Job | null>(null);
  const spec = useQuery({ ...specQuery(processor.id), enabled: processor.version > 0 });
  const versions = useQuery({ queryKey: ["processors", processor.id, "versions"], queryFn: () => api.get<PageOf<Version> | Version[]>(`/processors/${processor.id}/versions`), retry: false });
  const executions = useQuery({
    queryKey: ["executions", "of", processor.id],
    queryFn: () => api.get<PageOf<Execution>>("/executions", { processor: processor.id, limit: 12 }),
    refetchInterval: 10_000,
  });
  const specUrl = `/processors/${processor.id}/spec`;
  const changed = () => client.invalidateQueries({ queryKey: processorsQuery.queryKey });

  const toggle = async () => {
    try {
      await api.patch(`/processors/${processor.id}`, { enabled: !processor.enabled });
      await changed();
      toast.done(processor.enabled ? "Switched off; what arrives waits for nothing and is not run" : "Switched on", {
        action: {
          label: "Undo",
          onClick: () => void api.patch(`/processors/${processor.id}`, { enabled: processor.enabled }).then(changed),
        },
      });
    } catch (error) {
      toast.failed("Nothing was changed", error);
    }
  };
  useActions([
    { id: "processor.spec", title: "Edit the spec", group: "Processor", keys: "e", run: () => go(specUrl) },
    ...(may ? [{ id: "processor.toggle", title: processor.enabled ? "Disable the processor" : "Enable the processor", group: "Processor", run: () => void toggle() }] : []),
  ]);

  const list = Array.isArray(versions.data) ? versions.data : (versions.data?.items ?? []);
  const errors = spec.data?.diagnostics.filter((each) => each.severity === "error").length ?? 0;
  const warnings = spec.data?.diagnostics.filter((each) => each.severity === "warning").length ?? 0;
  const instructions = spec.data?.spec.instructions;

  return (
    <Page
      title={processor.name}
      above={[{ title: "Processors", to: "/processors" }]}
      aside={
        <span className="flex items-center gap-3">
          <Badge>
            <span className="font-mono">{processor.model}</span>
          </Badge>
          {processor.enabled ? <Status tone="ok">Enabled</Status> : <Status tone="neutral">Disabled</Status>}
        </span>
      }
      actions={
        <>
          {may && (
            <Button icon={processor.enabled ? <Pause className="size-3.5" /> : <Play className="size-3.5" />} onClick={() => void toggle()}>
              {processor.enabled ? "Disable" : "Enable"}
            </Button>
          )}
          <AppLink to={specUrl} className={buttonClass("primary")}>
            <Blocks className="size-4" aria-hidden="true" /> {may ? "Edit spec" : "See spec"}
          </AppLink>
          {may && (
            <Menu
              trigger={<IconButton label="More" size="md" icon={<Ellipsis className="size-4" />} />}
              items={[
                { label: "Rename…", icon: <Pencil />, onSelect: () => setDialog("rename") },
                { label: "Reprocess records…", icon: <RefreshCw />, disabled: processor.version === 0, onSelect: () => setDialog("reprocess") },
                { separator: true },
                { label: "Delete…", icon: <Trash2 />, danger: true, onSelect: () => setDialog("delete") },
              ]}
            />
          )}
        </>
      }
    >
      {job && (
        <div className="border-b border-line px-5 py-3">
          <JobProgress id={job.id} title="Reprocessing" onDismiss={() => setJob(null)} onDone={() => void client.invalidateQueries({ queryKey: ["executions"] })} />
        </div>
      )}
      {processor.version === 0 ? (
        <Section title="Spec">
          <div className="rounded-md border border-line">
            <EmptyState
              icon={<Blocks />}
              title="It has no spec yet"
              className="py-10"
              action={
                may && (
                  <AppLink to={specUrl} className={buttonClass("primary")}>
                    Open the Spec Builder
                  </AppLink>
                )
              }
            >
              The spec says what to make of each <span className="font-mono text-xs">{processor.model}</span>. Until it has one, records wait for it.
            </EmptyState>
          </div>
        </Section>
      ) : (
        <Section title="Spec">
          <div className="flex flex-wrap items-center gap-x-8 gap-y-2">
            <Fact title="Version">v{processor.version}</Fact>
            <Fact title="Steps">{Array.isArray(instructions) ? count(instructions.length) : <Skeleton className="h-4 w-8" />}</Fact>
            <Fact title="Problems">
              {errors > 0 ? (
                <span className="text-danger-text">{plural(errors, "error")}</span>
              ) : warnings > 0 ? (
                <span className="flex items-center gap-1 text-warn-text">
                  <TriangleAlert className="size-3.5" aria-hidden="true" />
                  {plural(warnings, "warning")}
                </span>
              ) : (
                "none"
              )}
            </Fact>
            <Fact title="Saved">
              <RelativeTime at={list[0]?.at ?? spec.data?.at} empty="…" />
              {spec.data?.author && <span className="font-normal text-muted"> by {spec.data.author}</span>}
            </Fact>
          </div>
          <PresetUpdate processor={processor} />
        </Section>
      )}
      <Section title="Sources" description="Where its records come from">
        {processor.sources.length === 0 ? (
          <p className="text-sm text-muted">
            It is not linked to a source yet. Link it on the page of a source that yields <span className="font-mono text-xs">{processor.model}</span>.
          </p>
        ) : (
          <ul className="flex flex-wrap gap-2">
            {processor.sources.map((source) => (
              <li key={source.id}>
                <AppLink to={`/sources/${source.id}`} className={buttonClass("secondary", "sm")}>
                  {source.name}
                </AppLink>
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section
        title="Latest executions"
        actions={
          <AppLink to={`/executions?processor=${processor.id}`} className={buttonClass("secondary", "sm")}>
            <ListChecks className="size-3.5" aria-hidden="true" /> All executions
          </AppLink>
        }
      >
        {executions.isPending ? (
          <Skeleton className="h-24 w-full" />
        ) : executions.isError ? (
          <ErrorState error={executions.error} className="py-6" />
        ) : executions.data.items.length === 0 ? (
          <p className="text-sm text-muted">It has not run yet.</p>
        ) : (
          <ExecutionList executions={executions.data.items} />
        )}
      </Section>
      <Section title="Versions">
        {versions.isError ? (
          versions.error instanceof ApiError && versions.error.status === 404 ? (
            <p className="text-sm text-muted">None yet.</p>
          ) : (
            <Notice tone="danger">The versions could not be read.</Notice>
          )
        ) : list.length === 0 ? (
          <p className="text-sm text-muted">None yet.</p>
        ) : (
          <ul className="overflow-hidden rounded-md border border-line">
            {list.slice(0, 20).map((version) => (
              <li key={version.version} className="flex items-center gap-4 border-b border-line px-3 py-1.5 last:border-b-0">
                <History className="size-3.5 text-faint" aria-hidden="true" />
                <AppLink to={`${specUrl}?version=${version.version}`} className="tabular w-10 font-medium hover:underline">
                  v{version.version}
                </AppLink>
                <span className="ellipsis flex-1 text-muted">{version.note ?? ""}</span>
                <span className="text-muted">{version.author}</span>
                <span className="w-28 text-right text-muted">
                  <RelativeTime at={version.at} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Section>
      {dialog === "rename" && <RenameDialog processor={processor} onClose={() => setDialog(null)} onDone={changed} />}
      {dialog === "reprocess" && (
        <ReprocessDialog
          processor={processor}
          onClose={() => setDialog(null)}
          onStarted={(started) => {
            setJob(started);
            setDialog(null);
          }}
        />
      )}
      <ConfirmDialog
        open={dialog === "delete"}
        onClose={() => setDialog(null)}
        title={`Delete ${processor.name}?`}
        action="Delete processor"
        danger
        onConfirm={async () => {
          await api.delete(`/processors/${processor.id}`);
          await changed();
          go("/processors", { replace: true });
        }}
      >
        Its links are removed with it. What it wrote stays, and its executions can still be looked at. {processor.sources.length > 0 && `It runs on ${plural(processor.sources.length, "source")} now.`}
      </ConfirmDialog>
    </Page>
  );
}

function Fact({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div>
      <div className="text-xs text-muted">{words(title)}</div>
      <div className="tabular font-medium">{children}</div>
    </div>
  );
}
