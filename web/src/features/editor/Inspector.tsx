import { BookOpen, ChevronDown, Plus } from "lucide-react";
import { memo, useState } from "react";

import { useSession } from "~/api/session";
import { available } from "~/actions/editor/action";
import { editorActions } from "~/actions/editor";
import { type FieldMeta, type InstructionMeta, humanize } from "~/core/catalog";
import { changeType, setDisabled, setKey } from "~/core/instructions";
import { type JsonObject } from "~/core/json";
import { capsOf } from "~/core/keys";
import type { Problem } from "~/core/problems";
import { acceptsText } from "~/core/scope";
import { find, typeOf } from "~/core/spec";
import { ArgumentWidget } from "~/fields/ArgumentWidget";
import { widgetFor } from "~/fields/registry";
import { Switch } from "~/ui/Checkbox";
import { Code } from "~/ui/Code";
import { cx } from "~/ui/cx";
import { Textarea } from "~/ui/Input";
import { KeyboardHint } from "~/ui/KeyboardHint";
import { Popover } from "~/ui/Popover";
import { EmptyState } from "~/ui/states";

import { useEditor, useStore } from "./context";
import { HappeningDetails } from "./HappeningDetails";
import { InstructionList } from "./InstructionList";
import { InstructionIcon, TypeBadge } from "./look";
import { Messages } from "./Messages";
import { useProblems, useType } from "./nodes";

/** The form of the selected instruction, drawn from the catalog. */
export const Inspector = memo(function Inspector() {
  const store = useStore();
  const focus = useEditor((state) => state.focus);
  const count = useEditor((state) => state.selected.size);
  const instruction = useEditor((state) => (state.focus === undefined ? undefined : find(state.document, store.catalog, state.focus)?.instruction));
  if (focus === undefined || instruction === undefined) {
    return (
      <EmptyState title="No instruction is selected">
        {store.editable ? "Select a card to fill it in, or add an instruction." : "Select a card to see what it was given and what it did."}
      </EmptyState>
    );
  }
  if (count > 1) return <Several count={count} />;
  return <Form id={focus} instruction={instruction} />;
});

