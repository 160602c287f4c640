import { useQueryClient } from "@tanstack/react-query";
import { Sparkles } from "lucide-react";
import { useState } from "react";

import { api, messageOf } from "~/api/client";
import { constantProblems, constantValues } from "~/core/constants";
import { initialValues, partsOf, problemsOf, type Values } from "~/core/settings";
import { ConstantsForm } from "~/features/forms/ConstantsForm";
import { SettingsForm } from "~/features/forms/SettingsForm";
import type { Field, JsonObject, PresetDefinition, Provider, ProviderType } from "~/generated/api";
import { useGo } from "~/ui/AppLink";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Notice } from "~/ui/states";
import { toast } from "~/ui/Toast";

type Made = { source: { id: string }; processor: { id: string } };

/** Ready-made processors of a type: one click makes source, processor and link; more is asked only where something is needed. */
export function PresetDialog({ provider, type, onClose }: { provider: Provider; type: ProviderType; onClose: () => void }) {
  const client = useQueryClient();
  const go = useGo();
  const [chosen, setChosen] = useState<PresetDefinition | null>(null);
  const [constants, setConstants] = useState<JsonObject>({});
  const [settings, setSettings] = useState<Values>({});
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);

  const fieldsOf = (preset: PresetDefinition): Field[] => {
    const wanted = preset.source;
    return type.sources.find((source) => source.kind === wanted?.kind && source.name === wanted.name)?.settings ?? [];
  };
  const problemsIn = (preset: PresetDefinition, given: JsonObject, own: Values) => ({
    constants: constantProblems(preset.constants, given),
    settings: problemsOf(fieldsOf(preset), own),
  });
  const use = async (preset: PresetDefinition, given: JsonObject, own: Values) => {
    setTried(true);
    const problems = problemsIn(preset, given, own);
    if (Object.keys(problems.constants).length + Object.keys(problems.settings).length > 0) return;
    setBusy(preset.name);
    setError(null);
    const parts = partsOf(fieldsOf(preset), own);
    try {
      const made = await api.post<Made>("/presets", {
        provider: provider.id,
        preset: preset.name,
        constants: constantValues(preset.constants, given),
        settings: parts.settings,
        ...(Object.keys(parts.secrets).length > 0 ? { secrets: parts.secrets } : {}),
      });
      await Promise.all([client.invalidateQueries({ queryKey: ["providers"] }), client.invalidateQueries({ queryKey: ["processors"] })]);
      toast.done(`${preset.title}: made and linked`, { detail: "It runs on what arrives from now on" });
      go(`/sources/${made.source.id}`);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(null);
    }
  };
  const pick = (preset: PresetDefinition) => {
    const given: JsonObject = {};
    for (const constant of preset.constants) if (constant.value !== undefined && constant.value !== null) given[constant.name] = constant.value;
    const own = initialValues(fieldsOf(preset));
    setConstants(given);
    setSettings(own);
    setTried(false);
    setError(null);
    const problems = problemsIn(preset, given, own);
    if (Object.keys(problems.constants).length + Object.keys(problems.settings).length === 0) void use(preset, given, own);
    else setChosen(preset);
  };

  if (chosen) {
    const fields = fieldsOf(chosen);
    const problems = problemsIn(chosen, constants, settings);
    return (
      <Dialog
        open
        onClose={onClose}
        title={chosen.title}
        description={chosen.summary}
        onSubmit={() => void use(chosen, constants, settings)}
        footer={
          <>
            <Button variant="ghost" className="mr-auto" onClick={() => setChosen(null)}>
              Another one
            </Button>
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" variant="primary" busy={busy !== null}>
              Make and link
            </Button>
          </>
        }
      >
        <div className="flex flex-col gap-5">
          {error !== null && <Notice tone="danger">{messageOf(error)}</Notice>}
          {chosen.constants.length > 0 && <ConstantsForm declared={chosen.constants} values={constants} onChange={setConstants} problems={tried ? problems.constants : {}} />}
          {fields.length > 0 && <SettingsForm fields={fields} values={settings} onChange={setSettings} problems={tried ? problems.settings : {}} />}
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog open onClose={onClose} title="Ready-made processors" description="Each makes a source, a processor and the link between them. Everything can be changed afterwards.">
      {error !== null && (
        <div className="mb-3">
          <Notice tone="danger">{messageOf(error)}</Notice>
        </div>
      )}
      <ul className="flex flex-col gap-2">
        {type.presets.map((preset) => (
          <li key={preset.name} className="flex items-center gap-3 rounded-md border border-line px-3 py-2.5">
            <Sparkles className="size-4 shrink-0 text-accent-text" aria-hidden="true" />
            <div className="min-w-0 flex-1">
              <p className="font-medium">{preset.title}</p>
              <p className="text-xs text-muted">{preset.summary}</p>
            </div>
            <Button size="sm" busy={busy === preset.name} onClick={() => pick(preset)}>
              Use
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
