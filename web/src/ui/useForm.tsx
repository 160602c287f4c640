import { type ReactNode, useEffect, useRef, useState } from "react";

import { ApiError, messageOf } from "~/api/client";

import { focusFirstWrong } from "./focus";
import { Notice } from "./states";
import { toast } from "./Toast";

type Sending = {
  /** Whether all that must be there is there; else nothing is sent, and the first faulty field is focused. */
  ready?: boolean;
  /** Said in a toast where it fails, for a deed that has no form to say it in. */
  failed?: string;
  /** What a failure is in other words. */
  reword?: (error: unknown) => unknown;
};

export type Form = {
  /** It is on its way: nothing is sent twice. */
  busy: boolean;
  /** Somebody tried to send it: what is missing is said from then on. */
  tried: boolean;
  /** Why it was refused; `null` where it was not. */
  error: unknown;
  /** The server's problem with a field, by its JSON pointer in what is sent. */
  at: (pointer: string) => string | undefined;
  /** The same for a field that must hold something. */
  needed: (pointer: string, there: boolean, text?: string) => string | undefined;
  /** What belongs to no field. Stands at the top of the form. */
  notice: ReactNode;
  /** Sends it; gives whether it went well. */
  send: (deed: () => Promise<unknown>, sending?: Sending) => Promise<boolean>;
  /** Forgets what was tried and refused. */
  reset: () => void;
};

/** What every form does: it is busy while it is sent, says what is wrong at its field, and leads there. */
export function useForm(): Form {
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<unknown>(null);
  // Counts refusals: each leads to the first faulty field, once it is drawn.
  const [refused, setRefused] = useState(0);
  const running = useRef(false);
  const top = useRef<HTMLDivElement>(null);
  const claimed = useRef(new Set<string>());
  claimed.current = new Set();

  useEffect(() => {
    if (refused === 0) return;
    const form = top.current?.closest<HTMLElement>("form, [role=dialog]") ?? document.activeElement?.closest<HTMLElement>("form, [role=dialog]");
    if (form) focusFirstWrong(form);
  }, [refused]);

  const at = (pointer: string): string | undefined => {
    claimed.current.add(pointer);
    return error instanceof ApiError && isAt(error.pointer, pointer) ? messageOf(error) : undefined;
  };

  const send = async (deed: () => Promise<unknown>, { ready = true, failed, reword }: Sending = {}): Promise<boolean> => {
    if (running.current) return false;
    setTried(true);
    setError(null);
    if (!ready) {
      setRefused((count) => count + 1);
      return false;
    }
    running.current = true;
    setBusy(true);
    try {
      await deed();
      setTried(false);
      return true;
    } catch (thrown) {
      const problem = reword ? reword(thrown) : thrown;
      if (failed !== undefined) toast.failed(failed, problem);
      else {
        setError(problem);
        setRefused((count) => count + 1);
      }
      return false;
    } finally {
      running.current = false;
      setBusy(false);
    }
  };

  return {
    busy,
    tried,
    error,
    at,
    needed: (pointer, there, text = "This is needed") => at(pointer) ?? (tried && !there ? text : undefined),
    notice: (
      <div ref={top} className="empty:hidden">
        <Unclaimed error={error} claimed={claimed.current} />
      </div>
    ),
    send,
    reset: () => {
      setTried(false);
      setError(null);
    },
  };
}

/** Drawn after the form has said which fields it shows problems at. */
function Unclaimed({ error, claimed }: { error: unknown; claimed: ReadonlySet<string> }) {
  if (error === null) return null;
  if (error instanceof ApiError && [...claimed].some((pointer) => isAt(error.pointer, pointer))) return null;
  return <Notice tone="danger">{messageOf(error)}</Notice>;
}

function isAt(found: string | undefined, pointer: string): boolean {
  return found !== undefined && (found === pointer || found.startsWith(`${pointer}/`));
}
