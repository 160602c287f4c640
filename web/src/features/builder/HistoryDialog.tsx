import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { api } from "~/api/client";
import { diff } from "~/core/diff";
import type { Page as PageOf, Version } from "~/generated/api";
import { Button } from "~/ui/Button";
import { cx } from "~/ui/cx";
import { Dialog } from "~/ui/Dialog";
import { RelativeTime } from "~/ui/RelativeTime";
import { ErrorState, SkeletonRows } from "~/ui/states";
import { Tabs } from "~/ui/Tabs";

import { useEditor, useStore } from "../editor/context";
import { loadSpec } from "../editor/transport";
import { ChangeCount, ChangeList } from "./ChangeList";

/** The versions of a spec: what each changed, how it differs from the draft, and a way back. */
export function HistoryDialog({ processor, version, onClose }: { processor: string; version: number; onClose: () => void }) {
  const store = useStore();
  const draft = useEditor((state) => state.document);
  const versions = useQuery({
    queryKey: ["versions", processor],
    queryFn: () => api.get<PageOf<Version>>(`/processors/${processor}/versions`, { limit: 200 }),
  });
  const [chosen, setChosen] = useState<number>(version);
  const [against, setAgainst] = useState<"before" | "draft">("before");
  const list = versions.data?.items ?? [];
  const place = list.findIndex((each) => each.version === chosen);
  const earlier = list[place + 1]?.version;
  const one = useQuery({
    queryKey: ["spec", processor, chosen],
    queryFn: () => loadSpec(processor, chosen),
    enabled: chosen > 0,
    staleTime: Infinity,
    structuralSharing: false,
  });
  const before = useQuery({
    queryKey: ["spec", processor, earlier],
    queryFn: () => loadSpec(processor, earlier),
    enabled: earlier !== undefined,
    staleTime: Infinity,
    structuralSharing: false,
  });
  const changes = useMemo(() => {
    if (one.data === undefined) return undefined;
    if (against === "draft") return diff(one.data.spec, draft, store.catalog);
    if (earlier === undefined) return diff({ instructions: [] }, one.data.spec, store.catalog);
    return before.data === undefined ? undefined : diff(before.data.spec, one.data.spec, store.catalog);
  }, [one.data, before.data, against, earlier, draft, store]);
  const restore = (): void => {
    if (one.data === undefined) return;
    store.replace(`Restore version ${chosen}`, one.data.spec);
    onClose();
  };
  const shown = changes === undefined ? <SkeletonRows rows={4} /> : <ChangeList changes={changes} onPick={(id) => (onClose(), store.reveal(id))} />;
  return (
    <Dialog
      open
      onClose={onClose}
      size="lg"
      title="History"
      description="Every save is a version. Restoring one puts it into your draft; it counts once you save."
      footer={
        <>
          {changes && <ChangeCount changes={changes} />}
          <span className="flex-1" />
          <Button onClick={onClose}>Close</Button>
          <Button variant="primary" disabled={one.data === undefined || !store.editable} onClick={restore}>
            Restore version {chosen}
          </Button>
        </>
      }
    >
      {versions.isError ? (
        <ErrorState error={versions.error} onRetry={() => void versions.refetch()} />
      ) : versions.isPending ? (
        <SkeletonRows rows={6} />
      ) : list.length === 0 ? (
        <p className="py-6 text-center text-sm text-muted">Nothing has been saved yet.</p>
      ) : (
        <div className="grid h-[56vh] grid-cols-[15rem_1fr] gap-5">
          <ul className="flex min-h-0 flex-col gap-0.5 overflow-y-auto" aria-label="Versions">
            {list.map((each) => (
              <li key={each.version}>
                <button
                  type="button"
                  aria-pressed={each.version === chosen}
                  onClick={() => setChosen(each.version)}
                  className={cx("flex w-full flex-col rounded-md px-2.5 py-1.5 text-left", each.version === chosen ? "bg-selected" : "hover:bg-hover")}
                >
                  <span className="flex items-baseline gap-2 text-sm font-medium">
                    Version {each.version}
                    {each.version === version && <span className="text-2xs font-normal text-faint">your draft began here</span>}
                  </span>
                  <span className="ellipsis text-xs text-muted">
                    {each.author} · <RelativeTime at={each.at} />
                  </span>
                  {each.note && <span className="ellipsis text-xs">{each.note}</span>}
                </button>
              </li>
            ))}
          </ul>
          <div className="flex min-h-0 min-w-0 flex-col">
            <Tabs
              label="Compare"
              value={against}
              onChange={setAgainst}
              tabs={[
                {
                  value: "before",
                  label: earlier === undefined ? "What it began with" : `Since version ${earlier}`,
                  content: <div className="min-h-0 flex-1 overflow-y-auto py-3">{shown}</div>,
                },
                { value: "draft", label: "To your draft", content: <div className="min-h-0 flex-1 overflow-y-auto py-3">{shown}</div> },
              ]}
            />
          </div>
        </div>
      )}
    </Dialog>
  );
}
