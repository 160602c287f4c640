import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ListTree, Plus, Radio, Trash2, Workflow } from "lucide-react";
import { useState } from "react";

import { api, ApiError, messageOf } from "~/api/client";
import { modelQuery } from "~/api/queries";
import { useMay } from "~/api/session";
import { constantProblems, constantsOf, constantValues } from "~/core/constants";
import { plural } from "~/core/numbers";
import { ConstantsForm } from "~/features/forms/ConstantsForm";
import { LedgerEquation } from "~/features/health/Ledger";
import type { CountedLedger, JsonObject, Link, Source } from "~/generated/api";
import { AppLink } from "~/ui/AppLink";
import { Button, buttonClass, IconButton } from "~/ui/Button";
import { Switch } from "~/ui/Checkbox";
import { Dialog } from "~/ui/Dialog";
import { Section } from "~/ui/Page";
import { EmptyState, Notice, Skeleton } from "~/ui/states";
import { toast } from "~/ui/Toast";
import { useForm } from "~/ui/useForm";
import { useSearchState } from "~/ui/useSearchState";

import { AddressCard } from "./AddressCard";
import { Cursor } from "./Cursor";
import { type Draft, LinkPicker, specQuery, useDrafts } from "./LinkPicker";

type Props = { source: Source; setup: string | undefined; onChanged: () => Promise<unknown>; onSendTest: () => void };

/** The first tab of a source: its ledger, what runs on it, how it is reached. */
export function SourceSummary({ source, setup, onChanged, onSendTest }: Props) {
  const may = useMay("builder");
  const [search, setSearch] = useSearchState();
  const ledger = useQuery({ queryKey: ["sources", source.id, "ledger"], queryFn: () => api.get<CountedLedger>(`/sources/${source.id}/ledger`) });
  const model = useQuery({ ...modelQuery(source.model), retry: false });
  const waiting = source.kind === "webhook" && source.ledger.received === 0;

  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      {source.kind === "webhook" && waiting && <WaitingForFirst may={may} declared={source.definition !== null} onSendTest={onSendTest} />}
      {source.health.state === "failing" && (
        <div className="px-5 pt-5">
          <Notice
            tone="danger"
            title="It fails"
            action={
              source.kind !== "webhook" && (
                <Button size="sm" onClick={() => setSearch({ tab: "runs" })}>
                  See the runs
                </Button>
              )
            }
          >
            {source.health.detail.replace(/\.?$/, ".")} {source.kind === "poll" && "Nothing is lost: it is tried again, and goes on where it stopped."}
          </Notice>
        </div>
      )}
      {source.has_address && may && <AddressCard source={source} setup={setup} open={waiting} />}
      {!waiting && (
        <Section title="Ledger" description="What became of everything that was ever received">
          {ledger.data ? <LedgerEquation ledger={ledger.data} /> : ledger.isError ? <p className="text-sm text-danger-text">{messageOf(ledger.error)}</p> : <Skeleton className="h-14 w-full max-w-3xl" />}
        </Section>
      )}
      {source.kind === "poll" && <Cursor source={source} onChanged={onChanged} />}
      <Section
        title="Processors"
        description="What runs on each record of this source"
        actions={
          may && (
            <Button size="sm" icon={<Plus className="size-3.5" />} onClick={() => setSearch({ link: "1" })}>
              Link a processor
            </Button>
          )
        }
      >
        {source.links.length === 0 ? (
          <div className="rounded-md border border-line">
            <EmptyState
              icon={<Workflow />}
              title="Nothing runs on it yet"
              className="py-10"
              action={
                may && (
                  <AppLink to={`/processors?new=1&model=${encodeURIComponent(source.model)}&link=${source.id}`} className={buttonClass("primary", "sm")}>
                    New processor for {source.model}
                  </AppLink>
                )
              }
            >
              What arrives is kept meanwhile. Link a processor, or make one that takes <span className="font-mono text-xs">{source.model}</span>.
            </EmptyState>
          </div>
        ) : (
          <ul className="overflow-hidden rounded-md border border-line">
            {source.links.map((link) => (
              <LinkRow key={link.id} link={link} may={may} onChanged={onChanged} />
            ))}
          </ul>
        )}
      </Section>
      <Section title="Source model" description="What one record looks like to specs">
        {model.data ? (
          <div className="flex items-center gap-4">
            <span className="font-mono text-xs">{source.model}</span>
            <span className="text-muted">{plural(model.data.data.fields.length, "field")}</span>
            <span className="text-muted">{plural(model.data.data.fields.filter((field) => field.personal).length, "field")} personal</span>
            <Button size="sm" icon={<ListTree className="size-3.5" />} onClick={() => setSearch({ tab: "fields" })}>
              See the fields
            </Button>
          </div>
        ) : model.isError && model.error instanceof ApiError && model.error.status === 404 ? (
          <p className="text-sm text-muted">
            <span className="font-mono text-xs text-text">{source.model}</span> has no fields yet. They are inferred from the first record that arrives.
          </p>
        ) : (
          <Skeleton />
        )}
      </Section>
      {search.link === "1" && <LinkDialog source={source} onClose={() => setSearch({ link: undefined })} onChanged={onChanged} />}
    </div>
  );
}

