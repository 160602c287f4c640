import { CircleAlert, Info, TriangleAlert, Wand2 } from "lucide-react";

import { fromPatch } from "~/core/edit";
import type { Fix, Problem } from "~/core/problems";
import { Code } from "~/ui/Code";
import { cx } from "~/ui/cx";
import { toast } from "~/ui/Toast";

import { CodeHelp } from "./CodeHelp";
import { useStore } from "./context";
import type { EditorStore } from "./store";

export function applyFix(store: EditorStore, fix: Fix): void {
  try {
    store.perform(fix.title, fromPatch(store.state.document, fix.patch));
  } catch {
    toast.failed("This fix no longer fits", new Error("The spec has changed since. It is being checked again."));
  }
}

/** What the checker says about a node, with what mends it. */
export function Messages({ problems, id }: { problems: readonly Problem[]; id?: string }) {
  const store = useStore();
  if (problems.length === 0) return null;
  return (
    <ul id={id} className="flex flex-col gap-1">
      {problems.map((problem, at) => {
        const Icon = problem.severity === "error" ? CircleAlert : problem.severity === "warning" ? TriangleAlert : Info;
        const tone =
          problem.severity === "error"
            ? "bg-danger-soft text-danger-text"
            : problem.severity === "warning"
              ? "bg-warn-soft text-warn-text"
              : "bg-info-soft text-info-text";
        return (
          <li key={at} className={cx("rounded-md px-2 py-1 text-xs", tone)} data-code={problem.code}>
            <div className="flex items-start gap-1.5">
              <Icon aria-hidden="true" className="mt-0.5 size-3 shrink-0" />
              <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">
                <Code text={problem.text} />
              </span>
              <CodeHelp code={problem.code} />
            </div>
            {store.editable && (problem.fixes?.length ?? 0) > 0 && (
              <div className="mt-1 flex flex-wrap gap-1 pl-4.5">
                {problem.fixes?.map((fix) => (
                  <button
                    key={fix.title}
                    type="button"
                    onClick={() => applyFix(store, fix)}
                    className="flex min-h-6 items-center gap-1 rounded-sm border border-current/30 bg-surface px-1.5 py-0.5 text-2xs font-medium text-text hover:bg-hover"
                  >
                    <Wand2 aria-hidden="true" className="size-3" />
                    {fix.title}
                  </button>
                ))}
              </div>
            )}
          </li>
        );
      })}
    </ul>
  );
}
