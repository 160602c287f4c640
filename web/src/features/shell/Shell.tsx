import { Outlet } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { listen, useActions } from "~/actions/registry";
import { useGo } from "~/ui/AppLink";

import { navigation } from "./navigation";
import { Palette } from "./Palette";
import { ShortcutSheet } from "./ShortcutSheet";
import { Sidebar } from "./Sidebar";
import { setTheme } from "./theme";

/** What stands around every page of somebody signed in. */
export function Shell() {
  const go = useGo();
  const [open, setOpen] = useState<"palette" | "sheet" | null>(null);
  useEffect(listen, []);
  useActions([
    { id: "palette", title: "Open the command palette", group: "Everywhere", keys: "Mod+k", keyOnly: true, whileTyping: true, run: () => setOpen(open === "palette" ? null : "palette") },
    { id: "sheet", title: "Keyboard shortcuts", group: "Everywhere", keys: "?", run: () => setOpen("sheet") },
    { id: "search", title: "Search on this page", group: "Everywhere", keys: "/", keyOnly: true, run: () => document.querySelector<HTMLElement>("[data-search]")?.focus() },
    { id: "theme.light", title: "Light theme", group: "Everywhere", search: "appearance colours", run: () => setTheme("light") },
    { id: "theme.dark", title: "Dark theme", group: "Everywhere", search: "appearance colours", run: () => setTheme("dark") },
    { id: "theme.system", title: "Theme as the system", group: "Everywhere", search: "appearance colours", run: () => setTheme("system") },
    ...navigation
      .flatMap((group) => group.items)
      .filter((item) => item.keys)
      .map((item) => ({ id: `go.${item.to}`, title: item.title, group: "Go to", keys: item.keys, run: () => go(item.to) })),
  ]);
  return (
    <div className="flex h-full">
      <a href="#main" className="sr-only z-50 rounded-md bg-accent px-3 py-1 text-accent-fg focus:not-sr-only focus:absolute focus:top-2 focus:left-2">
        Skip to the page
      </a>
      <Sidebar onSearch={() => setOpen("palette")} onShortcuts={() => setOpen("sheet")} />
      <Outlet />
      <Palette open={open === "palette"} onClose={() => setOpen(null)} />
      <ShortcutSheet open={open === "sheet"} onClose={() => setOpen(null)} />
    </div>
  );
}
