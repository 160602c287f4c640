import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";

import { allNames, bindings } from "~/core/bindings";
import { humanize } from "~/core/catalog";
import { all, insert, put, take } from "~/core/edit";
import { renameVariable } from "~/core/instructions";
import { type Json, type JsonObject, at, isList, isNumber, isObject, numberOf, numberText } from "~/core/json";
import { freshName } from "~/core/spec";
import { IconButton } from "~/ui/Button";
import { Input, Textarea } from "~/ui/Input";
import { Select } from "~/ui/Select";

import { useEditor, useStore } from "../editor/context";
import type { EditorStore } from "../editor/store";
import { Messages } from "../editor/Messages";
import { Part } from "./LeftPanel";

const NONE: readonly Json[] = [];

/** The constants of a spec: declared here, and valued on each link of a source. */
export function Constants() {
  const store = useStore();
  const constants = useEditor((state) => {
    const list = at(state.document, ["constants"]);
    return isList(list) ? list : NONE;
  });
  const [open, setOpen] = useState<number | undefined>(undefined);
  const add = (): void => {
    const name = freshName(allNames(store.state.document, store.catalog), "constant");
    const made = { name, type: "string", default: "" };
    const list = at(store.state.document, ["constants"]);
    store.perform("Add constant", isList(list) ? insert(["constants", list.length], made) : put(["constants"], [made]));
    setOpen(isList(list) ? list.length : 0);
  };
  return (
    <Part
      title="Constants"
      count={constants.length}
      action={store.editable && <IconButton label="Add a constant" icon={<Plus className="size-3.5" />} className="!size-6" onClick={add} />}
    >
      {constants.length === 0 && (
        <p className="text-2xs text-faint">Values that differ from source to source, such as a label or a rate. Each link gives its own.</p>
      )}
      <ul className="flex flex-col gap-1">
        {constants.map((constant, place) =>
          isObject(constant) ? (
            <li key={place}>
              <button
                type="button"
                aria-expanded={open === place}
                onClick={() => setOpen(open === place ? undefined : place)}
                className="flex min-h-6 w-full items-center gap-2 rounded-sm px-1 text-left text-xs hover:bg-hover"
              >
                <span className="ellipsis font-mono">{String(constant.name ?? "")}</span>
                <span className="ellipsis ml-auto font-mono text-2xs text-muted">{defaultText(constant)}</span>
                <span className="shrink-0 text-2xs text-faint">{String(constant.type ?? "")}</span>
              </button>
              {open === place && <Constant constant={constant} place={place} onGone={() => setOpen(undefined)} />}
              <ConstantProblems place={place} />
            </li>
          ) : null,
        )}
      </ul>
    </Part>
  );
}

function ConstantProblems({ place }: { place: number }) {
  const problems = useEditor((state) => state.problems.byId.get(""));
  const own = (problems ?? []).filter((problem) => problem.pointer === `/constants/${place}` || problem.pointer.startsWith(`/constants/${place}/`));
  return <Messages problems={own} />;
}

function defaultText(constant: JsonObject): string {
  const value = constant.default;
  if (value === undefined || value === null) return "no default";
  if (isNumber(value)) return numberText(value);
  if (isList(value)) return value.join(", ");
  if (isObject(value)) return `${Object.keys(value).length} entries`;
  return String(value);
}

function usersOf(store: EditorStore, place: number): number {
  const name = at(store.state.document, ["constants", place, "name"]);
  return bindings(store.state.document, store.catalog).references.filter((reference) =>
    reference.binders.some((binder) => binder.origin === "constant" && binder.name === name),
  ).length;
}

/** What a new constant of a type starts with. */
function startOf(type: string): Json | undefined {
  return { string: "", boolean: false, mapping: {}, "array<string>": [] }[type];
}

