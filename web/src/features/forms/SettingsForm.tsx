import { durationText, optionsOf, type Values, visibleFields } from "~/core/settings";
import { instantOf, localOf } from "~/core/time";
import type { Field as FieldDeclaration, Json } from "~/generated/api";
import { Switch } from "~/ui/Checkbox";
import { type ControlProps, Field } from "~/ui/Field";
import { Input, Textarea } from "~/ui/Input";
import { Markdown } from "~/ui/Markdown";
import { useZone } from "~/ui/RelativeTime";
import { Select } from "~/ui/Select";

import { ListInput } from "./ListInput";

type Props = {
  fields: readonly FieldDeclaration[];
  values: Values;
  onChange: (values: Values) => void;
  problems?: { [name: string]: string };
  /** Secrets that are stored: left empty they stay as they are. */
  stored?: ReadonlySet<string>;
  /** For those who may only look. */
  readOnly?: boolean;
};

/** A form drawn from the fields that a definition declares. */
export function SettingsForm({ fields, values, onChange, problems = {}, stored = new Set(), readOnly = false }: Props) {
  const visible = visibleFields(fields, values);
  const groups = new Map<string, FieldDeclaration[]>();
  for (const field of visible) groups.set(field.group ?? "", [...(groups.get(field.group ?? "") ?? []), field]);
  return (
    <fieldset disabled={readOnly} className="flex min-w-0 flex-col gap-4">
      {[...groups].map(([group, members]) => (
        <div key={group} role={group ? "group" : undefined} aria-label={group || undefined} className="flex flex-col gap-4">
          {group && <p aria-hidden="true" className="border-b border-line pb-1 text-xs font-semibold text-muted">{group}</p>}
          {members.map((field) => (
            <Field
              key={field.name}
              label={field.title}
              help={field.help ? <Markdown inline text={field.help} /> : undefined}
              required={field.required}
              error={problems[field.name]}
            >
              {(control) => (
                <Control
                  field={field}
                  control={control}
                  value={values[field.name]}
                  stored={stored.has(field.name)}
                  onChange={(value) => onChange({ ...values, [field.name]: value })}
                />
              )}
            </Field>
          ))}
        </div>
      ))}
    </fieldset>
  );
}

type ControlOf = { field: FieldDeclaration; control: ControlProps; value: Json | undefined; stored: boolean; onChange: (value: Json | undefined) => void };

function Control({ field, control, value, stored, onChange }: ControlOf) {
  const zone = useZone();
  const text = value === undefined || value === null ? "" : String(value);
  switch (field.type) {
    case "boolean":
      return (
        <div className="flex h-7 items-center">
          <Switch {...control} checked={value === true} onChange={onChange} />
        </div>
      );
    case "enum":
      return <Select {...control} value={text || null} onChange={onChange} options={optionsOf(field)} />;
    case "secret":
      return (
        <Input
          {...control}
          type="password"
          autoComplete="new-password"
          value={text}
          placeholder={stored ? "Stored; leave empty to keep it" : undefined}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    case "list":
      return <ListInput {...control} label={field.title} value={Array.isArray(value) ? value.map(String) : []} onChange={onChange} />;
    case "datetime":
      return (
        <Input {...control} type="datetime-local" value={text ? localOf(text, zone) : ""} onChange={(event) => onChange(event.target.value ? (instantOf(event.target.value, zone) ?? undefined) : undefined)} />
      );
    case "number":
      return <Input {...control} inputMode="decimal" value={text} onChange={(event) => onChange(event.target.value)} className="max-w-40" />;
    case "duration":
      return (
        <Input {...control} value={typeof value === "number" ? durationText(value) : text} placeholder="5 min" onChange={(event) => onChange(event.target.value)} className="max-w-40" />
      );
    case "json":
    case "poll":
    case "enrichments":
      return (
        <Textarea {...control} mono rows={6} value={typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value, null, 2)} onChange={(event) => onChange(event.target.value)} />
      );
    default:
      return <Input {...control} type="text" placeholder={field.example ?? undefined} inputMode={field.type === "url" ? "url" : undefined} value={text} onChange={(event) => onChange(event.target.value)} />;
  }
}
