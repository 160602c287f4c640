import { useSession } from "~/api/session";
import { at, isObject, type Json } from "~/core/json";
import { JsonTree } from "~/ui/JsonTree";

import { Part } from "../builder/LeftPanel";
import { RevealButton } from "../reveal/RevealButton";
import { ScopePanel } from "../editor/ScopePanel";
import type { Trace } from "../editor/transport";

/** The record as it was, what was fetched beside it, the constants, and what was in scope at the selected step. */
export function RecordPanel({ trace, revealed, onReveal }: { trace: Trace; revealed: boolean; onReveal: (reason: string) => void }) {
  const { user } = useSession();
  const variable = at(trace.spec, ["source_model", "var"]);
  const masked = trace.masked ?? [];
  const constants = isObject(trace.constants) ? trace.constants : {};
  const enrichments = isObject(trace.enrichments) && Object.keys(trace.enrichments).length > 0 ? trace.enrichments : undefined;
  return (
    <>
      <div className="max-h-[60%] shrink-0 overflow-y-auto border-b border-line">
        <Part
          title={typeof variable === "string" ? variable : "Record"}
          action={
            masked.length > 0 && user.reveal && !revealed ? (
              <RevealButton onReveal={onReveal} />
            ) : revealed ? (
              <span className="text-2xs text-violet-text">revealed</span>
            ) : null
          }
        >
          {trace.verified === "erased" ? (
            <p className="px-3 pb-3 text-sm text-muted">Erased on request</p>
          ) : (
            <JsonTree value={(trace.record ?? null) as never} masked={revealed ? [] : masked} open={2} />
          )}
        </Part>
        {enrichments !== undefined && (
          <Part title="Enrichments">
            <JsonTree value={enrichments as never} masked={revealed ? [] : masked} open={1} />
          </Part>
        )}
        {Object.keys(constants).length > 0 && (
          <Part title="Constants" startOpen={false} count={Object.keys(constants).length}>
            <JsonTree value={constants as Json as never} open={1} />
          </Part>
        )}
      </div>
      <ScopePanel />
    </>
  );
}