function WaitingForFirst({ may, declared, onSendTest }: { may: boolean; /** Whether its fields are known already. */ declared: boolean; onSendTest: () => void }) {
  return (
    <div className="px-5 pt-5">
      <div role="status" className="flex items-center gap-4 rounded-lg border border-accent/40 bg-accent-soft px-4 py-3.5">
        <Radio className="size-5 shrink-0 animate-pulse text-accent-text" aria-hidden="true" />
        <div className="min-w-0 flex-1">
          <p className="font-semibold">Waiting for the first request</p>
          <p className="text-sm text-muted">Set the URL below at the sender. {declared ? "As soon as something arrives, it is listed under Deliveries, with what became of it." : "As soon as something arrives, its fields appear here with their types, for you to look over."}</p>
        </div>
        {may && (
          <Button size="sm" onClick={onSendTest}>
            Send a test myself
          </Button>
        )}
      </div>
    </div>
  );
}

function LinkRow({ link, may, onChanged }: { link: Link; may: boolean; onChanged: () => Promise<unknown> }) {
  const [editing, setEditing] = useState(false);
  const client = useQueryClient();
  const change = async (body: { enabled?: boolean; constants?: JsonObject }, words: string) => {
    await api.patch(`/links/${link.id}`, body);
    await onChanged();
    toast.done(words);
  };
  const remove = async () => {
    try {
      await api.delete(`/links/${link.id}`);
      await onChanged();
      await client.invalidateQueries({ queryKey: ["processors"] });
      toast.done(`${link.processor_name} runs on it no longer`, {
        action: {
          label: "Undo",
          onClick: () => void api.post("/links", { source: link.source, processor: link.processor, constants: link.constants }).then(onChanged),
        },
      });
    } catch (error) {
      toast.failed("It is still linked", error);
    }
  };
  const constants = Object.keys(link.constants).length;
  return (
    <li className="flex items-center gap-3 border-b border-line px-3 py-2 last:border-b-0">
      <Switch
        label={`${link.processor_name} runs on this source`}
        checked={link.enabled}
        disabled={!may}
        onChange={(enabled) => void change({ enabled }, enabled ? "Switched on" : "Switched off").catch((error: unknown) => toast.failed("Nothing was changed", error))}
      />
      <AppLink to={`/processors/${link.processor}`} className="ellipsis flex-1 font-medium hover:underline">
        {link.processor_name}
      </AppLink>
      <span className="text-xs text-muted">{constants > 0 ? plural(constants, "constant") : "no constants set"}</span>
      {may && (
        <>
          <Button size="sm" onClick={() => setEditing(true)}>
            Constants
          </Button>
          <IconButton label={`Unlink ${link.processor_name}`} icon={<Trash2 className="size-3.5" />} onClick={() => void remove()} />
        </>
      )}
      {editing && <ConstantsDialog link={link} onClose={() => setEditing(false)} onSave={(values) => change({ constants: values }, "Saved; they hold for what runs from now on")} />}
    </li>
  );
}

function ConstantsDialog({ link, onClose, onSave }: { link: Link; onClose: () => void; onSave: (constants: JsonObject) => Promise<unknown> }) {
  const spec = useQuery(specQuery(link.processor));
  const [values, setValues] = useState<JsonObject>(link.constants);
  const form = useForm();
  const declared = constantsOf(spec.data?.spec);
  const problems = constantProblems(declared, values);
  const save = () =>
    form.send(
      async () => {
        await onSave(constantValues(declared, values));
        onClose();
      },
      { ready: Object.keys(problems).length === 0 },
    );
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Constants of ${link.processor_name}`}
      description="For this source. Empty ones take the default of the spec."
      onSubmit={() => void save()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            Save
          </Button>
        </>
      }
    >
      {form.notice}
      {spec.isPending ? <Skeleton className="h-20 w-full" /> : <ConstantsForm declared={declared} values={values} onChange={setValues} problems={form.tried ? problems : {}} />}
    </Dialog>
  );
}

function LinkDialog({ source, onClose, onChanged }: { source: Source; onClose: () => void; onChanged: () => Promise<unknown> }) {
  const client = useQueryClient();
  const [drafts, setDrafts] = useState<Draft[]>([]);
  const form = useForm();
  const links = useDrafts(drafts);
  const save = () =>
    form.send(async () => {
      for (const draft of links.toSend) await api.post("/links", { source: source.id, ...draft });
      await Promise.all([onChanged(), client.invalidateQueries({ queryKey: ["processors"] })]);
      toast.done("Linked", { detail: "It runs on what arrives from now on" });
      onClose();
    }, { ready: drafts.length > 0 && links.problems.every((each) => Object.keys(each).length === 0) });
  return (
    <Dialog
      open
      onClose={onClose}
      title="Link a processor"
      description={`It runs on each record of ${source.name}`}
      onSubmit={() => void save()}
      footer={
        <>
          <AppLink to={`/processors?new=1&model=${encodeURIComponent(source.model)}&link=${source.id}`} className={`${buttonClass("ghost")} mr-auto`}>
            New processor
          </AppLink>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy} disabled={drafts.length === 0}>
            Link
          </Button>
        </>
      }
    >
      <div className="mb-3 has-[>:empty]:hidden">{form.notice}</div>
      <LinkPicker model={source.model} drafts={drafts} onChange={setDrafts} strict={form.tried} taken={source.links.map((link) => link.processor)} />
    </Dialog>
  );
}
