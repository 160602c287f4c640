import type { ConstantDeclaration } from "~/core/constants";
import { words } from "~/core/numbers";
import { instantOf, localOf } from "~/core/time";
import type { Json, JsonObject } from "~/generated/api";
import { Switch } from "~/ui/Checkbox";
import { type ControlProps, Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { useZone } from "~/ui/RelativeTime";

import { ListInput, MappingInput, type Pair } from "./ListInput";

type Props = { declared: readonly ConstantDeclaration[]; values: JsonObject; onChange: (values: JsonObject) => void; problems?: { [name: string]: string } };

/** The constants of a processor, each by its type. */
export function ConstantsForm({ declared, values, onChange, problems = {} }: Props) {
  if (declared.length === 0) return <p className="text-xs text-muted">This processor has no constants.</p>;
  return (
    <div className="flex flex-col gap-3">
      {declared.map((constant) => (
        <Field
          key={constant.name}
          label={words(constant.name)}
          help={constant.description}
          error={problems[constant.name]}
          aside={<span className="font-mono text-2xs text-faint">{constant.type}</span>}
          required={constant.default === undefined}
        >
          {(control) => <Control constant={constant} control={control} value={values[constant.name]} onChange={(value) => onChange({ ...values, [constant.name]: value })} />}
        </Field>
      ))}
    </div>
  );
}

type ControlOf = { constant: ConstantDeclaration; control: ControlProps; value: Json | undefined; onChange: (value: Json) => void };

function Control({ constant, control, value, onChange }: ControlOf) {
  const zone = useZone();
  const fallback = constant.default;
  const text = value === undefined || value === null ? "" : String(value);
  const placeholder = fallback === undefined || fallback === null ? undefined : `${String(fallback)} (default)`;
  switch (constant.type) {
    case "boolean":
      return (
        <div className="flex h-7 items-center">
          <Switch {...control} checked={(value ?? fallback) === true} onChange={onChange} />
        </div>
      );
    case "number":
      return <Input {...control} inputMode="decimal" value={text} placeholder={placeholder} onChange={(event) => onChange(event.target.value)} />;
    case "datetime":
      return <Input {...control} type="datetime-local" value={text ? localOf(text, zone) : ""} onChange={(event) => onChange(event.target.value ? instantOf(event.target.value, zone) : null)} />;
    case "array<string>":
      return <ListInput {...control} label={constant.name} value={(Array.isArray(value) ? value : Array.isArray(fallback) ? fallback : []).map(String)} onChange={onChange} />;
    case "mapping": {
      const known = value ?? fallback ?? {};
      const pairs: Pair[] = typeof known === "object" && known !== null && !Array.isArray(known) ? Object.entries(known).map(([key, to]) => [key, String(to)]) : [];
      return <MappingInput {...control} label={constant.name} value={pairs} onChange={(next) => onChange(Object.fromEntries(next))} />;
    }
    default:
      return <Input {...control} value={text} placeholder={placeholder} onChange={(event) => onChange(event.target.value)} />;
  }
}
