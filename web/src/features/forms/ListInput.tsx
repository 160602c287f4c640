import { Plus, X } from "lucide-react";

import { Button, IconButton } from "~/ui/Button";
import type { ControlProps } from "~/ui/Field";
import { Input } from "~/ui/Input";

type ListProps = Partial<ControlProps> & { label: string; value: string[]; onChange: (value: string[]) => void };

/** A list of texts, one under the other. Enter adds one. */
export function ListInput({ label, value, onChange, ...control }: ListProps) {
  const rows = value.length > 0 ? value : [""];
  return (
    <div className="flex flex-col gap-1.5">
      {rows.map((text, at) => (
        <div key={at} className="flex items-center gap-1">
          <Input
            {...(at === 0 ? control : { "aria-label": `${label} ${at + 1}` })}
            value={text}
            onChange={(event) => onChange(rows.map((row, each) => (each === at ? event.target.value : row)))}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || !text) return;
              event.preventDefault();
              onChange([...rows.slice(0, at + 1), "", ...rows.slice(at + 1)]);
            }}
          />
          <IconButton label={`Remove ${text || "the empty row"}`} icon={<X className="size-3.5" />} onClick={() => onChange(rows.filter((_, each) => each !== at))} disabled={value.length === 0} />
        </div>
      ))}
      <Button size="sm" variant="ghost" className="self-start" icon={<Plus className="size-3.5" />} onClick={() => onChange([...value, ""])}>
        Add
      </Button>
    </div>
  );
}

export type Pair = [key: string, value: string];

type MappingProps = Partial<ControlProps> & { label: string; value: Pair[]; onChange: (value: Pair[]) => void; columns?: [key: string, value: string] };

/** Text to text, for look-ups. */
export function MappingInput({ label, value, onChange, columns = ["from", "to"], ...control }: MappingProps) {
  const rows: Pair[] = value.length > 0 ? value : [["", ""]];
  const set = (at: number, pair: Pair) => onChange(rows.map((row, each) => (each === at ? pair : row)));
  return (
    <div className="flex flex-col gap-1.5">
      {rows.map(([key, text], at) => (
        <div key={at} className="flex items-center gap-1.5">
          <Input {...(at === 0 ? control : {})} aria-label={`${label}: key ${at + 1}`} placeholder={columns[0]} value={key} onChange={(event) => set(at, [event.target.value, text])} />
          <span aria-hidden="true" className="text-faint">
            →
          </span>
          <Input aria-label={`${label}: value ${at + 1}`} placeholder={columns[1]} value={text} onChange={(event) => set(at, [key, event.target.value])} />
          <IconButton label={`Remove ${key || "the empty row"}`} icon={<X className="size-3.5" />} onClick={() => onChange(rows.filter((_, each) => each !== at))} disabled={value.length === 0} />
        </div>
      ))}
      <Button size="sm" variant="ghost" className="self-start" icon={<Plus className="size-3.5" />} onClick={() => onChange([...rows, ["", ""]])}>
        Add
      </Button>
    </div>
  );
}
