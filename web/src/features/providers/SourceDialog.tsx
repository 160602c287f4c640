import { useQueryClient } from "@tanstack/react-query";
import { ArrowLeft, FileUp, RefreshCw, Webhook } from "lucide-react";
import { useState } from "react";

import { api } from "~/api/client";
import { emptyOwnPoll, isSound, type OwnPoll, ownSettings } from "~/core/ownPoll";
import { initialValues, partsOf, problemsOf, type Values } from "~/core/settings";
import { settingProblems } from "~/features/forms/settingProblems";
import { SettingsForm } from "~/features/forms/SettingsForm";
import { type Draft, LinkPicker, useDrafts } from "~/features/sources/LinkPicker";
import { modelNameOf } from "~/core/names";
import type { Field as FieldDeclaration, Provider, ProviderType, Source, SourceDefinition, SourceKind } from "~/generated/api";
import { useGo } from "~/ui/AppLink";
import { Badge } from "~/ui/Badge";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { Notice } from "~/ui/states";
import { toast } from "~/ui/Toast";
import { useForm } from "~/ui/useForm";

import { OwnPollForm } from "./OwnPollForm";

const kindIcons: Record<SourceKind, typeof Webhook> = { webhook: Webhook, poll: RefreshCw, file: FileUp };
const kindWords: Record<SourceKind, string> = {
  webhook: "It sends; there is a URL to give it",
  poll: "It is asked at intervals",
  file: "You upload files",
};

/** *New source*: what it yields, its fields, and the processors that run on it. */
export function SourceDialog({ provider, type, onClose }: { provider: Provider; type: ProviderType; onClose: () => void }) {
  const only = type.sources.length === 1 ? type.sources[0] : undefined;
  const [definition, setDefinition] = useState<SourceDefinition | undefined>(only);
  if (!definition) {
    return (
      <Dialog open onClose={onClose} title="New source" description={`What should ${provider.name} give?`}>
        <ul className="flex flex-col gap-2">
          {type.sources.map((each) => {
            const Icon = kindIcons[each.kind] ?? Webhook;
            return (
              <li key={`${each.kind}:${each.name}`}>
                <button type="button" onClick={() => setDefinition(each)} className="flex w-full items-center gap-3 rounded-md border border-line px-3 py-2.5 text-left hover:border-line-strong hover:bg-hover">
                  <Icon className="size-4 shrink-0 text-muted" aria-hidden="true" />
                  <span className="min-w-0 flex-1">
                    <span className="block font-medium">{each.title}</span>
                    <span className="block text-xs text-muted">{each.summary ?? kindWords[each.kind]}</span>
                  </span>
                  <Badge>{each.kind}</Badge>
                </button>
              </li>
            );
          })}
        </ul>
      </Dialog>
    );
  }
  return <SourceForm provider={provider} definition={definition} onClose={onClose} onBack={only ? undefined : () => setDefinition(undefined)} />;
}

/** The fields beside those that the form of one's own poll fills in. */
export function beside(fields: readonly FieldDeclaration[]): FieldDeclaration[] {
  return fields.filter((field) => field.type !== "poll" && field.type !== "enrichments" && field.name !== "key");
}

type FormProps = { provider: Provider; definition: SourceDefinition; onClose: () => void; onBack?: () => void };

function SourceForm({ provider, definition, onClose, onBack }: FormProps) {
  const client = useQueryClient();
  const go = useGo();
  const [name, setName] = useState(definition.title);
  const [model, setModel] = useState<string | null>(null);
  const [values, setValues] = useState<Values>(() => initialValues(definition.settings));
  const [drafts, setDrafts] = useState<Draft[]>([]);
  const form = useForm();
  const links = useDrafts(drafts);
  // Where people define the poll themselves, a form of its own makes the poll, its key and what hangs on its records.
  const custom = definition.settings.some((field) => field.type === "poll");
  const fields = custom ? beside(definition.settings) : definition.settings;
  const [own, setOwn] = useState<OwnPoll>(emptyOwnPoll);

  const modelName = definition.model ?? model ?? modelNameOf(name);
  const found = problemsOf(fields, values);
  const complete = name.trim() !== "" && /^[a-z][a-z0-9_]{0,63}$/.test(modelName) && Object.keys(found).length === 0 && (!custom || isSound(own)) && links.problems.every((each) => Object.keys(each).length === 0);

  const save = () =>
    form.send(async () => {
      const parts = partsOf(fields, values);
      const source = await api.post<Source>(`/providers/${provider.id}/sources`, {
        name: name.trim(),
        kind: definition.kind,
        ...(definition.defined ? { definition: definition.name } : {}),
        model: modelName,
        settings: custom ? { ...parts.settings, ...ownSettings(own, name.trim(), modelName) } : parts.settings,
        ...(custom ? { shapes: own.shapes } : {}),
        secrets: parts.secrets,
        links: links.toSend,
      });
      await client.invalidateQueries({ queryKey: ["providers"] });
      toast.done(`${source.name} is here`);
      go(`/sources/${source.id}`);
    }, { ready: complete });

  return (
    <Dialog
      open
      onClose={onClose}
      size={custom ? "lg" : "md"}
      title={`New source: ${definition.title}`}
      description={`${provider.name} · ${kindWords[definition.kind]}`}
      onSubmit={() => void save()}
      footer={
        <>
          {onBack && (
            <Button variant="ghost" icon={<ArrowLeft className="size-3.5" />} onClick={onBack} className="mr-auto">
              Another kind
            </Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            Create source
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-5">
        {form.notice}
        <Field label="Name" error={form.needed("/name", name.trim() !== "")}>
          {(control) => <Input {...control} autoFocus value={name} onFocus={(event) => event.target.select()} onChange={(event) => setName(event.target.value)} />}
        </Field>
        {!definition.model && (
          <Field
            label="Source model"
            help="What one record is called in specs. Sources that yield the same share a name, and so can share processors."
            error={/^[a-z][a-z0-9_]{0,63}$/.test(modelName) ? undefined : "Lower-case letters, digits and underscores, beginning with a letter"}
          >
            {(control) => <Input {...control} mono value={modelName} onChange={(event) => setModel(event.target.value)} />}
          </Field>
        )}
        {custom && (
          <OwnPollForm
            provider={provider.id}
            own={own}
            onChange={setOwn}
            strict={form.tried}
            model={modelName}
            settings={(now) => ({ ...partsOf(fields, values).settings, ...ownSettings(now, name.trim() || definition.title, modelName) })}
          />
        )}
        {fields.length > 0 && <SettingsForm fields={fields} values={values} onChange={setValues} problems={form.tried ? { ...found, ...settingProblems(form, fields) } : {}} />}
        {definition.kind === "webhook" && <Notice>The URL, the secret and what to do with them come next, as soon as the source is made.</Notice>}
        <section aria-label="Processors">
          <h3 className="mb-1 text-sm font-semibold">Processors</h3>
          <p className="mb-3 text-xs text-muted">What runs on each record. You can link more later.</p>
          <LinkPicker model={modelName} drafts={drafts} onChange={setDrafts} strict={form.tried} />
        </section>
      </div>
    </Dialog>
  );
}
