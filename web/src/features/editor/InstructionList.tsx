import { type KeyboardEvent, useId, useLayoutEffect, useMemo, useRef, useState } from "react";

import { type InstructionMeta, humanize } from "~/core/catalog";
import { search } from "~/core/find";
import { useSession } from "~/api/session";
import { cx } from "~/ui/cx";
import { SearchInput } from "~/ui/Input";

import { useStore } from "./context";
import { InstructionIcon } from "./look";

/** Every instruction of the language, to choose one: by group, found by what people call it, with what it does. */
export function InstructionList({ onPick, current, label }: { onPick: (meta: InstructionMeta) => void; current?: string; label: string }) {
  const { catalog } = useStore();
  const { tenant } = useSession();
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  // At once: who types right behind the key that opened it loses no letter.
  useLayoutEffect(() => input.current?.focus(), []);
  const sections = useMemo(() => {
    // What only concerns projects is offered where the tenant has them.
    const offered = catalog.instructions.filter((meta) => tenant.projects || !meta.name.split("_").includes("project"));
    if (query !== "") return [{ title: "Found", words: search(query, offered) }].filter((section) => section.words.length > 0);
    return catalog.groupsOf("instruction").map((group) => ({ title: group.title, words: offered.filter((meta) => meta.group === group.name) }));
  }, [catalog, query, tenant.projects]);
  const flat = sections.flatMap((section) => section.words);
  const keys = (event: KeyboardEvent): void => {
    let to = active;
    if (event.key === "ArrowDown") to = Math.min(flat.length - 1, active + 1);
    else if (event.key === "ArrowUp") to = Math.max(0, active - 1);
    else if (event.key === "Enter" && flat[active]) {
      event.preventDefault();
      onPick(flat[active]);
      return;
    } else return;
    event.preventDefault();
    setActive(to);
    list.current?.querySelector(`[data-at="${to}"]`)?.scrollIntoView({ block: "nearest" });
  };
  let place = -1;
  return (
    <div className="flex max-h-[28rem] min-h-0 flex-col" onKeyDown={keys}>
      <div className="border-b border-line p-2">
        <SearchInput
          ref={input}
          value={query}
          onChange={(next) => {
            setQuery(next);
            setActive(0);
          }}
          label={label}
        />
      </div>
      <div ref={list} id={id} role="listbox" aria-label="Instructions" tabIndex={0} className="min-h-0 flex-1 overflow-y-auto pb-1">
        {sections.map((section) => (
          <div key={section.title} role="group" aria-label={section.title}>
            <div role="presentation" className="px-3 pt-2 pb-1 text-2xs font-medium text-faint">
              {section.title}
            </div>
            {section.words.map((meta) => {
              place += 1;
              const at = place;
              return (
                <div
                  key={meta.name}
                  role="option"
                  aria-selected={at === active}
                  data-at={at}
                  data-word={meta.name}
                  onClick={() => onPick(meta)}
                  onMouseMove={() => setActive(at)}
                  className={cx("mx-1 flex items-center gap-2.5 rounded-md px-2 py-1", at === active && "bg-active")}
                >
                  <InstructionIcon meta={meta} />
                  <div className="min-w-0">
                    <div className="text-sm">
                      {humanize(meta.name)}
                      {meta.name === current && <span className="ml-2 text-2xs text-faint">now</span>}
                    </div>
                    <div className="ellipsis text-xs text-muted">{meta.summary}</div>
                  </div>
                </div>
              );
            })}
          </div>
        ))}
        {flat.length === 0 && <p className="px-3 py-4 text-sm text-muted">No instruction is called that.</p>}
      </div>
    </div>
  );
}
