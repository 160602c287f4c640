import { useQuery } from "@tanstack/react-query";
import { Dialog } from "@base-ui/react/dialog";
import { Autocomplete } from "@base-ui/react/autocomplete";
import { Plug, Search, Waypoints, Workflow } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";

import { useAllActions } from "~/actions/registry";
import { processorsQuery, providersQuery } from "~/api/queries";
import { useSession } from "~/api/session";
import { capsOf } from "~/core/keys";
import { rankBy } from "~/core/search";
import { useGo } from "~/ui/AppLink";
import { cx } from "~/ui/cx";
import { KeyboardHint } from "~/ui/KeyboardHint";
import { itemClass, popupClass } from "~/ui/popup";

import { navigation } from "./navigation";

type Command = { id: string; title: string; group: string; icon?: ReactNode; keys?: string; search?: string; run: () => void };

/** Everything by name: pages, what can be done here, providers, sources and processors. */
export function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog.Root
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Popup aria-label="Command palette" className={cx(popupClass, "fixed top-[12vh] left-1/2 z-40 flex max-h-[70vh] w-[38rem] max-w-[calc(100vw-2rem)] -translate-x-1/2 flex-col overflow-hidden")}>
          <Commands onClose={onClose} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function useCommands(): Command[] {
  const { user, tenant } = useSession();
  const go = useGo();
  const actions = useAllActions();
  const providers = useQuery(providersQuery);
  const processors = useQuery(processorsQuery);
  return useMemo(() => {
    const pages = navigation.flatMap((group) =>
      group.items
        .filter((item) => (!item.admin || user.role === "admin") && (!item.projects || tenant.projects))
        .map((item): Command => ({ id: `page:${item.to}`, title: item.title, group: "Pages", icon: item.icon, keys: item.keys, search: item.search, run: () => go(item.to) })),
    );
    const here = actions
      .filter((action) => !action.keyOnly)
      .map((action): Command => ({ id: `action:${action.id}`, title: action.title, group: action.group, keys: action.keys, search: action.search, run: action.run }));
    const things: Command[] = [
      ...(processors.data ?? []).map((one) => ({ id: `processor:${one.id}`, title: one.name, group: "Processors", icon: <Workflow />, search: one.model, run: () => go(`/processors/${one.id}`) })),
      ...(providers.data ?? []).flatMap((provider) => [
        { id: `provider:${provider.id}`, title: provider.name, group: "Providers", icon: <Plug />, search: provider.type, run: () => go(`/providers/${provider.id}`) },
        ...provider.sources.map((source) => ({
          id: `source:${source.id}`,
          title: source.name,
          group: "Sources",
          icon: <Waypoints />,
          search: `${provider.name} ${source.model}`,
          run: () => go(`/sources/${source.id}`),
        })),
      ]),
    ];
    return [...here.filter((each) => !each.id.startsWith("action:go.")), ...pages, ...things];
  }, [user.role, tenant.projects, go, actions, providers.data, processors.data]);
}

function Commands({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const commands = useCommands();
  const found = useMemo(() => rankBy(commands, text, (command) => [command.title, `${command.group} ${command.search ?? ""}`]).slice(0, 60), [commands, text]);
  return (
    <Autocomplete.Root
      items={found}
      value={text}
      onValueChange={setText}
      filter={null}
      itemToStringValue={(command: Command) => command.title}
      autoHighlight="always"
      inline
      open
    >
      <div className="flex h-12 shrink-0 items-center gap-2.5 border-b border-line px-4">
        <Search className="size-4 text-faint" aria-hidden="true" />
        <Autocomplete.Input aria-label="Search for a page, a command, a processor" placeholder="Search for a page, a command, a processor…" className="h-full flex-1 bg-transparent text-base outline-none" />
        <KeyboardHint keys={["Escape"]} />
      </div>
      <div className="min-h-0 overflow-y-auto py-2">
        <Autocomplete.Empty className="px-4 py-6 text-center text-sm text-muted empty:hidden">Nothing is called that here</Autocomplete.Empty>
        <Autocomplete.List>
          {(command: Command) => (
            <Autocomplete.Item
              key={command.id}
              value={command}
              onClick={() => {
                onClose();
                command.run();
              }}
              className={cx(itemClass, "mx-2 min-h-8")}
            >
              <span className="flex w-4 justify-center text-muted [&>svg]:size-4" aria-hidden="true">
                {command.icon}
              </span>
              <span className="ellipsis flex-1">{command.title}</span>
              <span className="text-xs text-faint">{command.group}</span>
              {command.keys && <KeyboardHint keys={capsOf(command.keys)} />}
            </Autocomplete.Item>
          )}
        </Autocomplete.List>
      </div>
    </Autocomplete.Root>
  );
}
