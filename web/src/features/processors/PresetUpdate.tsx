import { useQuery } from "@tanstack/react-query";
import { Sparkles } from "lucide-react";

import { api } from "~/api/client";
import { providerTypesQuery } from "~/api/queries";
import type { Processor } from "~/generated/api";
import { AppLink } from "~/ui/AppLink";
import { Badge } from "~/ui/Badge";
import { buttonClass } from "~/ui/Button";
import { Notice } from "~/ui/states";

type PresetAnswer = { preset: string | null; type: string | null; newer: boolean; other_model: string | null; providers: { id: string; name: string }[] };

/** For a processor that was made from a preset: which, and whether a newer one ships. */
export function PresetUpdate({ processor }: { processor: Processor }) {
  const preset = useQuery({ queryKey: ["processors", processor.id, "preset"], queryFn: () => api.get<PresetAnswer>(`/processors/${processor.id}/preset`), retry: false, staleTime: 60_000 });
  const types = useQuery(providerTypesQuery).data ?? [];
  if (!preset.data?.preset) return null;
  const { preset: name, type, newer, other_model: otherModel, providers } = preset.data;
  const title = types.find((each) => each.type === type)?.presets.find((each) => each.name === name)?.title ?? name;
  return (
    <div className="mt-4">
      {newer && otherModel !== null ? (
        <Notice
          title={`A newer “${title}” is available, on another source`}
          action={providers.map((provider) => (
            <AppLink key={provider.id} to={`/providers/${provider.id}?new=preset&preset=${encodeURIComponent(name)}`} className={buttonClass("secondary", "sm")}>
              {providers.length === 1 ? "Install it beside this one" : `Install it on ${provider.name}`}
            </AppLink>
          ))}
        >
          It takes <span className="font-mono text-xs">{otherModel}</span> instead of <span className="font-mono text-xs">{processor.model}</span>, so it cannot be merged: what the spec reads is another record. Install it beside this one: it gets a source, a spec and
          constants of its own, and this one goes on as it is, with your edits. Compare what both write, carry over what you changed, and then disable this one.
        </Notice>
      ) : newer ? (
        <Notice
          title={`A newer “${title}” is available`}
          action={
            <AppLink to={`/processors/${processor.id}/spec?merge=preset`} className={buttonClass("secondary", "sm")}>
              See the difference
            </AppLink>
          }
        >
          Your edits are kept when it is merged.
        </Notice>
      ) : (
        <Badge tone="accent" icon={<Sparkles />}>
          Ready-made: {title}
        </Badge>
      )}
    </div>
  );
}
