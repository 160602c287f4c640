import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "~/api/client";
import { modelQuery } from "~/api/queries";
import { useMay } from "~/api/session";
import { isSound, ownPollOf, ownSettings } from "~/core/ownPoll";
import { initialValues, partsOf, problemsOf, type Values } from "~/core/settings";
import { settingProblems } from "~/features/forms/settingProblems";
import { SettingsForm } from "~/features/forms/SettingsForm";
import { OwnPollForm } from "~/features/providers/OwnPollForm";
import { beside } from "~/features/providers/SourceDialog";
import type { Source, SourceDefinition } from "~/generated/api";
import { Button } from "~/ui/Button";
import { cx } from "~/ui/cx";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { JsonTree } from "~/ui/JsonTree";
import { Section } from "~/ui/Page";
import { toast } from "~/ui/Toast";
import { useForm } from "~/ui/useForm";

/** Name, settings and secrets of a source, drawn from its definition. */
export function SourceSettings({ source, definition, onSaved }: { source: Source; definition: SourceDefinition | undefined; onSaved: () => Promise<unknown> }) {
  const may = useMay("builder");
  // A poll that people define themselves has a form of its own, as long as that can say all of it.
  const [own, setOwn] = useState(() => (source.kind === "poll" && !source.definition ? ownPollOf(source.settings) : null));
  const fields = own === null ? (definition?.settings ?? []) : beside(definition?.settings ?? []);
  const model = useQuery({ ...modelQuery(source.model), retry: false, enabled: own !== null });
  const [name, setName] = useState(source.name);
  const [values, setValues] = useState<Values>(() => initialValues(fields, source.settings));
  const form = useForm();
  const stored = new Set(fields.filter((field) => field.type === "secret").map((field) => field.name));
  const problems = problemsOf(fields, values, stored);

  const save = () =>
    form.send(async () => {
      const parts = partsOf(fields, values);
      // What the form does not show stays as it is.
      const kept = Object.fromEntries(Object.entries(source.settings).filter(([key]) => !(definition?.settings ?? []).some((field) => field.name === key)));
      const defined = own === null ? {} : ownSettings(own, name.trim(), source.model, source.settings);
      await api.patch(`/sources/${source.id}`, {
        name: name.trim(),
        ...(fields.length > 0 ? { settings: { ...kept, ...parts.settings, ...defined } } : {}),
        ...(own === null ? {} : { shapes: own.shapes }),
        ...(Object.keys(parts.secrets).length > 0 ? { secrets: parts.secrets } : {}),
      });
      await onSaved();
      toast.done("Saved");
    }, { ready: name.trim() !== "" && Object.keys(problems).length === 0 && (own === null || isSound(own)) });

  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <Section title="Settings">
        <form
          noValidate
          className={cx("flex flex-col gap-4", own === null ? "max-w-xl" : "max-w-3xl")}
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
        >
          {form.notice}
          <Field label="Name" error={form.needed("/name", name.trim() !== "")}>
            {(control) => <Input {...control} value={name} readOnly={!may} onChange={(event) => setName(event.target.value)} />}
          </Field>
          {own !== null && (
            <fieldset disabled={!may} className="contents">
              <OwnPollForm
                provider={source.provider}
                own={own}
                onChange={setOwn}
                strict={form.tried}
                model={source.model}
                settings={(now) => ({ ...partsOf(fields, values).settings, ...ownSettings(now, name.trim() || source.name, source.model, source.settings) })}
                known={model.data?.data.fields}
                received
              />
            </fieldset>
          )}
          <SettingsForm fields={fields} values={values} onChange={setValues} problems={form.tried ? { ...problems, ...settingProblems(form, fields) } : {}} stored={stored} readOnly={!may} />
          {may && (
            <div>
              <Button type="submit" variant="primary" busy={form.busy}>
                Save
              </Button>
            </div>
          )}
        </form>
      </Section>
      {Object.keys(source.settings).length > 0 && (
        <Section title="As stored" description="Everything that this source is set up with; secrets are not among it">
          <JsonTree value={source.settings} open={2} />
        </Section>
      )}
    </div>
  );
}
