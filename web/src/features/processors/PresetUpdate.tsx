import { useQuery } from "@tanstack/react-query";
import { Sparkles } from "lucide-react";

import { api } from "~/api/client";
import { providerTypesQuery } from "~/api/queries";
import type { Processor } from "~/generated/api";
import { AppLink } from "~/ui/AppLink";
import { Badge } from "~/ui/Badge";
import { buttonClass } from "~/ui/Button";
import { Notice } from "~/ui/states";

type PresetAnswer = { preset: string | null; type: string | null; newer: boolean; other_model: string | null };

/** For a processor that was made from a preset: which, and whether a newer one ships. */
export function PresetUpdate({ processor }: { processor: Processor }) {
  const preset = useQuery({ queryKey: ["processors", processor.id, "preset"], queryFn: () => api.get<PresetAnswer>(`/processors/${processor.id}/preset`), retry: false, staleTime: 60_000 });
  const types = useQuery(providerTypesQuery).data ?? [];
  if (!preset.data?.preset) return null;
  const { preset: name, type, newer, other_model: otherModel } = preset.data;
  const title = types.find((each) => each.type === type)?.presets.find((each) => each.name === name)?.title ?? name;
  return (
    <div className="mt-4">
      {newer && otherModel !== null ? (
        <Notice title={`A newer “${title}” is available`}>
          It runs on another source model, <span className="font-mono text-xs">{otherModel}</span>, so it cannot be merged with this one. Use it anew from the page of its provider, under{" "}
          <em>Ready-made</em>.
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
