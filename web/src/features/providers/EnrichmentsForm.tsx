import { Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";

import { emptyEnrichment, enrichmentProblems, enrichmentSummary, type HttpEnrichment } from "~/core/httpEnrichment";
import { fieldsOf } from "~/core/model";
import type { TriedEnrichment } from "~/generated/api";
import { Badge } from "~/ui/Badge";
import { Button, IconButton } from "~/ui/Button";
import { toast } from "~/ui/Toast";

import { EnrichmentEditor, type EnrichmentSurroundings, type Learnt } from "./EnrichmentEditor";

type Props = EnrichmentSurroundings & {
  enrichments: HttpEnrichment[];
  onChange: (enrichments: HttpEnrichment[]) => void;
};

/** What is fetched to go with each record, one by one. */
export function EnrichmentsForm({ enrichments, onChange, strict, fields, model, ...rest }: Props) {
  const [open, setOpen] = useState<number | null>(null);
  const [learnt, setLearnt] = useState<Learnt>({});
  const put = (at: number, change: Partial<HttpEnrichment>) => {
    const before = enrichments[at];
    if (!before) return;
    const renamed = change.name !== undefined && before.name !== "" ? change.name : undefined;
    // What hangs on it goes on hanging on it.
    onChange(enrichments.map((each, other) => (other === at ? { ...each, ...change } : renamed !== undefined && each.on === before.name ? { ...each, on: renamed } : each)));
  };
  const remove = (at: number) => {
    const gone = enrichments[at];
    if (!gone) return;
    const before = enrichments;
    onChange(enrichments.filter((_, other) => other !== at));
    setOpen(null);
    toast.done(`${gone.name || "The enrichment"} is taken out`, { action: { label: "Undo", onClick: () => onChange(before) } });
  };
  return (
    <section aria-label="Enrichments">
      <h3 className="mb-1 text-sm font-semibold">Enrichments</h3>
      <p className="mb-3 text-xs text-muted">Related data that is fetched to go with each record, such as the owner of a deal. Specs read it as fields of the record.</p>
      {enrichments.length > 0 && (
        <ul className="mb-3 rounded-md border border-line">
          {enrichments.map((each, at) => {
            const problems = enrichmentProblems(each, enrichments);
            const wrong = Object.keys(problems).length > 0;
            const name = each.name || "A new enrichment";
            return (
              <li key={at} className="border-b border-line last:border-b-0">
                <div className="flex items-center gap-3 px-3 py-2">
                  <span className="font-mono text-sm font-medium">{name}</span>
                  <span className="ellipsis flex-1 font-mono text-xs text-muted">{enrichmentSummary(each)}</span>
                  {strict && wrong && <Badge tone="danger">not complete</Badge>}
                  <Button size="sm" icon={<Pencil className="size-3.5" />} aria-expanded={open === at} aria-label={open === at ? `Close ${name}` : `Edit ${name}`} onClick={() => setOpen(open === at ? null : at)}>
                    {open === at ? "Close" : "Edit"}
                  </Button>
                  <IconButton label={`Remove ${name}`} icon={<Trash2 className="size-3.5" />} onClick={() => remove(at)} />
                </div>
                {open === at && (
                  <EnrichmentEditor
                    {...rest}
                    model={model}
                    enrichment={each}
                    all={enrichments}
                    onChange={(change) => put(at, change)}
                    strict={strict}
                    fields={each.on ? fieldsOf(learnt[each.on]?.fields) : fields}
                    tried={learnt[each.name] ?? null}
                    onTried={(found: TriedEnrichment | null) => setLearnt((now) => ({ ...now, [each.name]: found ?? undefined }))}
                  />
                )}
              </li>
            );
          })}
        </ul>
      )}
      <Button
        icon={<Plus className="size-3.5" />}
        onClick={() => {
          onChange([...enrichments, emptyEnrichment]);
          setOpen(enrichments.length);
        }}
      >
        Add enrichment
      </Button>
    </section>
  );
}
