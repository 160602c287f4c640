import { useQuery } from "@tanstack/react-query";
import { Sparkles } from "lucide-react";

import { api } from "~/api/client";
import type { Json, Processor } from "~/generated/api";
import { AppLink } from "~/ui/AppLink";
import { Badge } from "~/ui/Badge";
import { buttonClass } from "~/ui/Button";
import { Notice } from "~/ui/states";

type PresetAnswer = { preset: { name: string; title?: string } | string | null; newer: boolean; merge?: Json };

/** For a processor that was made from a preset: which, and whether a newer one ships. */
export function PresetUpdate({ processor }: { processor: Processor }) {
  const preset = useQuery({ queryKey: ["processors", processor.id, "preset"], queryFn: () => api.get<PresetAnswer>(`/processors/${processor.id}/preset`), retry: false, staleTime: 60_000 });
  if (!preset.data?.preset) return null;
  const title = typeof preset.data.preset === "string" ? preset.data.preset : (preset.data.preset.title ?? preset.data.preset.name);
  return (
    <div className="mt-4">
      {preset.data.newer ? (
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
