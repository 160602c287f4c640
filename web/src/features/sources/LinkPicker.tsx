import { useQueries, useQuery } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";

import { api } from "~/api/client";
import { processorsQuery } from "~/api/queries";
import { type ConstantDeclaration, constantProblems, constantsOf, constantValues } from "~/core/constants";
import { ConstantsForm } from "~/features/forms/ConstantsForm";
import type { JsonObject, SpecAnswer } from "~/generated/api";
import { IconButton } from "~/ui/Button";
import { Combobox } from "~/ui/Combobox";
import { Skeleton } from "~/ui/states";

/** A processor that a source is to be linked to, with the values of its constants. */
export type Draft = { processor: string; constants: JsonObject };

/** The constants that the newest version of a processor declares. */
export function specQuery(processor: string) {
  return {
    queryKey: ["spec", processor],
    queryFn: () => api.get<SpecAnswer>(`/processors/${processor}/spec`),
    retry: false,
  };
}

/** The drafts with what their processors declare. */
export function useDrafts(drafts: readonly Draft[]): { declared: ConstantDeclaration[][]; problems: { [name: string]: string }[]; toSend: Draft[]; ready: boolean } {
  const specs = useQueries({ queries: drafts.map((draft) => specQuery(draft.processor)) });
  const declared = specs.map((spec) => constantsOf(spec.data?.spec));
  return {
    declared,
    problems: drafts.map((draft, at) => constantProblems(declared[at] ?? [], draft.constants)),
    toSend: drafts.map((draft, at) => ({ processor: draft.processor, constants: constantValues(declared[at] ?? [], draft.constants) })),
    ready: specs.every((spec) => !spec.isPending),
  };
}

type Props = {
  /** Only processors of this source model fit. */
  model: string | null;
  drafts: Draft[];
  onChange: (drafts: Draft[]) => void;
  /** Whether to say what is missing. */
  strict: boolean;
  /** Processors that are linked already. */
  taken?: readonly string[];
};

/** The Processors section of a source: which run on it, with their constants. */
export function LinkPicker({ model, drafts, onChange, strict, taken = [] }: Props) {
  const processors = useQuery(processorsQuery);
  const { declared, problems, ready } = useDrafts(drafts);
  const fitting = (processors.data ?? []).filter((processor) => processor.model === model);
  const free = fitting.filter((processor) => !taken.includes(processor.id) && !drafts.some((draft) => draft.processor === processor.id));
  return (
    <div className="flex flex-col gap-3">
      {drafts.map((draft, at) => {
        const processor = fitting.find((each) => each.id === draft.processor);
        return (
          <div key={draft.processor} role="group" aria-label={processor?.name} className="rounded-md border border-line">
            <div className="flex items-center justify-between gap-2 border-b border-line bg-sunken py-1 pr-1 pl-3">
              <span className="ellipsis text-sm font-medium">{processor?.name ?? draft.processor}</span>
              <IconButton label={`Do not link ${processor?.name ?? "it"}`} icon={<X className="size-3.5" />} onClick={() => onChange(drafts.filter((each) => each !== draft))} />
            </div>
            <div className="p-3">
              {ready ? (
                <ConstantsForm
                  declared={declared[at] ?? []}
                  values={draft.constants}
                  problems={strict ? problems[at] : {}}
                  onChange={(constants) => onChange(drafts.map((each) => (each === draft ? { ...each, constants } : each)))}
                />
              ) : (
                <Skeleton className="h-8 w-full" />
              )}
            </div>
          </div>
        );
      })}
      {free.length > 0 ? (
        <div className="flex items-center gap-2">
          <Plus className="size-4 text-faint" aria-hidden="true" />
          <Combobox
            className="flex-1"
            label="Link a processor"
            placeholder="Link a processor"
            value={null}
            options={free.map((processor) => ({ value: processor.id, label: processor.name, hint: processor.version ? `version ${processor.version}` : "no spec yet" }))}
            onChange={(id) => {
              if (id) onChange([...drafts, { processor: id, constants: {} }]);
            }}
          />
        </div>
      ) : (
        <p className="text-xs text-muted">
          {!model
            ? "Name the source model first."
            : fitting.length === 0
              ? "No processor takes this source model yet. You can link one later, from the source's page or the processor's."
              : "Every processor that takes this source model is linked."}
        </p>
      )}
    </div>
  );
}
