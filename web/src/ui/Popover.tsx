import { Popover as Base } from "@base-ui/react/popover";
import type { ReactElement, ReactNode } from "react";

import { cx } from "./cx";
import { popupClass } from "./popup";

type Props = {
  trigger: ReactElement;
  title?: ReactNode;
  children: ReactNode;
  side?: "top" | "bottom" | "left" | "right";
  align?: "start" | "center" | "end";
  className?: string;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  /** Where the focus goes when it closes: to the trigger (`true`), nowhere (`false`), or to an element. */
  returnsFocus?: () => boolean | HTMLElement;
};

export function Popover({ trigger, title, children, side = "bottom", align = "start", className, open, onOpenChange, returnsFocus }: Props) {
  return (
    <Base.Root open={open} onOpenChange={(next) => onOpenChange?.(next)}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner side={side} align={align} sideOffset={6} className="z-50">
          <Base.Popup finalFocus={returnsFocus} className={cx(popupClass, "max-h-[var(--available-height)] max-w-96 overflow-y-auto p-3", className)}>
            {title && <Base.Title className="mb-2 text-sm font-semibold">{title}</Base.Title>}
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
