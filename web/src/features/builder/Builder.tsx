import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";

import { ApiError } from "~/api/client";
import { useMay } from "~/api/session";
import { type Json, printJson, same } from "~/core/json";
import { plain, summary } from "~/core/words";
import { find } from "~/core/spec";
import type { Processor } from "~/generated/api";
import { SplitPane } from "~/ui/SplitPane";
import { Notice } from "~/ui/states";
import { Button } from "~/ui/Button";
import { toast } from "~/ui/Toast";
import { useSearchState } from "~/ui/useSearchState";

import { AddDialog } from "../editor/AddDialog";
import { useEditor, useStore } from "../editor/context";
import { FindBar } from "../editor/FindBar";
import { Inspector } from "../editor/Inspector";
import { Stack } from "../editor/Stack";
import { loadSpec, saveSpec } from "../editor/transport";
import { useEditorActions } from "../editor/useEditorActions";
import { type Trying, keepChecked, keepTried } from "./checker";
import { dropDraft, writeDraft } from "./drafts";
import { HistoryDialog } from "./HistoryDialog";
import { ImportDialog } from "./ImportDialog";
import { LeftPanel } from "./LeftPanel";
import { MergeDialog, type Merging } from "./MergeDialog";
import { PresetMerge } from "./PresetMerge";
import { PreviewDialog } from "./PreviewDialog";
import { SaveDialog } from "./SaveDialog";
import type { Editing } from "./session";
import { TestDialog } from "./TestDialog";
import { TopBar } from "./TopBar";

/** So long the draft must rest before it is written down. */
const DRAFT_AFTER_MS = 300;

export type Base = { readonly document: Json; readonly version: number; readonly etag: string };