function Several({ count }: { count: number }) {
  const store = useStore();
  const actions = editorActions(store.catalog).filter(
    (action) => action.menu && available(action, store) && action.id !== "editor.add" && action.id !== "editor.note",
  );
  return (
    <div className="flex flex-col gap-3 overflow-y-auto p-4">
      <h2 className="text-sm font-semibold">{count} instructions</h2>
      <ul className="flex flex-col">
        {actions.map((action) => (
          <li key={action.id}>
            <button
              type="button"
              onClick={() => action.run(store, { save: () => undefined, exportSpec: () => undefined })}
              className={cx("flex h-8 w-full items-center gap-2 rounded-md px-2 text-sm hover:bg-hover", action.danger && "text-danger-text")}
            >
              <action.icon aria-hidden="true" className="size-3.5 text-muted" />
              <span className="flex-1 text-left">{action.title}</span>
              {action.keys?.[0] !== undefined && <KeyboardHint keys={capsOf(action.keys[0])} />}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Form({ id, instruction }: { id: string; instruction: JsonObject }) {
  const store = useStore();
  const meta = store.catalog.instruction(typeOf(instruction));
  return (
    <div data-inspector={id} className="flex min-h-0 flex-1 flex-col">
      <Head id={id} instruction={instruction} meta={meta} />
      <Fields key={id} id={id} instruction={instruction} meta={meta} />
    </div>
  );
}

function Fields({ id, instruction, meta }: { id: string; instruction: JsonObject; meta: InstructionMeta | undefined }) {
  const store = useStore();
  const { tenant } = useSession();
  const own = useProblems(id).filter((problem) => problem.below === "");
  const [more, setMore] = useState<ReadonlySet<string>>(new Set());
  const fields = (meta?.fields ?? []).filter(
    (field) => field.kind !== "instructions" && (field.feature === undefined || tenant.projects || instruction[field.name] !== undefined),
  );
  const shown = fields.filter((field) => field.required || instruction[field.name] !== undefined || more.has(field.name));
  const rest = store.editable ? fields.filter((field) => !shown.includes(field)) : [];
  const first = shown[0]?.name;
  // What is missing is said at the field that misses it.
  const about = (name: string) => own.filter((problem) => problem.text.startsWith(`\`${name}\``));
  const problems = own.filter((problem) => ![...shown.map((field) => field.name), "return_as"].some((name) => problem.text.startsWith(`\`${name}\``)));
  return (
      <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto px-4 pt-3 pb-24">
        {problems.length > 0 && <Messages problems={problems} />}
        {store.mode === "trace" && <HappeningDetails id={id} />}
        {shown.map((field) => (
          <FormField
            key={field.name}
            id={id}
            field={field}
            instruction={instruction}
            first={field.name === first}
            fresh={more.has(field.name)}
            missing={about(field.name)}
          />
        ))}
        {meta?.returns && (
          <FormField
            id={id}
            field={{ name: "return_as", kind: "name", required: meta.returns.required, summary: meta.returns.summary }}
            label="Keep as variable"
            instruction={instruction}
            first={false}
            fresh={false}
            missing={about("return_as")}
          />
        )}
        {rest.length > 0 && (
          <div>
            <div className="mb-1 text-2xs font-medium text-faint">More fields</div>
            <div className="flex flex-wrap gap-1">
              {rest.map((field) => (
                <button
                  key={field.name}
                  type="button"
                  title={field.summary}
                  onClick={() => setMore(new Set(more).add(field.name))}
                  className="flex h-6 items-center gap-1 rounded-md border border-dashed border-line-strong px-1.5 text-xs text-muted hover:border-accent hover:text-accent-text"
                >
                  <Plus aria-hidden="true" className="size-3" />
                  {humanize(field.name)}
                </button>
              ))}
            </div>
          </div>
        )}
        {store.editable && <Common id={id} instruction={instruction} />}
      </div>
  );
}

function Head({ id, instruction, meta }: { id: string; instruction: JsonObject; meta: InstructionMeta | undefined }) {
  const store = useStore();
  const [open, setOpen] = useState(false);
  const title = meta === undefined ? String(instruction.type ?? "No type") : humanize(meta.name);
  return (
    <header className="flex shrink-0 items-center gap-2 border-b border-line px-4 py-2.5">
      <InstructionIcon meta={meta} />
      <div className="min-w-0 flex-1">
        {store.editable ? (
          <Popover
            open={open}
            onOpenChange={setOpen}
            className="!max-w-none w-[26rem] !p-0"
            trigger={
              <button
                type="button"
                aria-label={`Type of the instruction: ${title}. Change it`}
                className="-ml-1 flex max-w-full items-center gap-1 rounded-sm px-1 text-sm font-semibold hover:bg-hover"
              >
                <span className="ellipsis">{title}</span>
                <ChevronDown aria-hidden="true" className="size-3.5 shrink-0 text-faint" />
              </button>
            }
          >
            <InstructionList
              label="Change the type; what fits is kept"
              current={meta?.name}
              onPick={(type) => {
                setOpen(false);
                if (type.name !== meta?.name)
                  store.perform(`Change to ${humanize(type.name).toLowerCase()}`, changeType(store.state.document, store.catalog, id, type));
              }}
            />
          </Popover>
        ) : (
          <h2 className="ellipsis text-sm font-semibold">{title}</h2>
        )}
        <p className="ellipsis text-xs text-muted">{meta?.summary ?? "This type is not known"}</p>
      </div>
      {meta && (
        <Popover
          align="end"
          title={title}
          trigger={
            <button
              type="button"
              aria-label={`About ${title}`}
              className="flex size-7 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-text"
            >
              <BookOpen aria-hidden="true" className="size-3.5" />
            </button>
          }
        >
          <div className="flex flex-col gap-2 text-xs">
            <Prose text={meta.docs} />
            {meta.returns && (
              <p className="text-muted">
                <b className="font-medium">Keep as variable:</b> <Code text={meta.returns.summary} />
              </p>
            )}
            <p className="font-mono text-2xs text-faint">{id}</p>
          </div>
        </Popover>
      )}
    </header>
  );
}

function FormField({
  id,
  field,
  instruction,
  label = humanize(field.name),
  first,
  fresh,
  missing,
}: {
  id: string;
  field: FieldMeta;
  instruction: JsonObject;
  label?: string;
  first: boolean;
  fresh: boolean;
  missing: readonly Problem[];
}) {
  const store = useStore();
  const type = useType(id, `/${field.name}`);
  const { Control } = widgetFor(field);
  const path = [field.name];
  const value = instruction[field.name];
  return (
    <section aria-label={label} className="group/field">
      <div className="mb-1 flex items-baseline gap-2">
        <h3 className="text-xs font-medium">{label}</h3>
        {field.required ? <span className="text-2xs text-faint">required</span> : null}
        {field.kind === "expression" && (
          <span className="ml-auto text-2xs text-faint">{field.required || value !== undefined ? acceptsText(field.accepts) : ""}</span>
        )}
      </div>
      {field.kind === "expression" ? (
        <Control id={id} path={path} field={field} value={value} label={label} first={first || fresh} onChange={() => undefined} />
      ) : (
        <ArgumentWidget id={id} path={path} field={field} value={value} label={label} first={first || fresh} />
      )}
      {missing.length > 0 && (
        <div className="mt-1">
          <Messages problems={missing} />
        </div>
      )}
      <p className="mt-0.5 flex items-baseline gap-2 text-2xs text-faint">
        <span className="min-w-0 flex-1">
          <Code text={field.summary} />
        </span>
        {store.editable && field.kind === "expression" && value !== undefined && <TypeBadge type={type} />}
      </p>
    </section>
  );
}

/** What every instruction has: a note, and whether it is on. */
function Common({ id, instruction }: { id: string; instruction: JsonObject }) {
  const store = useStore();
  const note = typeof instruction.note === "string" ? instruction.note : "";
  return (
    <div className="flex flex-col gap-3 border-t border-line pt-3">
      <label className="flex flex-col gap-1">
        <span className="text-xs font-medium">Note</span>
        <Textarea
          data-note
          rows={2}
          className="!min-h-0"
          placeholder="Shown on the card: why it is here"
          value={note}
          onChange={(event) =>
            store.perform("Note", setKey(store.state.document, store.catalog, id, "note", event.target.value === "" ? undefined : event.target.value), {
              key: `note:${id}`,
            })
          }
        />
      </label>
      <div className="flex items-center gap-2 text-xs">
        <Switch
          label="Enabled"
          checked={instruction.disabled !== true}
          onChange={(on) =>
            store.perform(on ? "Enable instruction" : "Disable instruction", setDisabled(store.state.document, store.catalog, new Set([id]), !on))
          }
        />
        <span aria-hidden="true">Enabled</span>
      </div>
    </div>
  );
}

/** Paragraphs with words in backticks. */
export function Prose({ text }: { text: string }) {
  return text.split("\n\n").map((paragraph, at) => (
    <p key={at}>
      <Code text={paragraph} />
    </p>
  ));
}
