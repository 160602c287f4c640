import { Tooltip as Base } from "@base-ui/react/tooltip";
import type { ReactElement, ReactNode } from "react";

import { KeyboardHint } from "./KeyboardHint";

type Props = { text: ReactNode; keys?: string[]; side?: "top" | "bottom" | "left" | "right"; children: ReactElement };

/** Says more about what it wraps, on hover and on focus. Never the only place of something that one must know. */
export function Tooltip({ text, keys, side = "bottom", children }: Props) {
  return (
    <Base.Root>
      <Base.Trigger render={children} />
      <Base.Portal>
        <Base.Positioner side={side} sideOffset={6} className="z-50">
          <Base.Popup className="flex max-w-80 items-center gap-2 rounded-md bg-text px-2 py-1 text-xs text-surface shadow-high">
            <span>{text}</span>
            {keys && <KeyboardHint keys={keys} />}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export const TooltipProvider = Base.Provider;
