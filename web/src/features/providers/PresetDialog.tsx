import { useQueryClient } from "@tanstack/react-query";
import { Sparkles } from "lucide-react";
import { useState } from "react";

import { api } from "~/api/client";
import { constantProblems, constantValues } from "~/core/constants";
import { initialValues, partsOf, problemsOf, type Values } from "~/core/settings";
import { ConstantsForm } from "~/features/forms/ConstantsForm";
import { settingProblems } from "~/features/forms/settingProblems";
import { SettingsForm } from "~/features/forms/SettingsForm";
import type { Field as Declared, JsonObject, PresetDefinition, Provider, ProviderType, SourceKind } from "~/generated/api";
import { useGo } from "~/ui/AppLink";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Field } from "~/ui/Field";
import { Select } from "~/ui/Select";
import { toast } from "~/ui/Toast";
import { useForm } from "~/ui/useForm";

type Made = { source: { id: string }; processor: { id: string } };

/** Where a preset is to run: on a source that is there, or on one to be made, with what that asks for. */
type Place = { key: string; label: string; hint: string; source: string | null; make: { kind: SourceKind; name: string } | null; fields: readonly Declared[] };

const NOWHERE: Place = { key: "", label: "", hint: "", source: null, make: null, fields: [] };

/** Ready-made processors of a type: one click makes source, processor and link; more is asked only where something is needed. */
export function PresetDialog({ provider, type, first, onClose }: { provider: Provider; type: ProviderType; /** The preset that is looked over at first. */ first?: string; onClose: () => void }) {
  const client = useQueryClient();
  const go = useGo();
  const form = useForm();
  const [using, setUsing] = useState("");

  /** Where a preset can run: on the sources that are there, first of all, and on those that can be made. */
  const placesOf = (preset: PresetDefinition): Place[] => {
    const there = provider.sources.filter((source) => preset.sources.some((each) => each.kind === source.kind && each.name === source.definition));
    const made = preset.sources.map((each) => ({ each, of: type.sources.find((source) => source.kind === each.kind && source.name === each.name) }));
    return [
      ...there.map((source) => ({ key: `source ${source.id}`, label: source.name, hint: `${source.kind}, there already`, source: source.id, make: null, fields: [] })),
      ...made.map(({ each, of }) => ({ key: `${each.kind} ${each.name}`, label: `New source: ${of?.title ?? each.name}`, hint: each.kind, source: null, make: each, fields: of?.settings ?? [] })),
    ];
  };
  /** What stands in the form of a preset at first. */
  const formOf = (preset: PresetDefinition) => {
    const given: JsonObject = {};
    for (const constant of preset.constants) if (constant.value !== undefined && constant.value !== null) given[constant.name] = constant.value;
    const at = placesOf(preset)[0] ?? NOWHERE;
    return { given, at, own: initialValues(at.fields) };
  };
  const [chosen, setChosen] = useState<PresetDefinition | null>(() => type.presets.find((preset) => preset.name === first) ?? null);
  const [begun] = useState(() => chosen && formOf(chosen));
  const [place, setPlace] = useState(begun?.at ?? NOWHERE);
  const [constants, setConstants] = useState<JsonObject>(begun?.given ?? {});
  const [settings, setSettings] = useState<Values>(begun?.own ?? {});
  const problemsIn = (preset: PresetDefinition, at: Place, given: JsonObject, own: Values) => ({
    constants: constantProblems(preset.constants, given),
    settings: problemsOf(at.fields, own),
  });
  const use = (preset: PresetDefinition, at: Place, given: JsonObject, own: Values) => {
    setUsing(preset.name);
    const problems = problemsIn(preset, at, given, own);
    return form.send(async () => {
      const parts = partsOf(at.fields, own);
      const made = await api.post<Made>("/presets", {
        provider: provider.id,
        preset: preset.name,
        constants: constantValues(preset.constants, given),
        ...(at.source === null ? { make: at.make, settings: parts.settings } : { source: at.source }),
        ...(Object.keys(parts.secrets).length > 0 ? { secrets: parts.secrets } : {}),
      });
      await Promise.all([client.invalidateQueries({ queryKey: ["providers"] }), client.invalidateQueries({ queryKey: ["processors"] })]);
      toast.done(`${preset.title}: made and linked`, { detail: "It runs on what arrives from now on" });
      go(`/sources/${made.source.id}`);
    }, { ready: Object.keys(problems.constants).length + Object.keys(problems.settings).length === 0 });
  };
  const begin = (preset: PresetDefinition) => {
    const { given, at, own } = formOf(preset);
    setConstants(given);
    setPlace(at);
    setSettings(own);
    form.reset();
    return { given, at, own };
  };
  /** One click, where nothing has to be asked. */
  const pick = (preset: PresetDefinition) => {
    const { given, at, own } = begin(preset);
    const problems = problemsIn(preset, at, given, own);
    if (Object.keys(problems.constants).length + Object.keys(problems.settings).length === 0) void use(preset, at, given, own);
    else setChosen(preset);
  };

  if (chosen) {
    const places = placesOf(chosen);
    const problems = problemsIn(chosen, place, constants, settings);
    return (
      <Dialog
        open
        onClose={onClose}
        title={chosen.title}
        description={chosen.summary}
        onSubmit={() => void use(chosen, place, constants, settings)}
        footer={
          <>
            <Button variant="ghost" className="mr-auto" onClick={() => setChosen(null)}>
              Another one
            </Button>
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" variant="primary" busy={form.busy}>
              Make and link
            </Button>
          </>
        }
      >
        <div className="flex flex-col gap-5">
          {form.notice}
          <Field label="Runs on" help={place.make?.kind === "webhook" ? "Its URL and secret, and what to do with them, come next, as soon as it is made." : undefined}>
            {(control) => (
              <Select
                {...control}
                value={place.key}
                options={places.map((each) => ({ value: each.key, label: each.label, hint: each.hint }))}
                onChange={(key) => {
                  const next = places.find((each) => each.key === key) ?? NOWHERE;
                  setPlace(next);
                  setSettings(initialValues(next.fields));
                }}
              />
            )}
          </Field>
          {place.fields.length > 0 && <SettingsForm fields={place.fields} values={settings} onChange={setSettings} problems={form.tried ? { ...problems.settings, ...settingProblems(form, place.fields) } : {}} />}
          <section aria-label="Constants">
            <h3 className="mb-1 text-sm font-semibold">Constants</h3>
            <p className="mb-3 text-xs text-muted">What the processor takes for granted. They can be changed later, on the source&apos;s page.</p>
            <ConstantsForm declared={chosen.constants} values={constants} onChange={setConstants} problems={form.tried ? problems.constants : {}} />
          </section>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog open onClose={onClose} title="Ready-made processors" description="Each makes a source, a processor and the link between them. Everything can be changed afterwards.">
      <div className="mb-3 has-[>:empty]:hidden">{form.notice}</div>
      <ul className="flex flex-col gap-2">
        {type.presets.map((preset) => (
          <li key={preset.name} className="flex items-center gap-3 rounded-md border border-line px-3 py-2.5">
            <Sparkles className="size-4 shrink-0 text-accent-text" aria-hidden="true" />
            <div className="min-w-0 flex-1">
              <p className="font-medium">{preset.title}</p>
              <p className="text-xs text-muted">{preset.summary}</p>
            </div>
            <Button
              size="sm"
              variant="ghost"
              aria-label={`Look over ${preset.title}`}
              onClick={() => {
                begin(preset);
                setChosen(preset);
              }}
            >
              Look over
            </Button>
            <Button size="sm" busy={form.busy && using === preset.name} aria-label={`Use ${preset.title}`} onClick={() => pick(preset)}>
              Use
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
