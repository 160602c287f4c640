import { useQueryClient } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { ChevronsUpDown, Keyboard, LogOut, Monitor, Moon, PanelLeftClose, PanelLeftOpen, Search, Sun, UserCog } from "lucide-react";
import { useState, useSyncExternalStore } from "react";

import { useActions } from "~/actions/registry";
import { api } from "~/api/client";
import { sessionQuery, useSession } from "~/api/session";
import { AppLink, useGo } from "~/ui/AppLink";
import { IconButton } from "~/ui/Button";
import { cx } from "~/ui/cx";
import { KeyboardHint } from "~/ui/KeyboardHint";
import { Menu } from "~/ui/Menu";
import { toast } from "~/ui/Toast";
import { Tooltip } from "~/ui/Tooltip";

import { type NavItem, navigation } from "./navigation";
import { setTheme } from "./theme";

/** Whether an item stands for the page that is open. */
function isCurrent(to: string, path: string): boolean {
  if (to === "/") return path === "/";
  if (to === "/settings/tenant") return path.startsWith("/settings/") && path !== "/settings/audit";
  if (to === "/providers" && path.startsWith("/sources/")) return true;
  return path === to || path.startsWith(`${to}/`);
}

const KEPT = "salesdash.sidebar";
const NARROW = "Narrow the side bar";
const WIDEN = "Widen the side bar";

/** The pages that need the room: those of three panels. */
const panels = /^\/(processors\/[^/]+\/spec|executions\/[^/]+)$/;
const little = window.matchMedia("(max-width: 1279px)");

/** Whether the side bar shows icons alone: as it was chosen; else where a page of three panels has little room. */
function useNarrow(path: string): [boolean, () => void] {
  const [chosen, setChosen] = useState(() => localStorage.getItem(KEPT));
  const isLittle = useSyncExternalStore(
    (watcher) => {
      little.addEventListener("change", watcher);
      return () => little.removeEventListener("change", watcher);
    },
    () => little.matches,
  );
  const needed = isLittle && panels.test(path);
  const narrow = needed ? chosen !== "wide" : chosen === "narrow";
  const toggle = (): void => {
    const next = narrow ? "wide" : "narrow";
    localStorage.setItem(KEPT, next);
    setChosen(next);
  };
  return [narrow, toggle];
}

export function Sidebar({ onSearch, onShortcuts }: { onSearch: () => void; onShortcuts: () => void }) {
  const { user, tenant } = useSession();
  const path = useLocation({ select: (location) => location.pathname });
  const shown = (item: NavItem): boolean => (!item.admin || user.role === "admin") && (!item.projects || tenant.projects);
  const [narrow, toggle] = useNarrow(path);
  useActions([{ id: "sidebar", title: narrow ? WIDEN : NARROW, group: "Everywhere", keys: "[", keyOnly: true, run: toggle }]);
  if (narrow) {
    return (
      <nav aria-label="Main" className="flex w-13 shrink-0 flex-col items-center border-r border-line bg-canvas">
        <div className="flex h-13 items-center">
          <img src="/mark.svg" alt={tenant.name} className="size-6" />
        </div>
        <IconButton label="Go to…" keys={["Mod", "K"]} size="md" icon={<Search className="size-4" />} onClick={onSearch} />
        <div className="min-h-0 w-full flex-1 overflow-y-auto px-2 py-2 [scrollbar-width:none]">
          {navigation.map((group) => (
            <ul key={group.title ?? "top"} aria-label={group.title ?? undefined} className="mt-1.5 border-t border-line pt-1.5 first:mt-0 first:border-t-0 first:pt-0">
              {group.items.filter(shown).map((item) => {
                const current = isCurrent(item.to, path);
                return (
                  <li key={item.to}>
                    <Tooltip text={item.title} side="right">
                      <AppLink
                        to={item.to}
                        aria-label={item.title}
                        aria-current={current ? "page" : undefined}
                        className={cx(
                          "flex h-7.5 items-center justify-center rounded-md [&>svg]:size-4",
                          current ? "bg-active text-accent-text" : "text-muted hover:bg-hover hover:text-text",
                        )}
                      >
                        {item.icon}
                      </AppLink>
                    </Tooltip>
                  </li>
                );
              })}
            </ul>
          ))}
        </div>
        <UserMenu onShortcuts={onShortcuts} narrow toggle={toggle} />
      </nav>
    );
  }
  return (
    <nav aria-label="Main" className="flex w-54 shrink-0 flex-col border-r border-line bg-canvas max-[1100px]:w-48">
      <div className="flex h-13 items-center gap-2.5 px-4">
        <img src="/mark.svg" alt="" className="size-6" />
        <div className="min-w-0 flex-1 leading-4">
          <div className="ellipsis text-sm font-semibold">{tenant.name}</div>
          <div className="text-2xs text-faint">SalesDash</div>
        </div>
      </div>
      <div className="px-3 pb-2 max-[1100px]:px-2">
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
      <div className="min-h-0 flex-1 overflow-y-auto px-3 pb-3 max-[1100px]:px-2">
        {navigation.map((group) => {
          const items = group.items.filter(shown);
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
      <UserMenu onShortcuts={onShortcuts} narrow={false} toggle={toggle} />
    </nav>
  );
}

function UserMenu({ onShortcuts, narrow, toggle }: { onShortcuts: () => void; narrow: boolean; toggle: () => void }) {
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
    <div className={cx("flex items-center gap-1 border-t border-line p-2", narrow && "flex-col-reverse")}>
      <Menu
        align="start"
        trigger={
          <button
            type="button"
            aria-label={narrow ? `${user.name}, ${user.role}` : undefined}
            className={cx("flex min-w-0 flex-1 items-center gap-2 rounded-md py-1.5 text-left hover:bg-hover", narrow ? "px-1.5" : "px-2")}
          >
            <span aria-hidden="true" className="flex size-6 shrink-0 items-center justify-center rounded-full bg-accent-soft text-2xs font-semibold text-accent-text">
              {initials(user.name)}
            </span>
            {!narrow && (
              <>
                <span className="min-w-0 flex-1 leading-4">
                  <span className="ellipsis block text-sm">{user.name}</span>
                  <span className="block text-2xs text-faint">{user.role}</span>
                </span>
                <ChevronsUpDown className="size-3.5 text-faint" aria-hidden="true" />
              </>
            )}
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
      <IconButton
        label={narrow ? WIDEN : NARROW}
        keys={["["]}
        icon={narrow ? <PanelLeftOpen className="size-4" /> : <PanelLeftClose className="size-4" />}
        onClick={toggle}
      />
    </div>
  );
}

export function initials(name: string): string {
  const parts = name.trim().split(/\s+/);
  return ((parts[0]?.[0] ?? "") + (parts.length > 1 ? (parts.at(-1)?.[0] ?? "") : "")).toUpperCase();
}
