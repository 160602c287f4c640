import { type HttpRequest, type Placeholders } from "~/core/httpRequest";
import { MappingInput } from "~/features/forms/ListInput";
import { Field } from "~/ui/Field";
import { Input, Textarea } from "~/ui/Input";
import { Select } from "~/ui/Select";

type Props = {
  request: HttpRequest;
  onChange: (change: Partial<HttpRequest>) => void;
  placeholders: Placeholders;
  problems: { path?: string; body?: string };
  /** What a path looks like. */
  example: string;
};

/** A request that people fill in: method and path, parameters, headers, body, each with what is filled in when it is made. */
export function RequestFields({ request, onChange, placeholders, problems, example }: Props) {
  return (
    <>
      <div className="grid grid-cols-[7rem_minmax(0,1fr)] gap-3">
        <Field label="Method">
          {(control) => (
            <Select
              {...control}
              value={request.method}
              onChange={(method) => onChange({ method })}
              options={[
                { value: "GET", label: "GET" },
                { value: "POST", label: "POST" },
              ]}
            />
          )}
        </Field>
        <Field label="Path" error={problems.path}>
          {(control) => <Input {...control} mono value={request.path} placeholder={example} onChange={(event) => onChange({ path: event.target.value })} />}
        </Field>
      </div>
      <Field
        label="Query parameters"
        required={false}
        help={
          <>
            These are filled in, in the path too:{" "}
            {Object.keys(placeholders).map((name) => (
              <code key={name} className="mr-1 rounded-sm bg-neutral-soft px-1 font-mono text-2xs">
                {`{${name}}`}
              </code>
            ))}
          </>
        }
      >
        {(control) => <MappingInput {...control} label="Query parameter" columns={["name", "value"]} value={request.query} onChange={(query) => onChange({ query })} />}
      </Field>
      <Field label="Headers" required={false} help="Those that this request alone needs. What proves who asks is added by the provider.">
        {(control) => <MappingInput {...control} label="Header" columns={["name", "value"]} value={request.headers} onChange={(headers) => onChange({ headers })} />}
      </Field>
      {request.method === "POST" && (
        <Field label="Body" required={false} error={problems.body} help="JSON, with the same placeholders in its texts">
          {(control) => <Textarea {...control} mono rows={5} value={request.body} onChange={(event) => onChange({ body: event.target.value })} />}
        </Field>
      )}
    </>
  );
}
