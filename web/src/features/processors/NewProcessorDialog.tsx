import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "~/api/client";
import { modelsQuery, providersQuery } from "~/api/queries";
import type { Processor } from "~/generated/api";
import { useGo } from "~/ui/AppLink";
import { Button } from "~/ui/Button";
import { Checkbox } from "~/ui/Checkbox";
import { Combobox } from "~/ui/Combobox";
import { Dialog } from "~/ui/Dialog";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { toast } from "~/ui/Toast";
import { useForm } from "~/ui/useForm";

/** *New processor*: a name and what it takes; optionally linked to a source at once. Then its spec. */
export function NewProcessorDialog({ model: wanted, link, onClose }: { model?: string; link?: string; onClose: () => void }) {
  const client = useQueryClient();
  const go = useGo();
  const models = useQuery(modelsQuery).data ?? [];
  const providers = useQuery(providersQuery).data ?? [];
  const sources = providers.flatMap((provider) => provider.sources);
  const [name, setName] = useState("");
  const [model, setModel] = useState<string | null>(wanted ?? null);
  const [linked, setLinked] = useState<ReadonlySet<string>>(new Set(link ? [link] : []));
  const form = useForm();
  const names = [...new Set([...models.map((each) => each.name), ...sources.map((source) => source.model), ...(wanted ? [wanted] : [])])].sort();
  const fitting = sources.filter((source) => source.model === model);

  const save = () =>
    form.send(async () => {
      const made = await api.post<Processor>("/processors", { name: name.trim(), model });
      for (const source of fitting.filter((each) => linked.has(each.id))) await api.post("/links", { source: source.id, processor: made.id, constants: {} });
      await Promise.all([client.invalidateQueries({ queryKey: ["processors"] }), client.invalidateQueries({ queryKey: ["sources"] })]);
      toast.done(`${made.name} is here`, { detail: "Now build its spec" });
      go(`/processors/${made.id}`);
    }, { ready: name.trim() !== "" && !!model });

  return (
    <Dialog
      open
      onClose={onClose}
      title="New processor"
      onSubmit={() => void save()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            Create processor
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {form.notice}
        <Field label="Name" error={form.needed("/name", name.trim() !== "")}>
          {(control) => <Input {...control} autoFocus value={name} placeholder="Won deals as sales" onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Field label="Source model" help="What it takes. A source yields records of one source model." error={form.needed("/model", !!model, "Choose what it takes; a source brings its model along")}>
          {(control) => (
            <Combobox
              {...control}
              value={model}
              onChange={setModel}
              placeholder="Choose a source model"
              empty="No source yields that. Make a source first."
              options={names.map((each) => ({
                value: each,
                label: each,
                hint: sources
                  .filter((source) => source.model === each)
                  .map((source) => source.name)
                  .join(", "),
              }))}
            />
          )}
        </Field>
        {fitting.length > 0 && (
          <fieldset>
            <legend className="mb-1.5 text-xs font-medium">Link it to</legend>
            <div className="flex flex-col gap-2">
              {fitting.map((source) => (
                <label key={source.id} className="flex items-center gap-2">
                  <Checkbox
                    label={`Link to ${source.name}`}
                    checked={linked.has(source.id)}
                    onChange={(checked) =>
                      setLinked((now) => {
                        const next = new Set(now);
                        if (checked) next.add(source.id);
                        else next.delete(source.id);
                        return next;
                      })
                    }
                  />
                  {source.name}
                </label>
              ))}
            </div>
          </fieldset>
        )}
      </div>
    </Dialog>
  );
}
