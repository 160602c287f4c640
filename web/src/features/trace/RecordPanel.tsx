import { Eye } from "lucide-react";
import { useState } from "react";

import { useSession } from "~/api/session";
import { at, isObject, type Json } from "~/core/json";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { JsonTree } from "~/ui/JsonTree";

import { Part } from "../builder/LeftPanel";
import { ScopePanel } from "../editor/ScopePanel";
import type { Trace } from "../editor/transport";

/** The record as it was, what was fetched beside it, the constants, and what was in scope at the selected step. */
export function RecordPanel({ trace, revealed, onReveal }: { trace: Trace; revealed: boolean; onReveal: (reason: string) => void }) {
  const { user } = useSession();
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState("");
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
              <Button size="sm" variant="ghost" icon={<Eye className="size-3.5" />} onClick={() => setAsking(true)} className="!h-6">
                Reveal
              </Button>
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
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        size="sm"
        title="Reveal personal data"
        description="Who looked at what, and why, is written to the audit log."
        onSubmit={() => {
          if (reason.trim() === "") return;
          onReveal(reason.trim());
          setAsking(false);
        }}
        footer={
          <>
            <Button onClick={() => setAsking(false)}>Cancel</Button>
            <Button type="submit" variant="primary" disabled={reason.trim() === ""}>
              Reveal
            </Button>
          </>
        }
      >
        <Field label="Reason" required>
          {(control) => (
            <Input
              {...control}
              autoFocus
              value={reason}
              onChange={(event) => setReason(event.target.value)}
              placeholder="The customer asked about their deal"
            />
          )}
        </Field>
      </Dialog>
    </>
  );
}
