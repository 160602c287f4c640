import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Rewind } from "lucide-react";
import { useState } from "react";

import { api, messageOf } from "~/api/client";
import { useMay } from "~/api/session";
import { durationText } from "~/core/settings";
import { instantOf } from "~/core/time";
import type { Json, Source } from "~/generated/api";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Field } from "~/ui/Field";
import { Input, Textarea } from "~/ui/Input";
import { JsonTree } from "~/ui/JsonTree";
import { Section } from "~/ui/Page";
import { RelativeTime, useZone } from "~/ui/RelativeTime";
import { Notice, Skeleton } from "~/ui/states";
import { toast } from "~/ui/Toast";

type CursorAnswer = { cursor: Json; at?: string | null; history?: { cursor: Json; at: string }[] };

/** How far a polled source has read, and going back. */
export function Cursor({ source, onChanged }: { source: Source; onChanged: () => Promise<unknown> }) {
  const may = useMay("builder");
  const cursor = useQuery({ queryKey: ["sources", source.id, "cursor"], queryFn: () => api.get<CursorAnswer>(`/sources/${source.id}/cursor`) });
  const [open, setOpen] = useState(false);
  const poll = source.poll;
  return (
    <Section
      title="Polling"
      description="It is asked from the cursor on, with some overlap; what was seen already is recognised and dropped"
      actions={
        may && (
          <Button size="sm" icon={<Rewind className="size-3.5" />} onClick={() => setOpen(true)}>
            Rewind
          </Button>
        )
      }
    >
      <dl className="grid max-w-2xl grid-cols-[8rem_minmax(0,1fr)] gap-x-4 gap-y-1.5">
        <dt className="text-muted">Every</dt>
        <dd>{poll ? durationText(poll.interval_seconds) : "…"}</dd>
        <dt className="text-muted">Next</dt>
        <dd>{poll?.running ? "running now" : <RelativeTime at={poll?.next_at} empty="not planned" />}</dd>
        <dt className="text-muted">Cursor</dt>
        <dd>
          {cursor.data ? (
            cursor.data.cursor === null ? (
              <span className="text-muted">none: the next run reads from the beginning</span>
            ) : (
              <JsonTree value={cursor.data.cursor} open={2} />
            )
          ) : cursor.isError ? (
            <span className="text-danger-text">{messageOf(cursor.error)}</span>
          ) : (
            <Skeleton />
          )}
        </dd>
      </dl>
      {open && <RewindDialog source={source} current={cursor.data?.cursor ?? null} onClose={() => setOpen(false)} onDone={onChanged} />}
    </Section>
  );
}

function RewindDialog({ source, current, onClose, onDone }: { source: Source; current: Json; onClose: () => void; onDone: () => Promise<unknown> }) {
  const client = useQueryClient();
  const zone = useZone();
  const [from, setFrom] = useState("");
  const [text, setText] = useState(() => JSON.stringify(current, null, 2));
  const [exact, setExact] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      const body = exact ? { cursor: JSON.parse(text) as Json } : { from: instantOf(from, zone) };
      await api.put(`/sources/${source.id}/cursor`, body);
      await client.invalidateQueries({ queryKey: ["sources", source.id, "cursor"] });
      await onDone();
      toast.done("The cursor is set back", { detail: "The next run reads from there; what is known already is not taken twice" });
      onClose();
    } catch (failure) {
      setError(failure instanceof SyntaxError ? new Error("This is not JSON.") : failure);
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Rewind the cursor"
      description="The next run reads again from there. Records that did not change are recognised and not run twice."
      onSubmit={() => void save()}
      footer={
        <>
          <Button variant="ghost" className="mr-auto" onClick={() => setExact(!exact)}>
            {exact ? "By date" : "Edit the cursor itself"}
          </Button>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={busy} disabled={!exact && !from}>
            Rewind
          </Button>
        </>
      }
    >
      {error !== null && <Notice tone="danger">{messageOf(error)}</Notice>}
      {exact ? (
        <Field label="Cursor" help="As it is stored. null reads from the beginning.">
          {(control) => <Textarea {...control} mono rows={8} value={text} onChange={(event) => setText(event.target.value)} />}
        </Field>
      ) : (
        <Field label="Back to" help={`In ${zone}`}>
          {(control) => <Input {...control} type="datetime-local" autoFocus value={from} onChange={(event) => setFrom(event.target.value)} className="max-w-64" />}
        </Field>
      )}
    </Dialog>
  );
}
