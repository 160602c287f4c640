import { type ReactNode, useEffect } from "react";

/** What stands around the pages of somebody who is not signed in yet. */
export function Frame({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · SalesDash`;
  }, [title]);
  return (
    <main className="flex h-full flex-col items-center overflow-y-auto bg-canvas px-4 pt-[14vh] pb-10">
      <div className="w-full max-w-96">
        <div className="mb-6 flex items-center gap-2.5">
          <img src="/mark.svg" alt="" className="size-8" />
          <span className="text-lg font-semibold">SalesDash</span>
        </div>
        <div className="rounded-lg border border-line bg-surface p-6 shadow-low">
          <h1 className="text-lg font-semibold">{title}</h1>
          {lead && <p className="mt-1 text-sm text-muted">{lead}</p>}
          <div className="mt-5">{children}</div>
        </div>
      </div>
    </main>
  );
}
