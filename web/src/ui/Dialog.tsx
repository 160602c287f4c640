import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactNode } from "react";

import { Button } from "./Button";
import { cx } from "./cx";
import { popupClass } from "./popup";
import { useForm } from "./useForm";

type Props = {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  description?: ReactNode;
  /** `sm` for questions, `md` for forms, `lg` for what has columns. */
  size?: "sm" | "md" | "lg";
  footer?: ReactNode;
  children?: ReactNode;
  /** Wraps body and footer into a form, so that Enter sends it. */
  onSubmit?: () => void;
};

const widths = { sm: "w-[26rem]", md: "w-[36rem]", lg: "w-[54rem]" };

export function Dialog({ open, onClose, title, description, size = "md", footer, children, onSubmit }: Props) {
  const inner = (
    <>
      <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4" data-scroll>
        {children}
      </div>
      {footer && <div className="flex items-center justify-end gap-2 border-t border-line px-5 py-3">{footer}</div>}
    </>
  );
  return (
    <Base.Root
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
    >
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-scrim transition-opacity duration-100 data-[ending-style]:opacity-0 data-[starting-style]:opacity-0" />
        <Base.Popup
          className={cx(
            popupClass,
            widths[size],
            "fixed top-[8vh] left-1/2 z-40 flex max-h-[84vh] max-w-[calc(100vw-2rem)] -translate-x-1/2 flex-col overflow-hidden",
            "transition-[opacity,translate] duration-100 data-[ending-style]:opacity-0 data-[starting-style]:translate-y-1 data-[starting-style]:opacity-0",
          )}
        >
          <div className="flex items-start justify-between gap-4 border-b border-line px-5 py-3.5">
            <div className="min-w-0">
              <Base.Title className="text-base font-semibold">{title}</Base.Title>
              {description && <Base.Description className="mt-0.5 text-sm text-muted">{description}</Base.Description>}
            </div>
            {/* Without a tooltip: Escape would close that first. */}
            <Base.Close aria-label="Close" className="-mr-1.5 inline-flex size-7 shrink-0 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-text">
              <X className="size-4" aria-hidden="true" />
            </Base.Close>
          </div>
          {onSubmit ? (
            <form
              className="flex min-h-0 flex-1 flex-col"
              noValidate
              onSubmit={(event) => {
                event.preventDefault();
                event.stopPropagation();
                onSubmit();
              }}
            >
              {inner}
            </form>
          ) : (
            inner
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

type ConfirmProps = {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  children?: ReactNode;
  /** What the button says: the deed itself ("Delete source"), never "OK". */
  action: string;
  danger?: boolean;
  onConfirm: () => Promise<unknown> | unknown;
};

/** A question before something that cannot be undone. What can be undone is done at once, with an undo in its toast. */
export function ConfirmDialog({ open, onClose, title, children, action, danger, onConfirm }: ConfirmProps) {
  const form = useForm();
  const confirm = () =>
    form.send(async () => {
      await onConfirm();
      onClose();
    });
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={title}
      size="sm"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant={danger ? "danger" : "primary"} busy={form.busy} onClick={() => void confirm()}>
            {action}
          </Button>
        </>
      }
    >
      <div className="text-sm text-muted">{children}</div>
      <div className="mt-3 has-[>:empty]:hidden">{form.notice}</div>
    </Dialog>
  );
}
