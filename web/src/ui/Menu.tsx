import { Menu as Base } from "@base-ui/react/menu";
import type { ReactElement, ReactNode } from "react";

import { cx } from "./cx";
import { KeyboardHint } from "./KeyboardHint";
import { itemClass, popupClass } from "./popup";

export type MenuItem =
  | { label: string; icon?: ReactNode; keys?: string[]; danger?: boolean; disabled?: boolean; onSelect: () => void }
  | { separator: true }
  | { heading: string };

/** A button that opens a list of deeds. */
export function Menu({ trigger, items, align = "end", startOpen }: { trigger: ReactElement; items: MenuItem[]; align?: "start" | "end"; startOpen?: boolean }) {
  return (
    <Base.Root defaultOpen={startOpen}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} sideOffset={4} className="z-50 outline-none">
          <Base.Popup className={cx(popupClass, "max-h-[var(--available-height)] min-w-48 overflow-y-auto py-1")}>
            {items.map((item, at) => {
              if ("separator" in item) return <Base.Separator key={at} className="my-1 h-px bg-line" />;
              if ("heading" in item) {
                return (
                  <div key={at} className="px-3 pt-1.5 pb-1 text-2xs font-medium text-faint">
                    {item.heading}
                  </div>
                );
              }
              return (
                <Base.Item key={at} disabled={item.disabled} onClick={item.onSelect} className={cx(itemClass, item.danger && "text-danger-text")}>
                  <span className="flex w-4 justify-center text-muted [&>svg]:size-3.5" aria-hidden="true">
                    {item.icon}
                  </span>
                  <span className="flex-1">{item.label}</span>
                  {item.keys && <KeyboardHint keys={item.keys} />}
                </Base.Item>
              );
            })}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
