import { Eye } from "lucide-react";
import { useState } from "react";

import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";

/** Asks why personal values are to be shown; the reason goes to the audit log with who asked and what for. */
export function RevealButton({ onReveal, label = "Reveal" }: { onReveal: (reason: string) => void; label?: string }) {
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  return (
    <>
      <Button size="sm" icon={<Eye className="size-3.5" />} onClick={() => setOpen(true)}>
        {label}
      </Button>
      {open && (
        <Dialog
          open
          onClose={() => setOpen(false)}
          size="sm"
          title="Reveal personal values"
          description="Who looked, when and why is kept in the audit log."
          onSubmit={() => {
            if (!reason.trim()) return;
            setOpen(false);
            onReveal(reason.trim());
          }}
          footer={
            <>
              <Button onClick={() => setOpen(false)}>Cancel</Button>
              <Button type="submit" variant="primary" disabled={!reason.trim()}>
                Reveal
              </Button>
            </>
          }
        >
          <Field label="Reason">{(control) => <Input {...control} autoFocus value={reason} placeholder="Customer asks about this deal" onChange={(event) => setReason(event.target.value)} />}</Field>
        </Dialog>
      )}
    </>
  );
}
