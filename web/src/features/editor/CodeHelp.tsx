import { Popover } from "~/ui/Popover";

import { useStore } from "./context";

/** A code of a message; opens what it means, and an example before and after. */
export function CodeHelp({ code }: { code: string }) {
  const store = useStore();
  const meta = store.catalog.code(code);
  if (meta === undefined) return <span className="shrink-0 font-mono text-2xs">{code}</span>;
  return (
    <Popover
      align="end"
      title={`${code}: ${meta.title}`}
      trigger={
        <button
          type="button"
          aria-label={`What ${code} means`}
          className="-my-1 min-h-6 shrink-0 rounded-sm px-0.5 font-mono text-2xs underline decoration-dotted underline-offset-2"
        >
          {code}
        </button>
      }
    >
      <div className="flex flex-col gap-2 text-xs">
        <p>{meta.meaning}</p>
        <p className="text-muted">{meta.why}</p>
        {meta.before !== "" && <Example title="Before" text={meta.before} />}
        {meta.after !== "" && <Example title="After" text={meta.after} />}
      </div>
    </Popover>
  );
}

function Example({ title, text }: { title: string; text: string }) {
  return (
    <div>
      <div className="text-2xs font-medium text-faint">{title}</div>
      <code className="block rounded-sm bg-sunken px-1.5 py-1 font-mono text-2xs [overflow-wrap:anywhere]">{text}</code>
    </div>
  );
}
