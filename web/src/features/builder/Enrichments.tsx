import { useQuery } from "@tanstack/react-query";
import { Link2, Plus, Trash2 } from "lucide-react";

import { modelQuery } from "~/api/queries";
import { bindings } from "~/core/bindings";
import { humanize } from "~/core/catalog";
import { insert, put, take } from "~/core/edit";
import { type Json, type JsonObject, at, isList, isObject } from "~/core/json";
import { freshName } from "~/core/spec";
import { IconButton } from "~/ui/Button";
import { Menu, type MenuItem } from "~/ui/Menu";

import { useEditor, useStore } from "../editor/context";
import { Messages } from "../editor/Messages";
import { Part } from "./LeftPanel";

const NONE: readonly Json[] = [];

type Offered = { readonly name: string; readonly model: string };

/** What a model offers to be fetched beside it. */
function offeredBy(enrichments: unknown): readonly Offered[] {
  if (Array.isArray(enrichments)) {
    return enrichments.flatMap((each: unknown): Offered[] => {
      if (typeof each === "string") return [{ name: each, model: each }];
      const entry = each as { name?: string; type?: string; model?: string };
      const name = entry.name ?? entry.type;
      return name === undefined ? [] : [{ name, model: entry.model ?? name }];
    });
  }
  if (typeof enrichments !== "object" || enrichments === null) return [];
  return Object.entries(enrichments).map(([name, model]) => ({ name, model: typeof model === "string" ? model : name }));
}

/** Related data that is fetched with a record: each is a field of what it hangs on. */
export function Enrichments() {
  const store = useStore();
  const list = useEditor((state) => {
    const found = at(state.document, ["enrichments"]);
    return isList(found) ? found : NONE;
  });
  const source = useEditor((state) => at(state.document, ["source_model", "var"]));
  const type = useEditor((state) => at(state.document, ["source_model", "type"]));
  const entries = list.filter(isObject);
  const root = typeof source === "string" ? source : "";
  return (
    <Part title="Enrichments" count={entries.length} action={<Adding on={root} model={typeof type === "string" ? type : ""} entries={entries} />}>
      {entries.length === 0 && <p className="text-2xs text-faint">Related data from the same system, fetched with each record.</p>}
      <ul className="flex flex-col">
        {entries
          .filter((entry) => last(entry.on) === root)
          .map((entry) => (
            <Entry key={String(entry.as)} entry={entry} entries={entries} path={root} depth={0} model={typeof type === "string" ? type : ""} store={store.state.document} />
          ))}
      </ul>
    </Part>
  );
}

function last(on: Json | undefined): string {
  return typeof on === "string" ? (on.split(".").at(-1) ?? "") : "";
}

function Entry({
  entry,
  entries,
  path,
  depth,
  model,
  store: document,
}: {
  entry: JsonObject;
  entries: readonly JsonObject[];
  path: string;
  depth: number;
  /** The model of what it hangs on, which says what it yields. */
  model: string;
  store: Json;
}) {
  const store = useStore();
  const type = String(entry.type ?? "");
  const parent = useQuery({ ...modelQuery(model), enabled: model !== "", retry: false });
  const yields = offeredBy(parent.data?.data.enrichments).find((each) => each.name === type)?.model ?? type;
  const name = String(entry.as ?? "");
  const own = `${path}.${name}`;
  const place = (at(document, ["enrichments"]) as readonly Json[]).indexOf(entry);
  const users = bindings(document, store.catalog).references.filter((reference) => reference.text === own || reference.text.startsWith(`${own}.`)).length;
  const children = entries.filter((each) => last(each.on) === name);
  const problems = useEditor((state) => state.problems.byId.get("")) ?? [];
  return (
    <li>
      <div className="group flex min-h-7 items-center gap-1.5 text-xs" style={{ paddingLeft: depth * 14 }}>
        <Link2 aria-hidden="true" className="size-3 shrink-0 text-faint" />
        <span className="ellipsis font-mono">{own}</span>
        <span className="ellipsis text-2xs text-faint">{String(entry.type ?? "")}</span>
        <span className="ml-auto flex shrink-0 items-center">
          <Adding on={name} model={yields} entries={entries} />
          <IconButton
            label={
              users > 0 ? `It is in use in ${users} ${users === 1 ? "place" : "places"}` : children.length > 0 ? "Others hang on it" : "Remove the enrichment"
            }
            icon={<Trash2 className="size-3.5" />}
            className="!size-6"
            disabled={users > 0 || children.length > 0 || !store.editable}
            onClick={() => store.perform(`Remove ${own}`, take(["enrichments", place]))}
          />
        </span>
      </div>
      <Messages problems={problems.filter((problem) => problem.pointer.startsWith(`/enrichments/${place}`))} />
      {children.length > 0 && (
        <ul>
          {children.map((child) => (
            <Entry key={String(child.as)} entry={child} entries={entries} path={own} depth={depth + 1} model={yields} store={document} />
          ))}
        </ul>
      )}
    </li>
  );
}

function Adding({ on, model, entries }: { on: string; model: string; entries: readonly JsonObject[] }) {
  const store = useStore();
  const found = useQuery({ ...modelQuery(model), enabled: model !== "", retry: false });
  const offered = offeredBy(found.data?.data.enrichments);
  const left = offered.filter((each) => !entries.some((entry) => last(entry.on) === on && entry.type === each.name));
  if (left.length === 0 || !store.editable) return null;
  const add = (each: Offered): void => {
    // Neither another enrichment nor a field of what it hangs on may have the name.
    const taken = new Set([...entries.map((entry) => String(entry.as)), ...(found.data?.data.fields ?? []).map((field) => field.path.split(".")[0]?.replace(/(\[\])+$/, "") ?? "")]);
    const made = { type: each.name, on, as: freshName(taken, each.name.split("_").at(-1) ?? each.name) };
    const list = at(store.state.document, ["enrichments"]);
    store.perform("Add enrichment", isList(list) ? insert(["enrichments", list.length], made) : put(["enrichments"], [made]));
  };
  const items: MenuItem[] = left.map((each) => ({ label: humanize(each.name), onSelect: () => add(each) }));
  return <Menu items={items} trigger={<IconButton label={`Add an enrichment to ${on}`} icon={<Plus className="size-3.5" />} className="!size-6" />} />;
}
