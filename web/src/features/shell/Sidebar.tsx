import { useQueryClient } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { ChevronsUpDown, Keyboard, LogOut, Monitor, Moon, Search, Sun, UserCog } from "lucide-react";

import { api } from "~/api/client";
import { sessionQuery, useSession } from "~/api/session";
import { AppLink, useGo } from "~/ui/AppLink";
import { cx } from "~/ui/cx";
import { KeyboardHint } from "~/ui/KeyboardHint";
import { Menu } from "~/ui/Menu";
import { toast } from "~/ui/Toast";

import { navigation } from "./navigation";
import { setTheme } from "./theme";

/** Whether an item stands for the page that is open. */
function isCurrent(to: string, path: string): boolean {
  if (to === "/") return path === "/";
  if (to === "/settings/tenant") return path.startsWith("/settings/") && path !== "/settings/audit";
  if (to === "/providers" && path.startsWith("/sources/")) return true;
  return path === to || path.startsWith(`${to}/`);
}

export function Sidebar({ onSearch, onShortcuts }: { onSearch: () => void; onShortcuts: () => void }) {
  const { user, tenant } = useSession();
  const path = useLocation({ select: (location) => location.pathname });
  return (
    <nav aria-label="Main" className="flex w-54 shrink-0 flex-col border-r border-line bg-canvas max-[1100px]:w-48">
      <div className="flex h-13 items-center gap-2.5 px-4">
        <img src="/mark.svg" alt="" className="size-6" />
        <div className="min-w-0 leading-4">
          <div className="ellipsis text-sm font-semibold">{tenant.name}</div>
          <div className="text-2xs text-faint">SalesDash</div>
        </div>
      </div>
      <div className="px-3 pb-2">
        <button
          type="button"
          onClick={onSearch}
          className="flex h-8 w-full items-center gap-2 rounded-md border border-line-strong bg-surface px-2 text-sm text-muted hover:text-text"
        >
          <Search className="size-3.5" aria-hidden="true" />
          <span className="flex-1 text-left">Go to…</span>
          <KeyboardHint keys={["Mod", "K"]} />
        </button>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-3 pb-3">
        {navigation.map((group) => {
          const items = group.items.filter((item) => (!item.admin || user.role === "admin") && (!item.projects || tenant.projects));
          return (
            <div key={group.title ?? "top"} className="mt-3 first:mt-0">
              {group.title && <div className="px-2 pb-1 text-2xs font-medium text-faint">{group.title}</div>}
              <ul>
                {items.map((item) => {
                  const current = isCurrent(item.to, path);
                  return (
                    <li key={item.to}>
                      <AppLink
                        to={item.to}
                        aria-current={current ? "page" : undefined}
                        className={cx(
                          "flex h-7 items-center gap-2 rounded-md px-2 text-sm [&>svg]:size-4 [&>svg]:shrink-0",
                          current ? "bg-active font-medium text-text [&>svg]:text-accent-text" : "text-muted hover:bg-hover hover:text-text",
                        )}
                      >
                        {item.icon}
                        <span className="ellipsis">{item.title}</span>
                      </AppLink>
                    </li>
                  );
                })}
              </ul>
            </div>
          );
        })}
      </div>
      <UserMenu onShortcuts={onShortcuts} />
    </nav>
  );
}

function UserMenu({ onShortcuts }: { onShortcuts: () => void }) {
  const { user } = useSession();
  const client = useQueryClient();
  const go = useGo();
  const signOut = async () => {
    try {
      await api.delete("/session");
      client.clear();
      client.setQueryData(sessionQuery.queryKey, null);
      go("/sign-in");
    } catch (error) {
      toast.failed("You are still signed in", error);
    }
  };
  return (
    <div className="border-t border-line p-2">
      <Menu
        align="start"
        trigger={
          <button type="button" className="flex w-full items-center gap-2 rounded-md px-2 py-1.5 text-left hover:bg-hover">
            <span aria-hidden="true" className="flex size-6 shrink-0 items-center justify-center rounded-full bg-accent-soft text-2xs font-semibold text-accent-text">
              {initials(user.name)}
            </span>
            <span className="min-w-0 flex-1 leading-4">
              <span className="ellipsis block text-sm">{user.name}</span>
              <span className="block text-2xs text-faint">{user.role}</span>
            </span>
            <ChevronsUpDown className="size-3.5 text-faint" aria-hidden="true" />
          </button>
        }
        items={[
          { heading: "Theme" },
          { label: "Light", icon: <Sun />, onSelect: () => setTheme("light") },
          { label: "Dark", icon: <Moon />, onSelect: () => setTheme("dark") },
          { label: "As the system", icon: <Monitor />, onSelect: () => setTheme("system") },
          { separator: true },
          { label: "Your account", icon: <UserCog />, onSelect: () => go("/settings/account") },
          { label: "Keyboard shortcuts", icon: <Keyboard />, keys: ["?"], onSelect: onShortcuts },
          { separator: true },
          { label: "Sign out", icon: <LogOut />, onSelect: () => void signOut() },
        ]}
      />
    </div>
  );
}

export function initials(name: string): string {
  const parts = name.trim().split(/\s+/);
  return ((parts[0]?.[0] ?? "") + (parts.length > 1 ? (parts.at(-1)?.[0] ?? "") : "")).toUpperCase();
}
