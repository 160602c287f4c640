import { useEffect, useRef, useState } from "react";

import { urlOf } from "./client";

export type LiveEvent = { kind: "execution" | "delivery" | "run" | "job" | "missed"; data: { [field: string]: unknown } };
export type LiveState = "off" | "connecting" | "open";

/** `missed`: more happened than can be told; what is shown should be read again. */
const kinds = ["execution", "delivery", "run", "job", "missed"] as const;

/** What happens on the server while it happens. The browser connects again by itself, and is told when it missed something. */
export function useLive(on: boolean, onEvent: (event: LiveEvent) => void): LiveState {
  const [state, setState] = useState<LiveState>("off");
  const handler = useRef(onEvent);
  handler.current = onEvent;
  useEffect(() => {
    if (!on) {
      setState("off");
      return;
    }
    setState("connecting");
    const stream = new EventSource(urlOf("/executions/live"));
    stream.onopen = () => setState("open");
    stream.onerror = () => setState("connecting");
    for (const kind of kinds) {
      stream.addEventListener(kind, (message: MessageEvent<string>) => {
        try {
          handler.current({ kind, data: JSON.parse(message.data) as LiveEvent["data"] });
        } catch {
          // An event that cannot be read is no reason to end the stream; the lists are read again anyway.
        }
      });
    }
    return () => stream.close();
  }, [on]);
  return state;
}