function Constant({ constant, place, onGone }: { constant: JsonObject; place: number; onGone: () => void }) {
  const store = useStore();
  const [name, setName] = useState<string | undefined>(undefined);
  const own = String(constant.name ?? "");
  const text = name ?? own;
  const taken = text !== own && allNames(store.state.document, store.catalog).has(text);
  const wrong = !store.catalog.isName(text) || taken;
  const users = usersOf(store, place);
  const rename = (): void => {
    setName(undefined);
    if (name === undefined || name === own || wrong) return;
    store.perform(`Rename ${own} to ${name}`, renameVariable(store.state.document, store.catalog, ["constants", place, "name"], name));
  };
  const path = (key: string): (string | number)[] => ["constants", place, key];
  const set = (key: string, value: Json | undefined): void => {
    const edit = value === undefined ? (constant[key] === undefined ? undefined : take(path(key))) : put(path(key), value);
    store.perform(`Edit ${own}`, edit, { key: `constant:${place}:${key}` });
  };
  return (
    <fieldset disabled={!store.editable} className="mb-2 flex flex-col gap-1.5 rounded-md bg-sunken p-2">
      <div className="flex gap-1.5">
        <Input
          aria-label="Name of the constant"
          aria-invalid={wrong || undefined}
          mono
          className="!h-7"
          value={text}
          onChange={(event) => setName(event.target.value)}
          onBlur={rename}
          onKeyDown={(event) => {
            if (event.key === "Enter") rename();
          }}
        />
        <Select
          label="Type of the constant"
          size="sm"
          className="!h-7 shrink-0"
          value={String(constant.type ?? "string")}
          options={store.catalog.document.constant_types.map((type) => ({ value: type, label: humanize(type.replace("array<string>", "list of texts")) }))}
          onChange={(type) => {
            const start = startOf(type);
            store.perform(
              `Edit ${own}`,
              all([
                put(path("type"), type),
                ...(start === undefined ? (constant.default === undefined ? [] : [take(path("default"))]) : [put(path("default"), start)]),
              ]),
            );
          }}
        />
      </div>
      {taken && <p className="text-2xs text-danger-text">This name is in use already.</p>}
      <Default constant={constant} onChange={(value) => set("default", value)} />
      <Input
        aria-label="Description of the constant"
        className="!h-7 text-xs"
        placeholder="What it is for"
        value={typeof constant.description === "string" ? constant.description : ""}
        onChange={(event) => set("description", event.target.value === "" ? undefined : event.target.value)}
      />
      <div className="flex items-center justify-between text-2xs text-faint">
        <span>{users === 0 ? "Not used" : `Used in ${users} ${users === 1 ? "place" : "places"}`}</span>
        <IconButton
          label={users === 0 ? "Remove the constant" : "It is in use: remove what uses it first"}
          icon={<Trash2 className="size-3.5" />}
          className="!size-6"
          disabled={users > 0}
          onClick={() => {
            onGone();
            store.perform(`Remove ${own}`, take(["constants", place]));
          }}
        />
      </div>
    </fieldset>
  );
}

/** The default of a constant, by its type. */
function Default({ constant, onChange }: { constant: JsonObject; onChange: (value: Json | undefined) => void }) {
  const value = constant.default;
  const type = String(constant.type ?? "string");
  const [typed, setTyped] = useState<string | undefined>(undefined);
  if (type === "boolean") {
    return (
      <Select
        label="Default"
        value={value === true ? "yes" : value === false ? "no" : ""}
        options={[
          { value: "", label: "No default" },
          { value: "yes", label: "Yes" },
          { value: "no", label: "No" },
        ]}
        onChange={(next) => onChange(next === "" ? undefined : next === "yes")}
      />
    );
  }
  if (type === "mapping") {
    const lines = isObject(value)
      ? Object.entries(value)
          .map(([key, each]) => `${key} = ${String(each)}`)
          .join("\n")
      : "";
    return (
      <div>
        <Textarea
          aria-label="Default: one key = value on each line"
          mono
          rows={4}
          placeholder={"won = Deal won\nlost = Deal lost"}
          value={typed ?? lines}
          onChange={(event) => {
            setTyped(event.target.value);
            const entries = event.target.value
              .split("\n")
              .filter((line) => line.trim() !== "")
              .map((line): [string, string] => {
                const place = line.indexOf("=");
                return place < 0 ? [line.trim(), ""] : [line.slice(0, place).trim(), line.slice(place + 1).trim()];
              });
            onChange(Object.fromEntries(entries));
          }}
          onBlur={() => setTyped(undefined)}
        />
        <p className="text-2xs text-faint">One key = value on each line</p>
      </div>
    );
  }
  if (type === "array<string>") {
    return (
      <Textarea
        aria-label="Default: one text on each line"
        mono
        rows={3}
        placeholder="One text on each line"
        value={typed ?? (isList(value) ? value.join("\n") : "")}
        onChange={(event) => {
          setTyped(event.target.value);
          onChange(event.target.value.split("\n").filter((line) => line !== ""));
        }}
        onBlur={() => setTyped(undefined)}
      />
    );
  }
  const shown = isNumber(value) ? numberText(value) : typeof value === "string" ? value : "";
  const text = typed ?? shown;
  const wrong = type === "number" && text !== "" && numberOf(text) === undefined;
  return (
    <Input
      aria-label="Default"
      aria-invalid={wrong || undefined}
      mono
      className="!h-7"
      placeholder={type === "datetime" ? "2026-01-31T09:00:00Z" : "No default"}
      value={text}
      onChange={(event) => {
        const next = event.target.value;
        setTyped(next);
        if (type === "number") {
          const number = numberOf(next.trim());
          if (next === "") onChange(undefined);
          else if (number !== undefined) onChange(number);
        } else onChange(next === "" && type !== "string" ? undefined : next);
      }}
      onBlur={() => setTyped(undefined)}
    />
  );
}
