import { useQuery } from "@tanstack/react-query";
import { FlaskConical } from "lucide-react";
import { useState } from "react";

import { messageOf } from "~/api/client";
import { humanize } from "~/core/catalog";
import { type Json, isObject, parseJson } from "~/core/json";
import { failuresOf } from "~/core/trace";
import { Badge } from "~/ui/Badge";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Textarea } from "~/ui/Input";
import { Select } from "~/ui/Select";
import { Spinner } from "~/ui/Spinner";
import { Code } from "~/ui/Code";

import { useEditor, useStore } from "../editor/context";
import { Value } from "../editor/look";
import { Differences } from "../editor/Differences";
import { type Enrichments, type Trace, isEnriched, tryOut } from "../editor/transport";
import { valuesOf } from "./checker";

const tones = { succeeded: "ok", skipped: "neutral", partially_failed: "warn", failed: "danger" } as const;

/** Runs the draft on the picked record, or on one that is written down, without saving anything. */
export function TestDialog({ record, onClose }: { record: string | undefined; onClose: () => void }) {
  const store = useStore();
  const document = useEditor((state) => state.document);
  const [text, setText] = useState("");
  const [own, setOwn] = useState<{ trace?: Trace; error?: unknown; busy: boolean }>({ busy: false });
  const [enrichments, setEnrichments] = useState<Enrichments>("recorded");
  const picked = useQuery({
    queryKey: ["try", record, document, enrichments],
    queryFn: ({ signal }) => tryOut(document, { id: record ?? "" }, { signal, enrichments }),
    enabled: record !== undefined,
    retry: false,
    gcTime: 0,
    structuralSharing: false,
  });
  const run = async (): Promise<void> => {
    setOwn({ busy: true });
    try {
      const trace = await tryOut(document, { value: parseJson(text) });
      store.set({
        overlay: { tree: trace.tree, document, effects: trace.effects, values: valuesOf(document, trace.record, trace.enrichments, trace.constants) },
      });
      setOwn({ trace, busy: false });
    } catch (error) {
      setOwn({ error: error instanceof SyntaxError ? new Error(`The record is no JSON: ${error.message}`) : error, busy: false });
    }
  };
  const trace = record === undefined ? own.trace : picked.data;
  const error = record === undefined ? own.error : picked.error;
  return (
    <Dialog
      open
      onClose={onClose}
      size="lg"
      title="Test"
      description={
        record === undefined ? "Runs your draft on a record you write down. Nothing is saved." : "Your draft on the picked record. Nothing is saved."
      }
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          {record === undefined && (
            <Button variant="primary" icon={<FlaskConical className="size-3.5" />} busy={own.busy} disabled={text.trim() === ""} onClick={() => void run()}>
              Run
            </Button>
          )}
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {record === undefined && (
          <Textarea
            aria-label="Record as JSON"
            mono
            rows={8}
            placeholder='{ "id": "1", … } — or pick a record of the source on the left'
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
        {record !== undefined && isEnriched(document) && (
          <div className="flex items-center gap-2 text-sm">
            <Select
              size="sm"
              label="Related data"
              value={enrichments}
              options={[
                { value: "recorded", label: "Related data as it was" },
                { value: "fresh", label: "Related data as it is now" },
              ]}
              onChange={setEnrichments}
            />
            <span className="text-xs text-muted">{enrichments === "fresh" ? "Fetched again for this test only" : "As recorded with the record"}</span>
          </div>
        )}
        {record !== undefined && picked.isPending && (
          <p className="flex items-center gap-2 text-sm text-muted">
            <Spinner /> {enrichments === "fresh" ? "Fetching the related data, and running the draft…" : "Running the draft…"}
          </p>
        )}
        {record !== undefined && enrichments === "fresh" && trace && (
          <section aria-label="What the related data changes" className="rounded-lg border border-line px-3 py-2">
            <h3 className="mb-1 text-xs font-semibold">What it changes</h3>
            <Differences found={trace.differences ?? []} onShow={(id) => (onClose(), store.reveal(id))} />
          </section>
        )}
        {error !== undefined && error !== null && (
          <p role="alert" className="text-sm text-danger-text">
            {messageOf(error)}
          </p>
        )}
        {trace && <Outcome trace={trace} onShow={(id) => (onClose(), store.reveal(id))} />}
      </div>
    </Dialog>
  );
}

function Outcome({ trace, onShow }: { trace: Trace; onShow: (id: string) => void }) {
  const failures = failuresOf(trace.tree.instructions);
  const { status } = trace.tree;
  return (
    <>
      <p className="flex items-center gap-2 text-sm">
        <Badge tone={tones[status as keyof typeof tones] ?? "neutral"}>{humanize(status)}</Badge>
        <span className="text-muted">
          {trace.effects.length === 0
            ? "It would write nothing."
            : `It would write ${trace.effects.length} ${trace.effects.length === 1 ? "thing" : "things"}.`}
        </span>
      </p>
      {failures.length > 0 && (
        <ul className="flex flex-col gap-1">
          {failures.map((failure, at) => (
            <li key={at}>
              <button
                type="button"
                onClick={() => onShow(failure.id)}
                className="flex w-full items-start gap-2 rounded-md bg-danger-soft px-2.5 py-1.5 text-left text-xs text-danger-text"
              >
                <span className="min-w-0 flex-1">{failure.message?.text ?? "failed"}</span>
                <span className="shrink-0 font-mono text-2xs">
                  {failure.id}
                  {failure.path.length > 0 && ` · iteration ${failure.path.map((index) => index + 1).join(".")}`}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {trace.messages
        .filter((message) => message.severity !== "error")
        .map((message, at) => (
          <p key={at} className="rounded-md bg-sunken px-2.5 py-1.5 text-xs">
            <Code text={message.text} />
          </p>
        ))}
      <ul className="flex flex-col gap-2">
        {trace.effects.map((effect, at) => (
          <li key={at} className="rounded-lg border border-line px-3 py-2">
            <div className="flex items-center gap-2 text-sm">
              <button type="button" onClick={() => onShow(effect.instruction)} className="font-medium hover:underline">
                {humanize(effect.operation)}
              </button>
              {effect.outcome && <Badge>{effect.outcome.verdict}</Badge>}
            </div>
            <dl className="mt-1 grid grid-cols-[10rem_1fr] gap-x-3 gap-y-0.5 text-xs">
              {Object.entries(effect)
                .filter(([key]) => !["operation", "instruction", "path", "id", "outcome"].includes(key))
                .map(([key, value]) => (
                  <div key={key} className="contents">
                    <dt className="ellipsis text-muted">{humanize(key)}</dt>
                    <dd className="flex min-w-0">{isObject(value) || value !== undefined ? <Value value={value as Json} /> : null}</dd>
                  </div>
                ))}
            </dl>
          </li>
        ))}
      </ul>
    </>
  );
}
