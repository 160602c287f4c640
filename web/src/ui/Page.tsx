import { ChevronRight } from "lucide-react";
import { Fragment, type ReactNode, useEffect } from "react";

import { AppLink } from "./AppLink";
import { cx } from "./cx";

type Props = {
  /** Also the title of the browser's tab. */
  title: string;
  /** Where the page stands: the pages above it. */
  above?: { title: string; to: string }[];
  /** Beside the title: a status, a type. */
  aside?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  /** Under the header: filters, tabs. */
  toolbar?: ReactNode;
  /** `scroll` (the page scrolls as a whole) or `fill` (a list or panels that scroll by themselves). */
  body?: "scroll" | "fill";
  children: ReactNode;
};

/** The frame of every page. */
export function Page({ title, above = [], aside, description, actions, toolbar, body = "scroll", children }: Props) {
  useEffect(() => {
    document.title = `${title} · SalesDash`;
  }, [title]);
  return (
    <main id="main" tabIndex={-1} className="flex h-full min-h-0 min-w-0 flex-1 flex-col bg-surface outline-none">
      <header className="flex min-h-13 shrink-0 items-center justify-between gap-4 border-b border-line px-5 py-2">
        <div className="min-w-0">
          <div className="flex min-w-0 items-center gap-2">
            {above.length > 0 && (
              <nav aria-label="Breadcrumb" className="flex shrink-0 items-center gap-1 text-sm text-muted">
                {above.map((page) => (
                  <Fragment key={page.to}>
                    <AppLink to={page.to} className="ellipsis max-w-48 rounded-sm hover:text-text">
                      {page.title}
                    </AppLink>
                    <ChevronRight className="size-3.5 text-faint" aria-hidden="true" />
                  </Fragment>
                ))}
              </nav>
            )}
            <h1 className="ellipsis text-base font-semibold">{title}</h1>
            {aside}
          </div>
          {description && <p className="ellipsis text-xs text-muted">{description}</p>}
        </div>
        {actions && <div className="flex shrink-0 items-center gap-2">{actions}</div>}
      </header>
      {toolbar && <div className="flex min-h-11 shrink-0 flex-wrap items-center gap-2 border-b border-line px-5 py-1.5">{toolbar}</div>}
      <div className={cx("min-h-0 flex-1", body === "scroll" ? "overflow-y-auto" : "flex flex-col overflow-hidden")}>{children}</div>
    </main>
  );
}

/** A part of a page, with a heading. */
export function Section({ title, description, actions, children, className }: { title: string; description?: ReactNode; actions?: ReactNode; children: ReactNode; className?: string }) {
  return (
    <section aria-label={title} className={cx("border-b border-line px-5 py-5 last:border-b-0", className)}>
      <div className={cx("mb-3 flex justify-between gap-4", description ? "items-start" : "min-h-7 items-center")}>
        <div>
          <h2 className="text-sm font-semibold">{title}</h2>
          {description && <p className="mt-0.5 max-w-2xl text-xs text-muted">{description}</p>}
        </div>
        {actions && <div className="flex shrink-0 items-center gap-2">{actions}</div>}
      </div>
      {children}
    </section>
  );
}
