import { Tabs as Base } from "@base-ui/react/tabs";
import type { ReactNode } from "react";

export type Tab<T extends string = string> = { value: T; label: ReactNode; count?: number; content: ReactNode };

/** Tabs of a page. Which one is open belongs into the URL: pass the search parameter as `value`. */
export function Tabs<T extends string>({ value, onChange, tabs, label }: { value: T; onChange: (value: T) => void; tabs: Tab<T>[]; label: string }) {
  return (
    <Base.Root value={value} onValueChange={(next) => onChange(next as T)} className="flex min-h-0 flex-1 flex-col">
      <Base.List aria-label={label} className="flex h-9 shrink-0 items-stretch gap-4 border-b border-line px-5">
        {tabs.map((tab) => (
          <Base.Tab
            key={tab.value}
            value={tab.value}
            className="-mb-px flex items-center gap-1.5 border-b-2 border-transparent px-0.5 text-sm text-muted hover:text-text data-[active]:border-accent data-[active]:font-medium data-[active]:text-text"
          >
            {tab.label}
            {tab.count !== undefined && <span className="tabular rounded-full bg-neutral-soft px-1.5 text-2xs leading-4 text-muted">{tab.count}</span>}
          </Base.Tab>
        ))}
      </Base.List>
      {tabs.map((tab) => (
        <Base.Panel key={tab.value} value={tab.value} className="flex min-h-0 flex-1 flex-col">
          {tab.content}
        </Base.Panel>
      ))}
    </Base.Root>
  );
}
