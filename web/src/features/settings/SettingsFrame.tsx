import { useLocation } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { useSession } from "~/api/session";
import { AppLink } from "~/ui/AppLink";
import { cx } from "~/ui/cx";
import { Page } from "~/ui/Page";

const parts = [
  { title: "Tenant", to: "/settings/tenant", admin: false },
  { title: "Users", to: "/settings/users", admin: true },
  { title: "API tokens", to: "/settings/tokens", admin: true },
  { title: "Retention and disk", to: "/settings/storage", admin: false },
  { title: "Erase a contact", to: "/settings/erasure", admin: true },
  { title: "Audit log", to: "/settings/audit", admin: true },
  { title: "Your account", to: "/settings/account", admin: false },
];

/** The pages of the settings, beside each other. */
export function SettingsFrame({ title, description, actions, body, children }: { title: string; description?: ReactNode; actions?: ReactNode; body?: "scroll" | "fill"; children: ReactNode }) {
  const path = useLocation({ select: (location) => location.pathname });
  const { user } = useSession();
  return (
    <Page title={title} above={[{ title: "Settings", to: "/settings/tenant" }]} description={description} actions={actions} body="fill">
      <div className="flex min-h-0 flex-1">
        <nav aria-label="Settings" className="w-44 shrink-0 border-r border-line p-3">
          <ul className="flex flex-col gap-0.5">
            {parts
              .filter((part) => !part.admin || user.role === "admin")
              .map((part) => (
                <li key={part.to}>
                  <AppLink
                    to={part.to}
                    aria-current={path === part.to ? "page" : undefined}
                    className={cx("flex h-7 items-center rounded-md px-2", path === part.to ? "bg-active font-medium" : "text-muted hover:bg-hover hover:text-text")}
                  >
                    {part.title}
                  </AppLink>
                </li>
              ))}
          </ul>
        </nav>
        <div className={cx("min-h-0 min-w-0 flex-1", body === "fill" ? "flex flex-col" : "overflow-y-auto")}>{children}</div>
      </div>
    </Page>
  );
}
