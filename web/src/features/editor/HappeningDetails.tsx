import { AppLink } from "~/ui/AppLink";
import { Badge } from "~/ui/Badge";
import { humanize } from "~/core/catalog";
import { toPointer } from "~/core/json";
import { find } from "~/core/spec";
import { filterIterations, iterationFailed, reasons } from "~/core/trace";
import { Input } from "~/ui/Input";
import { Code } from "~/ui/Code";
import { useState } from "react";

import { navigation } from "../shell/navigation";
import { useEditor, useStore } from "./context";
import { Value } from "./look";
import type { Effect } from "./transport";

/** What an instruction did: its messages, what it wrote, what it gave, and for a loop its iterations. */
export function HappeningDetails({ id }: { id: string }) {
  const store = useStore();
  const happened = useEditor((_, each) => each.happened().get(id));
  const effects = useEditor((state) => state.overlay?.effects);
  if (happened === undefined || happened.outcome === "not_reached") {
    return (
      <p className="rounded-md bg-sunken px-3 py-2 text-xs text-muted">
        The execution did not get here{happened === undefined ? ": the branch around it was not taken" : ""}.
      </p>
    );
  }
  const { instruction } = happened;
  const own = (instruction.effects ?? []).map((at) => effects?.[at]).filter((effect) => effect !== undefined);
  return (
    <div className="flex flex-col gap-3">
      {instruction.messages?.map((message, at) => (
        <button
          key={at}
          type="button"
          onClick={() => {
            const place = find(store.state.document, store.catalog, id);
            const own = place === undefined ? "" : toPointer(place.path);
            store.set({ node: message.node.startsWith(own) ? message.node.slice(own.length) : "" });
          }}
          className="rounded-md bg-danger-soft px-2.5 py-1.5 text-left text-xs text-danger-text"
        >
          {typeof message.code === "string" && <span className="mr-1.5 font-mono text-2xs">{message.code}</span>}
          <Code text={message.text} />
        </button>
      ))}
      {happened.outcome === "undone" && (
        <p className="rounded-md bg-warn-soft px-2.5 py-1.5 text-xs text-warn-text">It ran, and was undone: something later in this iteration failed.</p>
      )}
      {own.map((effect, at) => (
        <div key={at} className="rounded-md border border-line px-2.5 py-2 text-xs">
          <div className="flex items-center gap-2">
            <span className="font-medium">{humanize(effect.outcome?.verdict ?? "written")}</span>
            {typeof effect.external_id === "string" && <span className="ellipsis font-mono text-2xs text-muted">{effect.external_id}</span>}
            <RecordLink effect={effect} />
          </div>
          <Changed effect={effect} />
          {effect.outcome?.kept?.map((field) => (
            <p key={field} className="mt-1 text-violet-text">
              {humanize(field)} is locked and was kept
            </p>
          ))}
        </div>
      ))}
      {instruction.iterations !== undefined && <Iterations id={id} />}
      {instruction.returned && (
        <div className="flex items-center gap-2 text-xs">
          <span className="text-muted">Kept as</span>
          <span className="rounded-sm bg-accent-soft px-1 font-mono text-accent-text">{instruction.returned.name}</span>
          <Value value={instruction.returned.value} masked={instruction.returned.masked} />
        </div>
      )}
    </div>
  );
}

/** To the list of records of its kind, where it is one: with this record in it. */
function RecordLink({ effect }: { effect: Effect }) {
  const lists = navigation.flatMap((section) => section.items).filter((item) => item.to.startsWith("/records/"));
  const list = lists.find((item) => item.to.slice("/records/".length).replace(/ies$/, "y").replace(/s$/, "") === effect.kind);
  if (list === undefined || typeof effect.external_id !== "string" || effect.outcome === undefined || effect.outcome === null) return null;
  return (
    <AppLink to={`${list.to}?q=${encodeURIComponent(effect.external_id)}`} className="link ml-auto shrink-0">
      Open record
    </AppLink>
  );
}

/** The fields that a write changed, from what to what. */
function Changed({ effect }: { effect: Effect }) {
  const fields = effect.outcome?.changed?.filter((change) => change.change === "updated") ?? [];
  if (fields.length === 0) return null;
  return (
    <dl className="mt-1.5 grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5">
      {fields.map((change, at) => (
        <div key={at} className="contents">
          <dt className="text-muted">{humanize(change.field ?? "")}</dt>
          <dd className="flex min-w-0 items-center gap-1.5">
            <Value value={change.from} />
            <span aria-label="to" className="text-faint">
              →
            </span>
            <Value value={change.to} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Iterations that are drawn as places to go to; more are found by a value. */
const SHOWN = 200;

function Iterations({ id }: { id: string }) {
  const store = useStore();
  const happened = useEditor((_, each) => each.happened().get(id));
  const [query, setQuery] = useState("");
  const loop = happened?.instruction;
  if (loop === undefined) return null;
  const all = loop.iterations ?? [];
  const groups = reasons(loop);
  const found = filterIterations(loop, query);
  const failed = new Set(all.filter(iterationFailed).map((iteration) => iteration.index));
  return (
    <div className="flex flex-col gap-2 rounded-md border border-line p-2.5 text-xs">
      <div className="flex items-center gap-2">
        <span className="font-medium">
          {all.length} {all.length === 1 ? "iteration" : "iterations"}
        </span>
        {failed.size > 0 && <Badge tone="danger">{failed.size} failed</Badge>}
      </div>
      {groups.length > 0 && (
        <ul className="flex flex-col gap-1" aria-label="Why iterations failed">
          {groups.map((reason) => (
            <li key={`${reason.id}${reason.code}${reason.text}`}>
              <button
                type="button"
                onClick={() => {
                  store.step(id, reason.indexes[0] ?? 0);
                  store.reveal(reason.id);
                }}
                className="flex w-full items-start gap-2 rounded-md bg-danger-soft px-2 py-1 text-left text-danger-text"
              >
                <span className="tabular shrink-0 font-medium">{reason.indexes.length}×</span>
                <span className="min-w-0 flex-1 [overflow-wrap:anywhere]"><Code text={reason.text} /></span>
                <span className="shrink-0 font-mono text-2xs">{reason.code}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {all.length > 1 && (
        <>
          <Input
            aria-label="Filter iterations by value"
            placeholder="Filter by a value"
            className="!h-7 text-xs"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
          />
          <div role="group" aria-label="Iterations" className="flex max-h-28 flex-wrap gap-1 overflow-y-auto">
            {found.slice(0, SHOWN).map((index) => (
              <button
                key={index}
                type="button"
                aria-pressed={happened?.iteration?.index === index}
                aria-label={`Iteration ${index + 1}${failed.has(index) ? ", failed" : ""}`}
                onClick={() => store.step(id, index)}
                className={`tabular h-6 min-w-6 rounded-sm px-1 text-2xs ${happened?.iteration?.index === index ? "bg-accent text-accent-fg" : failed.has(index) ? "bg-danger-soft text-danger-text" : "bg-neutral-soft text-muted hover:bg-active"}`}
              >
                {index + 1}
              </button>
            ))}
            {found.length === 0 && <span className="text-faint">No iteration holds that.</span>}
            {found.length > SHOWN && <span className="text-faint">and {found.length - SHOWN} more: filter by a value</span>}
          </div>
        </>
      )}
    </div>
  );
}
