import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, CircleAlert, Download, Link2, PencilLine, Play, ShieldAlert, ShieldCheck } from "lucide-react";

import { api, exchange } from "~/api/client";
import { useMay } from "~/api/session";
import { parseJson, printJson } from "~/core/json";
import { duration } from "~/core/time";
import { failuresOf, stepsTo } from "~/core/trace";
import type { Execution } from "~/generated/api";
import { AppLink, useGo } from "~/ui/AppLink";
import { Badge } from "~/ui/Badge";
import { Button, IconButton } from "~/ui/Button";
import { Menu } from "~/ui/Menu";
import { Popover } from "~/ui/Popover";
import { RelativeTime } from "~/ui/RelativeTime";
import { Select } from "~/ui/Select";
import { Spinner } from "~/ui/Spinner";
import { toast } from "~/ui/Toast";
import { Tooltip } from "~/ui/Tooltip";

import { ExecutionStatusMark } from "../executions/status";
import { useEditor, useStore } from "../editor/context";
import { type Trace, isEnriched } from "../editor/transport";
import { Attempts } from "./Attempts";

/** When it ran, of what, how it ended, and what can be done with it. */
export function TraceBar({
  id,
  trace,
  reason,
  fresh,
  fetching,
  onFresh,
  attempt,
  onAttempt,
}: {
  id: string;
  trace: Trace;
  /** Why personal values are revealed, where they are: then they stand in a test case too. */
  reason: string | undefined;
  /** Whether the related data is shown as it is now, and whether it is on its way. */
  fresh: boolean;
  fetching: boolean;
  onFresh: (on: boolean) => void;
  /** The earlier attempt that is looked at; none: how it stands. */
  attempt: string | undefined;
  onAttempt: (id: string | undefined) => void;
}) {
  const store = useStore();
  const client = useQueryClient();
  const go = useGo();
  const may = useMay("builder");
  const focus = useEditor((state) => state.focus);
  const { execution } = trace;
  const failures = failuresOf(trace.tree.instructions);
  const again = useMutation({
    mutationFn: (how: { version: "same" | "current"; enrichments: "recorded" | "fresh" }) =>
      api.post<Execution>(`/executions/${id}/run-again`, how),
    onSuccess: (_, { version, enrichments }) => {
      const with_ = version === "same" ? `version ${trace.version}` : "the current version";
      toast.done(`It runs again with ${with_}`, { detail: enrichments === "fresh" ? "Its related data is fetched again." : undefined });
      void client.invalidateQueries({ queryKey: ["trace", id] });
      void client.invalidateQueries({ queryKey: ["pages", "/executions"] });
    },
    onError: (error) => toast.failed("It did not run", error),
  });
  const download = useMutation({
    // As text, so that numbers keep every digit.
    mutationFn: () => exchange("GET", `/executions/${id}/test-case`, { query: { reveal: reason } }),
    onSuccess: ({ text }) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([`${printJson(parseJson(text), 2)}\n`], { type: "application/json" }));
      link.download = `execution-${id}.test.json`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href));
      toast.done("Downloaded as a test case", { detail: `salesdash run ${link.download} tells whether it still comes to the same.` });
    },
    onError: (error) => toast.failed("There is no test case", error),
  });
  const failed = failures[0];
  return (
    <header className="flex h-13 shrink-0 items-center gap-2 border-b border-line px-4">
      <nav aria-label="Breadcrumb" className="hidden shrink-0 items-center gap-1 text-sm text-muted xl:flex">
        <AppLink to="/executions" className="rounded-sm hover:text-text">
          Executions
        </AppLink>
        <ChevronRight aria-hidden="true" className="size-3.5 text-faint" />
      </nav>
      <div className="flex min-w-0 items-center gap-2.5">
        <h1 className="ellipsis text-base font-semibold">{execution?.key ?? "Execution"}</h1>
        <ExecutionStatusMark status={execution?.status ?? trace.tree.status} />
        {execution && (
          <span className="ellipsis text-xs text-muted max-lg:hidden">
            <RelativeTime at={execution.at} /> ·{" "}
            {execution.processor ? (
              <AppLink className="link" to={`/processors/${execution.processor.id}`}>
                {execution.processor.name}
              </AppLink>
            ) : (
              "a processor that was deleted"
            )}{" "}
            v{trace.version}
            {execution.source && (
              <>
                {" "}
                ·{" "}
                <AppLink className="link" to={`/sources/${execution.source.id}`}>
                  {execution.source.name}
                </AppLink>
              </>
            )}
            {execution.took_us !== null && execution.took_us !== undefined && <span className="tabular"> · {duration(Number(execution.took_us))}</span>}
          </span>
        )}
        {!fresh && trace.verified === "yes" && (
          <Tooltip text="Replayed from the recorded input: the result is exactly what was written then">
            <span tabIndex={0} className="flex shrink-0 items-center gap-1 rounded-sm text-xs text-ok-text">
              <ShieldCheck aria-hidden="true" className="size-3.5" /> verified
            </span>
          </Tooltip>
        )}
        {trace.verified === "erased" && <Badge tone="info">erased</Badge>}
        {trace.verified === "differs" && (
          <Badge tone="danger" icon={<ShieldAlert aria-hidden="true" />}>
            differs
          </Badge>
        )}
      </div>
      <div className="ml-auto flex shrink-0 items-center gap-1.5">
        {failed && (
          <Popover
            align="end"
            className="!max-w-none w-[28rem] !p-1"
            trigger={
              <button type="button" className="flex h-7 items-center gap-1.5 rounded-md bg-danger-soft px-2 text-xs font-medium text-danger-text">
                <CircleAlert aria-hidden="true" className="size-3.5" />
                <span className="tabular">{failures.length}</span> failed
              </button>
            }
          >
            <ul className="max-h-96 overflow-y-auto">
              {failures.slice(0, 200).map((failure, at) => (
                <li key={at}>
                  <button
                    type="button"
                    onClick={() => {
                      store.set({ steps: new Map([...store.state.steps, ...stepsTo(trace.tree, failure.id, failure.path)]) });
                      store.reveal(failure.id);
                    }}
                    className="flex w-full items-start gap-2 rounded-md px-2 py-1.5 text-left text-xs hover:bg-hover"
                  >
                    <span className="min-w-0 flex-1">{failure.message?.text ?? "failed"}</span>
                    <span className="shrink-0 font-mono text-2xs text-faint">
                      {failure.id}
                      {failure.path.length > 0 && ` · ${failure.path.map((index) => index + 1).join(".")}`}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          </Popover>
        )}
        <Attempts attempts={trace.attempts ?? []} shown={attempt} onPick={onAttempt} />
        {may && attempt === undefined && isEnriched(trace.spec) && (
          <Select
            size="sm"
            label="Related data"
            value={fresh ? "fresh" : "recorded"}
            options={[
              { value: "recorded", label: "Related data as it was" },
              { value: "fresh", label: "Related data as it is now" },
            ]}
            onChange={(next) => onFresh(next === "fresh")}
          />
        )}
        {fetching && <Spinner />}
        <IconButton
          label="Previous execution of this record"
          keys={["["]}
          icon={<ChevronLeft className="size-4" />}
          disabled={!trace.previous}
          onClick={() => go(`/executions/${trace.previous ?? ""}`)}
        />
        <IconButton
          label="Next execution of this record"
          keys={["]"]}
          icon={<ChevronRight className="size-4" />}
          disabled={!trace.next}
          onClick={() => go(`/executions/${trace.next ?? ""}`)}
        />
        <IconButton
          label="Copy link"
          icon={<Link2 className="size-4" />}
          onClick={() =>
            navigator.clipboard.writeText(window.location.href).then(
              () => toast.done("Copied the link", { detail: "It opens exactly what is on the screen." }),
              (error: unknown) => toast.failed("Nothing was copied", error),
            )
          }
        />
        {trace.verified !== "erased" && attempt === undefined && (
          <IconButton label="Download as test case" icon={<Download className="size-4" />} disabled={download.isPending} onClick={() => download.mutate()} />
        )}
        {may && trace.verified !== "erased" && attempt === undefined && (
          <Menu
            trigger={
              <Button size="sm" busy={again.isPending} icon={<Play className="size-3.5" />}>
                Run again
              </Button>
            }
            items={[
              { heading: `With version ${trace.version}` },
              { label: "With the related data as it was", onSelect: () => again.mutate({ version: "same", enrichments: "recorded" }) },
              { label: "With fresh related data", onSelect: () => again.mutate({ version: "same", enrichments: "fresh" }) },
              { separator: true },
              { heading: "With the current version" },
              { label: "With the related data as it was", onSelect: () => again.mutate({ version: "current", enrichments: "recorded" }) },
              { label: "With fresh related data", onSelect: () => again.mutate({ version: "current", enrichments: "fresh" }) },
            ]}
          />
        )}
        {execution?.processor && (
          <Button
            size="sm"
            variant="primary"
            icon={<PencilLine className="size-3.5" />}
            onClick={() => {
              const search = new URLSearchParams();
              if (focus !== undefined) search.set("instruction", focus);
              if (store.state.node !== "") search.set("node", store.state.node);
              if (execution.model_id) search.set("record", execution.model_id);
              go(`/processors/${execution.processor?.id ?? ""}/spec?${search.toString()}`);
            }}
          >
            Edit spec
          </Button>
        )}
      </div>
    </header>
  );
}
