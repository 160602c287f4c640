import { useMutation, useQueryClient } from "@tanstack/react-query";
import {
  ChevronDown,
  ChevronRight,
  CircleAlert,
  CircleCheck,
  Download,
  FlaskConical,
  GitCompareArrows,
  History,
  MoreHorizontal,
  Redo2,
  Save,
  Search,
  TriangleAlert,
  Undo2,
  Upload,
  Wand2,
} from "lucide-react";

import { api } from "~/api/client";
import type { Problem } from "~/core/problems";
import { find } from "~/core/spec";
import { plain, summary } from "~/core/words";
import type { Processor } from "~/generated/api";
import { AppLink } from "~/ui/AppLink";
import { Button, IconButton } from "~/ui/Button";
import { Switch } from "~/ui/Checkbox";
import { Code } from "~/ui/Code";
import { cx } from "~/ui/cx";
import { Badge } from "~/ui/Badge";
import { Menu } from "~/ui/Menu";
import { Popover } from "~/ui/Popover";
import { toast } from "~/ui/Toast";

import { useEditor, useStore } from "../editor/context";
import { applyFix } from "../editor/Messages";

type Props = {
  processor: Processor;
  version: number;
  dirty: boolean;
  saving: boolean;
  may: boolean;
  record: string | undefined;
  onSave: () => void;
  onExport: () => void;
};

export function TopBar({ processor, version, dirty, saving, may, record, onSave, onExport }: Props) {
  const store = useStore();
  const past = useEditor((state) => state.history.past.at(-1)?.label);
  const future = useEditor((state) => state.history.future[0]?.label);
  return (
    <header className="flex h-13 shrink-0 items-center gap-2 border-b border-line px-4">
      <nav aria-label="Breadcrumb" className="hidden shrink-0 items-center gap-1 text-sm text-muted xl:flex">
        <AppLink to="/processors" className="rounded-sm hover:text-text">
          Processors
        </AppLink>
        <ChevronRight aria-hidden="true" className="size-3.5 text-faint" />
      </nav>
      <div className="flex min-w-0 items-center gap-2">
        <h1 className="ellipsis text-base font-semibold">
          <AppLink to={`/processors/${processor.id}`} className="hover:underline">
            {processor.name}
          </AppLink>
        </h1>
        <span className="shrink-0 rounded-sm bg-neutral-soft px-1.5 text-xs text-muted">{version === 0 ? "new" : `v${version}`}</span>
        <span aria-live="polite" className="flex shrink-0 items-center gap-1.5 text-xs text-muted">
          {dirty && (
            <>
              <span aria-hidden="true" className="size-2 rounded-full bg-warn" />
              unsaved
            </>
          )}
        </span>
      </div>
      <div className="ml-auto flex shrink-0 items-center gap-1.5">
        {!may && <Badge>read only</Badge>}
        <IconButton
          label={past === undefined ? "Undo" : `Undo: ${past}`}
          keys={["Mod", "Z"]}
          icon={<Undo2 className="size-4" />}
          disabled={past === undefined}
          onClick={() => store.undo()}
        />
        <IconButton
          label={future === undefined ? "Redo" : `Redo: ${future}`}
          keys={["Mod", "Shift", "Z"]}
          icon={<Redo2 className="size-4" />}
          disabled={future === undefined}
          onClick={() => store.redo()}
        />
        <IconButton label="Find in the spec" keys={["Mod", "F"]} icon={<Search className="size-4" />} onClick={() => store.set({ open: "find" })} />
        <Problems />
        <span aria-hidden="true" className="mx-1 h-5 w-px bg-line" />
        <Button
          size="sm"
          variant="ghost"
          icon={<FlaskConical className="size-3.5" />}
          disabled={!may}
          onClick={() => store.set({ open: "test" })}
          title={record === undefined ? "Run the draft on a record" : "Run the draft on the picked record"}
        >
          Test
        </Button>
        <Button
          size="sm"
          variant="ghost"
          icon={<GitCompareArrows className="size-3.5" />}
          disabled={!may}
          onClick={() => store.set({ open: "preview" })}
          className="max-lg:hidden"
        >
          Preview impact
        </Button>
        <IconButton label="History of versions" icon={<History className="size-4" />} onClick={() => store.set({ open: "history" })} />
        <Menu
          trigger={<IconButton label="More" icon={<MoreHorizontal className="size-4" />} />}
          items={[
            { label: "Preview impact", icon: <GitCompareArrows />, disabled: !may, onSelect: () => store.set({ open: "preview" }) },
            { label: "Import a spec", icon: <Upload />, disabled: !may, onSelect: () => store.set({ open: "import" }) },
            { label: "Export the spec", icon: <Download />, onSelect: onExport },
          ]}
        />
        <Enabled processor={processor} may={may} />
        <div className="flex">
          <Button variant="primary" size="sm" icon={<Save className="size-3.5" />} busy={saving} disabled={!may} onClick={onSave} className="rounded-r-none">
            Save
          </Button>
          <button
            type="button"
            aria-label="Save with a note"
            title="Save with a note"
            disabled={!may}
            onClick={() => store.set({ open: "save" })}
            className="flex h-7 w-6 items-center justify-center rounded-r-md border-l border-accent-fg/30 bg-accent text-accent-fg hover:bg-accent-hover disabled:opacity-50"
          >
            <ChevronDown aria-hidden="true" className="size-3.5" />
          </button>
        </div>
      </div>
    </header>
  );
}

