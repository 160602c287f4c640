import { Toast as Base } from "@base-ui/react/toast";
import { CircleAlert, CircleCheck, X } from "lucide-react";
import type { ReactNode } from "react";

import { messageOf } from "~/api/client";

import { IconButton } from "./Button";

const manager = Base.createToastManager();

type Options = { detail?: string; action?: { label: string; onClick: () => void } };

/** Short messages at the edge of the page, from anywhere. What can be undone offers it here. */
export const toast = {
  done(title: string, { detail, action }: Options = {}) {
    manager.add({
      title,
      description: detail,
      type: "done",
      timeout: action ? 10_000 : 4_000,
      actionProps: action ? { children: action.label, onClick: action.onClick } : undefined,
    });
  },
  failed(title: string, error: unknown) {
    manager.add({ title, description: messageOf(error), type: "failed", priority: "high", timeout: 10_000 });
  },
};

export function ToastProvider({ children }: { children: ReactNode }) {
  return (
    <Base.Provider toastManager={manager} limit={4}>
      {children}
      <Base.Portal>
        <Base.Viewport data-toasts className="fixed right-4 bottom-4 z-50 flex w-88 flex-col gap-2">
          <Toasts />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}

function Toasts() {
  const { toasts } = Base.useToastManager();
  return toasts.map((item) => (
    <Base.Root
      key={item.id}
      toast={item}
      className="rounded-lg bg-raised shadow-high transition-[opacity,translate] duration-150 data-[ending-style]:opacity-0 data-[starting-style]:translate-y-2 data-[starting-style]:opacity-0"
    >
      <Base.Content className="flex items-start gap-2.5 px-3 py-2.5">
        {item.type === "failed" ? (
          <CircleAlert className="mt-0.5 size-4 shrink-0 text-danger-text" aria-hidden="true" />
        ) : (
          <CircleCheck className="mt-0.5 size-4 shrink-0 text-ok-text" aria-hidden="true" />
        )}
        <div className="min-w-0 flex-1">
          <Base.Title className="text-sm font-medium" />
          <Base.Description className="text-xs text-muted [overflow-wrap:anywhere]" />
        </div>
        {item.actionProps && <Base.Action className="rounded-md px-2 text-sm font-medium text-accent-text hover:bg-hover" />}
        <Base.Close render={<IconButton label="Dismiss" icon={<X className="size-3.5" />} className="-mt-1 -mr-1" />} />
      </Base.Content>
    </Base.Root>
  ));
}
