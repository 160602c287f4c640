import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Sparkles } from "lucide-react";
import { useState } from "react";

import { api, messageOf } from "~/api/client";
import { processorsQuery } from "~/api/queries";
import { initialValues, partsOf, problemsOf, type Values } from "~/core/settings";
import { SettingsForm } from "~/features/forms/SettingsForm";
import type { Field, Link, PresetDefinition, Processor, Provider, ProviderType, Source } from "~/generated/api";
import { useGo } from "~/ui/AppLink";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Notice } from "~/ui/states";
import { toast } from "~/ui/Toast";

/** Ready-made processors of a type: one click makes source, processor and link. */
export function PresetDialog({ provider, type, onClose }: { provider: Provider; type: ProviderType; onClose: () => void }) {
  const client = useQueryClient();
  const go = useGo();
  useQuery(processorsQuery);
  const [chosen, setChosen] = useState<PresetDefinition | null>(null);
  const [values, setValues] = useState<Values>({});
  const [settings, setSettings] = useState<Values>({});
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);

  const fieldsOf = (preset: PresetDefinition): Field[] => type.sources.find((source) => source.name === preset.source)?.settings ?? [];
  const use = async (preset: PresetDefinition, constants: Values, sourceSettings: Values) => {
    const fields = fieldsOf(preset);
    setTried(true);
    if (Object.keys({ ...problemsOf(preset.constants, constants), ...problemsOf(fields, sourceSettings) }).length > 0) return;
    setBusy(preset.name);
    setError(null);
    try {
      const parts = partsOf(fields, sourceSettings);
      const made = await api.post<{ source: Source | string; processor: Processor | string; link: Link | string }>("/presets", {
        provider: provider.id,
        preset: preset.name,
        constants: partsOf(preset.constants, constants).settings,
        settings: parts.settings,
        ...(Object.keys(parts.secrets).length > 0 ? { secrets: parts.secrets } : {}),
      });
      await Promise.all([client.invalidateQueries({ queryKey: ["providers"] }), client.invalidateQueries({ queryKey: ["processors"] })]);
      toast.done(`${preset.title}: made and linked`, { detail: "It runs on what arrives from now on" });
      go(`/sources/${typeof made.source === "string" ? made.source : made.source.id}`);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(null);
    }
  };
  const pick = (preset: PresetDefinition) => {
    const constants = initialValues(preset.constants);
    const own = initialValues(fieldsOf(preset));
    setValues(constants);
    setSettings(own);
    setTried(false);
    setError(null);
    setChosen(preset);
    const asks = Object.keys({ ...problemsOf(preset.constants, constants), ...problemsOf(fieldsOf(preset), own) }).length > 0;
    if (!asks && preset.constants.length === 0) void use(preset, constants, own);
  };

  if (chosen && (chosen.constants.length > 0 || fieldsOf(chosen).length > 0)) {
    const fields = fieldsOf(chosen);
    return (
      <Dialog
        open
        onClose={onClose}
        title={chosen.title}
        description={chosen.summary}
        onSubmit={() => void use(chosen, values, settings)}
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
          <SettingsForm fields={chosen.constants} values={values} onChange={setValues} problems={tried ? problemsOf(chosen.constants, values) : {}} />
          {fields.length > 0 && <SettingsForm fields={fields} values={settings} onChange={setSettings} problems={tried ? problemsOf(fields, settings) : {}} />}
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog open onClose={onClose} title="Ready-made processors" description="Each makes a source, a processor and the link between them. Everything can be changed afterwards.">
      {error !== null && <Notice tone="danger">{messageOf(error)}</Notice>}
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
