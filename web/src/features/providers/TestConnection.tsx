import { Zap } from "lucide-react";
import { useState } from "react";

import { messageOf } from "~/api/client";
import type { TestAnswer } from "~/generated/api";
import { Button } from "~/ui/Button";
import { Status } from "~/ui/Badge";

/** Asks the external system whether it lets us in, and shows what it said. */
export function TestConnection({ request }: { request: () => Promise<TestAnswer> }) {
  // What it says may begin with what the mark says.
  const told = (detail: string) => detail.replace(/^It works[.:]? ?/, "").replace(/^./, (letter) => letter.toUpperCase());
  const [state, setState] = useState<"idle" | "busy" | TestAnswer>("idle");
  const test = async () => {
    setState("busy");
    try {
      setState(await request());
    } catch (error) {
      setState({ ok: false, detail: messageOf(error) });
    }
  };
  return (
    <div className="flex min-h-8 items-center gap-3" aria-live="polite">
      <Button size="sm" icon={<Zap className="size-3.5" />} busy={state === "busy"} onClick={() => void test()}>
        Test connection
      </Button>
      {typeof state === "object" && (
        <span className="min-w-0 text-sm [overflow-wrap:anywhere]">
          <Status tone={state.ok ? "ok" : "danger"} className="mr-2 font-medium">
            {state.ok ? "It works" : "It does not work"}
          </Status>
          <span className="text-muted">{told(state.detail)}</span>
        </span>
      )}
    </div>
  );
}
