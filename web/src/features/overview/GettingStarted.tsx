import { useQuery } from "@tanstack/react-query";
import { Check } from "lucide-react";

import { processorsQuery, providersQuery } from "~/api/queries";
import { AppLink } from "~/ui/AppLink";
import { buttonClass } from "~/ui/Button";
import { cx } from "~/ui/cx";

/** What the overview shows before there is anything to look at: the six steps, with those that are done ticked. */
export function GettingStarted() {
  const providers = useQuery(providersQuery).data ?? [];
  const processors = useQuery(processorsQuery).data ?? [];
  const provider = providers[0];
  const source = providers.flatMap((each) => each.sources)[0];
  const processor = processors[0];
  const linked = processors.some((each) => each.sources.length > 0);
  const steps: { title: string; text: string; to: string; action: string; done: boolean }[] = [
    { title: "Add a provider", text: "The system that your data comes from, with what is needed to reach it.", to: "/providers/new", action: "New provider", done: !!provider },
    {
      title: "Give it a source",
      text: "A webhook that it sends to, or something that is asked for at intervals.",
      to: provider ? `/providers/${provider.id}?new=source` : "/providers",
      action: "New source",
      done: !!source,
    },
    {
      title: "Make a processor",
      text: "It turns each record of the source into sales, activities, calls.",
      to: source ? `/processors?new=1&model=${encodeURIComponent(source.model)}` : "/processors?new=1",
      action: "New processor",
      done: !!processor,
    },
    { title: "Link the two", text: "Which source runs which processor, and with which constants.", to: source ? `/sources/${source.id}?link=1` : "/providers", action: "Link", done: linked },
    {
      title: "Build its spec",
      text: "Step by step, with the values of a real record beside every field.",
      to: processor ? `/processors/${processor.id}/spec` : "/processors",
      action: "Spec Builder",
      done: !!processor?.version,
    },
    { title: "Test and enable it", text: "Try it on a record that arrived, then switch it on.", to: processor ? `/processors/${processor.id}` : "/processors", action: "Processor", done: !!processor?.enabled && linked },
  ];
  const next = steps.findIndex((step) => !step.done);
  return (
    <div className="mx-auto max-w-2xl px-6 py-10">
      <h2 className="text-xl font-semibold">From nothing to a working integration</h2>
      <p className="mt-1 text-muted">Six steps. Each can be changed later.</p>
      <ol className="mt-6 overflow-hidden rounded-lg border border-line">
        {steps.map((step, at) => (
          <li key={step.title} className={cx("flex items-center gap-4 border-b border-line px-4 py-3.5 last:border-b-0", at === next && "bg-selected")}>
            <span
              className={cx(
                "tabular flex size-6 shrink-0 items-center justify-center rounded-full text-xs font-semibold",
                step.done ? "bg-accent text-accent-fg" : "border border-line-strong text-muted",
              )}
            >
              {step.done ? <Check className="size-3.5" strokeWidth={3} aria-label="Done" /> : at + 1}
            </span>
            <div className="min-w-0 flex-1">
              <p className="font-medium">{step.title}</p>
              <p className="text-xs text-muted">{step.text}</p>
            </div>
            <AppLink to={step.to} className={buttonClass(at === next ? "primary" : "secondary", "sm")}>
              {step.action}
            </AppLink>
          </li>
        ))}
      </ol>
    </div>
  );
}
