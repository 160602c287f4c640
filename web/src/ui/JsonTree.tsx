import { ChevronRight, EyeOff } from "lucide-react";
import { type ReactNode, useState } from "react";

import type { Json } from "~/generated/api";

import { cx } from "./cx";

const SHOWN = 100;

type Props = {
  value: Json;
  /** JSON pointers of values that are hidden because they are personal. */
  masked?: readonly string[];
  /** How many levels are open at first. */
  open?: number;
  /** The pointer of `value` itself, put in front of every pointer. */
  pointer?: string;
  name?: string;
  /** Called with the pointer of a row that is chosen; without it rows only open and close. */
  onPick?: (pointer: string, value: Json) => void;
  /** Something to show at the end of a row, e.g. its type. */
  aside?: (pointer: string, value: Json) => ReactNode;
};

/** Any JSON, to be drilled into. */
export function JsonTree({ masked = [], ...props }: Props) {
  const hidden = new Set(masked);
  return (
    <div className="font-mono text-xs leading-6">
      <Entry {...props} pointer={props.pointer ?? ""} level={0} depth={props.open ?? 1} hidden={hidden} />
    </div>
  );
}

type EntryProps = Omit<Props, "masked" | "open"> & { pointer: string; level: number; depth: number; hidden: Set<string> };

function Entry({ value, name, pointer, level, depth, hidden, onPick, aside }: EntryProps) {
  const nested = value !== null && typeof value === "object";
  const root = level === 0 && name === undefined;
  const [open, setOpen] = useState(level < depth || root);
  const [shown, setShown] = useState(SHOWN);
  const entries: [string, Json][] = nested ? (Array.isArray(value) ? value.map((item, at) => [String(at), item]) : Object.entries(value)) : [];
  const indent = { paddingLeft: `${Math.max(0, level - (root ? 1 : 0)) * 14}px` };
  const mask = hidden.has(pointer);

  // One line where it fits. Where it does not, the value begins on the next one, indented, and is broken only where it is longer than that.
  const label = (
    <span className={cx("block min-w-0", nested ? "ellipsis" : "pl-4 -indent-4 [overflow-wrap:anywhere]")}>
      {name !== undefined && (
        <span className="text-muted">
          {name}
          <span className="text-faint">: </span>
        </span>
      )}
      {mask ? <Masked /> : nested ? <span className="text-faint">{summary(value)}</span> : (
        <span className="inline-block max-w-full align-top indent-0">
          <Scalar value={value} />
        </span>
      )}
    </span>
  );

  return (
    <>
      {!root && (
        <div className="group flex items-start rounded-sm hover:bg-hover" style={indent}>
          {nested && !mask ? (
            <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex min-h-6 min-w-0 flex-1 items-start text-left">
              <ChevronRight aria-hidden="true" className={cx("mt-1.5 mr-0.5 size-3 shrink-0 text-faint transition-transform", open && "rotate-90")} />
              <span className="min-w-0 flex-1">{label}</span>
            </button>
          ) : onPick ? (
            <button type="button" onClick={() => onPick(pointer, value)} className="min-h-6 min-w-0 flex-1 pl-3.5 text-left">
              {label}
            </button>
          ) : (
            <div className="min-h-6 min-w-0 flex-1 pl-3.5">{label}</div>
          )}
          {aside?.(pointer, value)}
        </div>
      )}
      {nested && open && !mask && (
        <>
          {entries.slice(0, shown).map(([key, item]) => (
            <Entry
              key={key}
              name={key}
              value={item}
              pointer={`${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`}
              level={level + 1}
              depth={depth}
              hidden={hidden}
              onPick={onPick}
              aside={aside}
            />
          ))}
          {entries.length > shown && (
            <button type="button" onClick={() => setShown(shown + 10 * SHOWN)} className="ml-4 text-accent-text hover:underline">
              {entries.length - shown} more
            </button>
          )}
          {root && entries.length === 0 && <div className="text-faint">{summary(value)}</div>}
        </>
      )}
      {root && !nested && <div>{label}</div>}
    </>
  );
}

function summary(value: Json): string {
  if (Array.isArray(value)) return value.length === 0 ? "[ ]" : `[ ${value.length} ]`;
  const names = Object.keys(value as object);
  return names.length === 0 ? "{ }" : `{ ${names.slice(0, 3).join(", ")}${names.length > 3 ? ", …" : ""} }`;
}

export function Masked() {
  return (
    <span className="inline-flex items-center gap-1 rounded-sm bg-violet-soft indent-0 px-1 font-sans text-2xs text-violet-text">
      <EyeOff className="size-3" aria-hidden="true" />
      personal
    </span>
  );
}

/** A value that is not nested, coloured by its kind. */
export function Scalar({ value }: { value: Json }) {
  if (value === null) return <span className="text-faint">null</span>;
  if (typeof value === "string") return <span className="text-ok-text">"{value}"</span>;
  if (typeof value === "number") return <span className="text-info-text">{String(value)}</span>;
  return <span className="text-violet-text">{String(value)}</span>;
}