/** The three panels of the Spec Builder, and what belongs to them. */
export function Builder({ processor, editing }: { processor: Processor; editing: Editing }) {
  const store = useStore();
  const client = useQueryClient();
  const may = useMay("builder");
  const [search, setSearch] = useSearchState();
  const [base, setBase] = useState<Base>(() => ({
    document: editing.saved.spec,
    version: editing.saved.version,
    etag: editing.saved.etag ?? `"v${editing.saved.version}"`,
  }));
  const [merging, setMerging] = useState<Merging | undefined>(() =>
    editing.outdated === undefined
      ? undefined
      : {
          base: editing.outdated.base,
          mine: editing.outdated.mine,
          theirs: { document: editing.saved.spec, version: editing.saved.version, etag: base.etag, author: editing.saved.author, at: editing.saved.at },
        },
  );
  const [offer, setOffer] = useState(editing.offer);
  // A newer preset that the draft was merged with, and the draft as it was before, to which undoing may lead back.
  const [merged, setMerged] = useState<{ revision: string; title: string; before: Json } | undefined>(undefined);
  const [restored, setRestored] = useState(editing.outdated === undefined ? editing.restored : undefined);
  const [saving, setSaving] = useState(false);
  const [trying, setTrying] = useState<Trying>({ state: "off" });
  const [record, setRecord] = useState<string | undefined>(search.record);
  // The page itself is drawn again when something about it changes, not with every letter in the document.
  const undone = useEditor((state) => merged !== undefined && state.document === merged.before);
  const adopted = undone ? undefined : merged;
  // A merge is saved even where it changes nothing, so that the next one begins with it.
  const changed = useEditor((state) => state.document !== base.document && !same(state.document, base.document));
  const dirty = adopted !== undefined || changed;
  const newest = useRef(base);
  newest.current = base;

  useEffect(() => keepChecked(store), [store]);
  useEffect(() => {
    if (record === undefined || !may) {
      setTrying({ state: "off" });
      return;
    }
    return keepTried(store, record, setTrying);
  }, [store, record, may]);

  // What one comes to see: an instruction, and a node of it.
  useEffect(() => {
    if (search.instruction !== undefined && find(store.state.document, store.catalog, search.instruction)) store.reveal(search.instruction, search.node);
    // Only when the page opens: afterwards the address follows the selection.
  }, [store]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let focus: string | undefined;
    const follow = (): void => {
      if (store.state.focus === focus && timer !== undefined) return;
      focus = store.state.focus;
      clearTimeout(timer);
      timer = setTimeout(() => setSearch({ instruction: focus, node: undefined, record }), 250);
    };
    follow();
    const unsubscribe = store.subscribe(follow);
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, [store, record, setSearch]);

  // The draft is kept while it differs from what is saved, also when the tab goes away.
  useEffect(() => {
    if (merging !== undefined) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let kept = store.state.document;
    let warned = false;
    const keep = (): void => {
      clearTimeout(timer);
      const now = store.state.document;
      if (now === kept) return;
      kept = now;
      if (same(now, newest.current.document)) dropDraft(processor.id);
      else if (!writeDraft(processor.id, newest.current.version, now) && !warned) {
        warned = true;
        toast.failed("The draft is not kept", new Error("This browser has no room left for it. Save soon."));
      }
    };
    const changed = (): void => {
      if (store.state.document === kept) return;
      clearTimeout(timer);
      timer = setTimeout(keep, DRAFT_AFTER_MS);
    };
    const unsubscribe = store.subscribe(changed);
    window.addEventListener("pagehide", keep);
    return () => {
      unsubscribe();
      keep();
      window.removeEventListener("pagehide", keep);
    };
  }, [store, processor.id, merging]);

  const commit = async (said: string): Promise<void> => {
    const sent = store.state.document;
    const note = said.trim() === "" && adopted !== undefined ? `Merged with the newer “${adopted.title}”` : said;
    setSaving(true);
    try {
      const saved = await saveSpec(processor.id, base.etag, sent, note, adopted?.revision);
      setMerged(undefined);
      setBase({ document: sent, version: saved.version, etag: saved.etag ?? `"v${saved.version}"` });
      if (store.state.document === sent) dropDraft(processor.id);
      setRestored(undefined);
      store.set({ open: undefined });
      toast.done(`Saved as version ${saved.version}`);
      void client.invalidateQueries({ queryKey: ["processors"] });
      void client.invalidateQueries({ queryKey: ["versions", processor.id] });
    } catch (error) {
      if (error instanceof ApiError && error.status === 412) {
        const theirs = await loadSpec(processor.id);
        store.set({ open: undefined });
        setMerging({
          base: base.document,
          mine: sent,
          theirs: { document: theirs.spec, version: theirs.version, etag: theirs.etag ?? `"v${theirs.version}"`, author: theirs.author, at: theirs.at },
        });
      } else if (error instanceof ApiError && error.diagnostics.length > 0) {
        store.set({ open: "problems" });
        toast.failed("Not saved", error);
      } else toast.failed("Not saved", error);
    } finally {
      setSaving(false);
    }
  };

  const save = (): void => {
    if (!may || saving) return;
    // What is being typed counts.
    if (window.document.activeElement instanceof HTMLElement && window.document.activeElement.closest("[data-inspector]")) window.document.activeElement.blur();
    const { problems, bad, checking } = store.state;
    if (bad.size > 0) {
      const first = [...bad.values()][0];
      if (first) store.reveal(first.id, first.below);
      toast.failed("Not saved", new Error(`A text cannot be read yet: ${first?.problem ?? ""}`));
      return;
    }
    if (checking === "done" && problems.errors > 0) {
      const first = problems.all.find((problem) => problem.severity === "error");
      if (first) store.reveal(first.id, first.below);
      store.set({ open: "problems" });
      toast.failed(
        "Not saved",
        new Error(
          problems.errors === 1
            ? `There is an error: ${first?.text ?? ""}`
            : `There are ${problems.errors} errors: they are listed under Problems. Your draft is kept.`,
        ),
      );
      return;
    }
    if (!dirty) {
      toast.done("Nothing to save", { detail: `This is version ${base.version}.` });
      return;
    }
    void commit("");
  };

  const exportSpec = (): void => {
    const link = window.document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`${printJson(store.state.document, 2)}\n`], { type: "application/json" }));
    link.download = `${processor.name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.spec.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href));
  };

  useEditorActions({ save, exportSpec });
  useEffect(() => {
    window.document.title = `${dirty ? "• " : ""}${processor.name} · Edit spec · SalesDash`;
  }, [dirty, processor.name]);

  return (
    <main id="main" tabIndex={-1} className="flex h-full min-h-0 min-w-0 flex-1 flex-col bg-surface outline-none">
      <TopBar processor={processor} version={base.version} dirty={dirty} saving={saving} may={may} record={record} onSave={save} onExport={exportSpec} />
      {restored !== undefined && dirty && (
        <div className="border-b border-line px-4 py-2">
          <Notice
            title="Your draft is back"
            action={
              <span className="flex shrink-0 gap-1">
                <Button
                  size="sm"
                  onClick={() => {
                    store.replace("Discard draft", base.document);
                    dropDraft(processor.id);
                    setRestored(undefined);
                  }}
                >
                  Discard it
                </Button>
                <Button size="sm" variant="ghost" onClick={() => setRestored(undefined)}>
                  Keep editing
                </Button>
              </span>
            }
          >
            It was not saved when this page was closed.
          </Notice>
        </div>
      )}
      <SplitPane
        id="builder"
        left={{ label: "Source and scope", width: 288, min: 220, max: 520, content: <LeftPanel record={record} trying={trying} onRecord={setRecord} /> }}
        right={{ label: "Inspector", width: 416, min: 300, max: 760, content: <Inspector /> }}
      >
        <FindBar />
        <Stack label="Instructions" />
      </SplitPane>
      <Announcer />
      <AddDialog />
      <Opened name="history">{(close) => <HistoryDialog processor={processor.id} version={base.version} onClose={close} />}</Opened>
      <Opened name="import">{(close) => <ImportDialog onClose={close} />}</Opened>
      <Opened name="preview">{(close) => <PreviewDialog processor={processor.id} onClose={close} />}</Opened>
      <Opened name="test">{(close) => <TestDialog record={record} onClose={close} />}</Opened>
      <Opened name="save">{(close) => <SaveDialog dirty={dirty} base={base.document} saving={saving} onSave={(note) => void commit(note)} onClose={close} />}</Opened>
      {merging === undefined && offer !== undefined && (
        <PresetMerge
          offer={offer}
          mine={store.state.document}
          onClose={() => {
            setOffer(undefined);
            setSearch({ merge: undefined });
          }}
          onDone={(result, title) => {
            setOffer(undefined);
            setSearch({ merge: undefined });
            setMerged({ revision: offer.revision, title, before: store.state.document });
            store.replace(`Merge the newer “${title}”`, result);
            toast.done("Merged", { detail: "Look it over, and save." });
          }}
        />
      )}
      {merging !== undefined && (
        <MergeDialog
          merging={merging}
          onDone={(merged) => {
            setBase({ document: merging.theirs.document, version: merging.theirs.version, etag: merging.theirs.etag });
            setMerging(undefined);
            store.replace("Merge", merged);
            writeDraft(processor.id, merging.theirs.version, merged);
            toast.done("Merged", { detail: "Look it over, and save." });
          }}
          onTheirs={() => {
            setBase({ document: merging.theirs.document, version: merging.theirs.version, etag: merging.theirs.etag });
            setMerging(undefined);
            dropDraft(processor.id);
            store.replace("Take theirs", merging.theirs.document);
          }}
        />
      )}
    </main>
  );
}

/** A dialog, while it is the one that is open. */
function Opened({ name, children }: { name: string; children: (close: () => void) => ReactNode }) {
  const store = useStore();
  const open = useEditor((state) => state.open === name);
  return open ? children(() => store.set({ open: undefined })) : null;
}

/** Tells assistive technology what was done. */
function Announcer() {
  const store = useStore();
  const text = useEditor((state) => state.announcement);
  const focus = useEditor((state) => {
    const place = state.focus === undefined ? undefined : find(state.document, store.catalog, state.focus);
    return place === undefined ? "" : plain(summary(place.instruction, store.catalog));
  });
  return (
    <div role="status" aria-live="polite" className="sr-only">
      {text === "" ? "" : `${text}. ${focus}`}
    </div>
  );
}