function Enabled({ processor, may }: { processor: Processor; may: boolean }) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (enabled: boolean) => api.patch(`/processors/${processor.id}`, { enabled }),
    onSuccess: (_, enabled) => {
      toast.done(enabled ? "Enabled: records are processed" : "Disabled: records wait");
      return client.invalidateQueries({ queryKey: ["processors"] });
    },
    onError: (error) => toast.failed("Nothing was changed", error),
  });
  return (
    <span
      className="flex items-center gap-1.5 px-1 text-xs text-muted"
      title={processor.enabled ? "Records are processed with the saved version" : "Records are not processed"}
    >
      <Switch
        label="Enabled"
        checked={change.isPending ? change.variables : processor.enabled}
        disabled={!may}
        onChange={(enabled) => change.mutate(enabled)}
      />
      <span aria-hidden="true" className="max-lg:hidden">
        {processor.enabled ? "Enabled" : "Disabled"}
      </span>
    </span>
  );
}

/** How many problems there are; opens the list, which jumps to each. */
function Problems() {
  const store = useStore();
  const problems = useEditor((state) => state.problems);
  const checking = useEditor((state) => state.checking);
  const bad = useEditor((state) => state.bad);
  const open = useEditor((state) => state.open === "problems");
  const errors = problems.errors + bad.size;
  const label =
    checking === "failed"
      ? "Not checked"
      : errors + problems.warnings === 0
        ? "No problems"
        : `${errors} ${errors === 1 ? "error" : "errors"}, ${problems.warnings} ${problems.warnings === 1 ? "warning" : "warnings"}`;
  return (
    <Popover
      open={open}
      onOpenChange={(next) => store.set({ open: next ? "problems" : undefined })}
      align="end"
      className="!max-w-none w-[30rem] !p-0"
      trigger={
        <button
          type="button"
          aria-label={`Problems: ${label}`}
          data-checking={checking}
          data-errors={errors}
          data-warnings={problems.warnings}
          className={cx("flex h-7 items-center gap-1.5 rounded-md px-2 text-xs font-medium hover:bg-hover", checking === "waiting" && "opacity-70")}
        >
          {checking === "failed" ? (
            <span className="text-warn-text">Not checked</span>
          ) : errors + problems.warnings === 0 ? (
            <span className="flex items-center gap-1 text-ok-text">
              <CircleCheck aria-hidden="true" className="size-3.5" /> No problems
            </span>
          ) : (
            <>
              {errors > 0 && (
                <span className="tabular flex items-center gap-1 text-danger-text">
                  <CircleAlert aria-hidden="true" className="size-3.5" />
                  {errors}
                </span>
              )}
              {problems.warnings > 0 && (
                <span className="tabular flex items-center gap-1 text-warn-text">
                  <TriangleAlert aria-hidden="true" className="size-3.5" />
                  {problems.warnings}
                </span>
              )}
            </>
          )}
        </button>
      }
    >
      <div className="max-h-[26rem] overflow-y-auto py-1">
        {checking === "failed" && (
          <p className="px-3 py-2 text-xs text-warn-text">The server did not answer. Your draft is kept, and it is checked again soon.</p>
        )}
        {[...bad.values()].map((each) => (
          <Row key={each.id + each.below} id={each.id} below={each.below} severity="error" text={each.problem} />
        ))}
        {problems.all.map((problem, at) => (
          <Row key={at} id={problem.id} below={problem.below} severity={problem.severity} text={problem.text} problem={problem} />
        ))}
        {problems.all.length + bad.size === 0 && checking !== "failed" && (
          <p className="px-3 py-3 text-sm text-muted">There are no problems: the spec can be saved.</p>
        )}
      </div>
    </Popover>
  );
}

function Row({ id, below, severity, text, problem }: { id: string; below: string; severity: Problem["severity"]; text: string; problem?: Problem }) {
  const store = useStore();
  const title = useEditor((state) => {
    const place = find(state.document, store.catalog, id);
    return place === undefined ? "The spec" : plain(summary(place.instruction, store.catalog));
  });
  const Icon = severity === "error" ? CircleAlert : TriangleAlert;
  const fix = problem?.fixes?.[0];
  return (
    <div className="mx-1 flex items-start gap-1 rounded-md hover:bg-hover">
      <button
        type="button"
        onClick={() => {
          store.set({ open: undefined });
          if (id !== "") store.reveal(id, below);
        }}
        className="flex min-w-0 flex-1 items-start gap-2 px-2 py-1.5 text-left"
      >
        <Icon aria-label={severity} className={cx("mt-0.5 size-3.5 shrink-0", severity === "error" ? "text-danger-text" : "text-warn-text")} />
        <span className="min-w-0 flex-1">
          <span className="block text-xs [overflow-wrap:anywhere]">
            <Code text={text} />
          </span>
          <span className="ellipsis block text-2xs text-faint">{title}</span>
        </span>
      </button>
      {fix && (
        <button
          type="button"
          onClick={() => applyFix(store, fix)}
          className="mt-1 flex shrink-0 items-center gap-1 rounded-sm border border-line-strong bg-surface px-1.5 py-0.5 text-2xs font-medium hover:bg-active"
        >
          <Wand2 aria-hidden="true" className="size-3" />
          {fix.title}
        </button>
      )}
    </div>
  );
}
