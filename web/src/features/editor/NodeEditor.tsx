import { ChevronDown, CornerLeftUp, MoreHorizontal, PencilLine, Plus, Sigma, Trash2 } from "lucide-react";
import { memo, useId, useRef, useState } from "react";

import { type ExpressionMeta, type FieldMeta, humanize } from "~/core/catalog";
import { print } from "~/core/expression/print";
import { asExpression, surround } from "~/core/instructions";
import { type Json, type JsonObject, type Path, at, isList, isObject, same, toPointer } from "~/core/json";
import { find, typeOf } from "~/core/spec";
import { inWords } from "~/core/words";
import { ArgumentWidget } from "~/fields/ArgumentWidget";
import { cx } from "~/ui/cx";
import { Menu, type MenuItem } from "~/ui/Menu";

import { useEditor, useStore } from "./context";
import { useVariableDrop } from "./drag";
import { ExpressionInput, Highlighted } from "./ExpressionInput";
import { ItemStepper } from "./ItemStepper";
import { Value, Words } from "./look";
import { Messages } from "./Messages";
import { KindIcon, NodePicker } from "./NodePicker";
import { useNodeProblems, useTraced } from "./nodes";

/** What a place for an expression is: that of a field, of an argument, or of an item of a list of them. */
export type Slot = Pick<FieldMeta, "name" | "accepts" | "choices" | "summary" | "required"> & { nullable?: boolean };

type Props = {
  id: string;
  path: Path;
  slot: Slot;
  label: string;
  first?: boolean;
  autoFocus?: boolean;
  /** Takes it out of the list it stands in. */
  onRemove?: () => void;
  onDone?: () => void;
};

/** An expression: as a line to type in, or as a tree of what it is made of, with the value of each part beside it. */
export const NodeEditor = memo(function NodeEditor({ id, path, slot, label, first, autoFocus, onRemove, onDone }: Props) {
  const store = useStore();
  const { catalog } = store;
  const below = toPointer(path);
  const node = useEditor((state) => at(find(state.document, catalog, id)?.instruction, path));
  const traced = useTraced(id, below);
  const problems = useNodeProblems(id, below);
  const looked = useEditor((state) => state.focus === id && state.node === below);
  const [typing, setTyping] = useState(autoFocus ?? false);
  const [focused, setFocused] = useState(false);
  const [wrapping, setWrapping] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const emptied = useRef(false);
  const next = useRef<() => HTMLElement | undefined>(() => undefined);
  const messagesId = useId();
  const meta = isObject(node) ? catalog.expression(typeOf(node)) : undefined;
  const leaf = node === undefined || meta === undefined || catalog.literalOf(node) !== undefined || catalog.referenceOf(node) !== undefined;
  const unread = useEditor((state) => state.bad.has(`${id}${below}`));
  const tree = !leaf && !typing && !focused && !unread;

  const set = (value: Json | undefined, what: string, key?: string): void => {
    if (value === undefined && onRemove) onRemove();
    else store.setNode(id, path, value, what, key);
  };
  const what = `Edit ${humanize(slot.name).toLowerCase()}`;
  const over = useVariableDrop(box, store.editable, (variable) => {
    set(catalog.reference(variable), what);
    store.select(id, { node: below });
  });

  /** What was chosen stands: the line becomes a tree again, and the next hole around it is filled. */
  const chosen = (function_ = false): void => {
    setTyping(false);
    setFocused(false);
    emptied.current = false;
    next.current = () => holeOf(id, path, function_);
  };
  const toFunction = (word: ExpressionMeta): void => {
    set(node === undefined ? asExpression(undefined, catalog, word.name) : asExpression(node, catalog, word.name), `Use ${word.name}`);
    chosen(true);
  };

  if (!store.editable) {
    return (
      <div data-node={below} className={cx("rounded-md", looked && "ring-2 ring-accent/50")} ref={(element) => scrollTo(element, looked)}>
        <div
          className={cx(
            "flex min-h-[26px] items-start gap-2 rounded-md border bg-surface px-2 py-[2px]",
            traced?.failed ? "border-danger bg-danger-soft" : "border-line",
          )}
          onClick={() => store.set({ node: below })}
        >
          <span className="mt-1 shrink-0">
            <KindIcon node={node} />
          </span>
          <span className="min-w-0 flex-1 font-mono text-xs leading-5 [overflow-wrap:anywhere]">
            {node === undefined ? (
              <span className="text-faint">not set</span>
            ) : tree && meta ? (
              <span className="text-violet-text">{meta.name}</span>
            ) : (
              <Highlighted text={print(node, catalog)} />
            )}
          </span>
          {traced ? (
            <span className="mt-0.5 flex max-w-[55%] min-w-0 shrink-0 justify-end">
              <Value value={traced.value} masked={traced.masked} failed={traced.failed} />
            </span>
          ) : (
            <NotEvaluated />
          )}
        </div>
        {problems.own.length > 0 && <Messages problems={problems.own} />}
        {traced?.items && <ItemStepper id={id} below={below} node={traced} />}
        {tree && meta && isObject(node) && <Arguments id={id} path={path} node={node} meta={meta} />}
      </div>
    );
  }

  const menu: MenuItem[] = [
    ...(leaf ? [] : [{ label: "Edit as text", icon: <PencilLine />, onSelect: () => setTyping(true) }]),
    { label: "Put into a function…", icon: <Sigma />, disabled: node === undefined, onSelect: () => setTimeout(() => setWrapping(true)) },
    ...(meta && isObject(node) && !leaf
      ? argumentsOf(node, meta).map(({ name, value }) => ({
          label: `Keep only ${humanize(name).toLowerCase()}`,
          icon: <CornerLeftUp />,
          onSelect: () => set(value, "Take out of function"),
        }))
      : []),
    { separator: true },
    {
      label: "Clear",
      icon: <Trash2 />,
      danger: true,
      disabled: node === undefined && !onRemove,
      onSelect: () => set(undefined, `Clear ${humanize(slot.name).toLowerCase()}`),
    },
  ];

  return (
    <div
      ref={box}
      data-node={below}
      className={cx("rounded-md", over && "ring-2 ring-accent", looked && !focused && "bg-accent-soft/50 ring-1 ring-accent/40")}
    >
      <div className="flex items-start gap-1">
        <NodePicker
          id={id}
          below={below}
          field={slot}
          functionsOnly={wrapping}
          next={() => next.current()}
          open={wrapping ? true : undefined}
          onOpenChange={(open) => {
            if (!open) setWrapping(false);
          }}
          onValue={(value, written) => {
            set(catalog.literal(value), what);
            if (written) chosen();
            else next.current = () => lineOf(id, below);
          }}
          onVariable={(variable, convert) => {
            set(convert ? surround(catalog.reference(variable), catalog, convert.name) : catalog.reference(variable), what);
            chosen();
          }}
          onFunction={(word) => {
            if (!wrapping || node === undefined) return toFunction(word);
            set(surround(node, catalog, word.name), `Put into ${word.name}`);
            chosen(true);
          }}
          trigger={
            <button
              type="button"
              aria-label={`Choose ${label}`}
              className={cx(
                "flex h-[28px] shrink-0 items-center gap-px rounded-md border pr-0.5 pl-1.5 hover:border-muted",
                node === undefined ? "border-dashed border-line-strong" : "border-control bg-surface",
              )}
              title="Choose a value, a variable or a function"
            >
              <KindIcon node={node} />
              <ChevronDown aria-hidden="true" className="size-3 text-faint" />
            </button>
          }
        />
        {tree && meta && isObject(node) ? (
          <FunctionChip
            id={id}
            below={below}
            slot={slot}
            node={node}
            meta={meta}
            label={label}
            first={first}
            onText={() => setTyping(true)}
            onFunction={toFunction}
            next={() => next.current()}
          />
        ) : (
          <ExpressionInput
            id={id}
            below={below}
            node={node}
            field={slot}
            label={label}
            first={first}
            required={slot.required}
            autoFocus={typing}
            describedBy={problems.own.length > 0 ? messagesId : undefined}
            invalid={problems.own.some((problem) => problem.severity === "error")}
            placeholder={slot.required ? "Required: value, variable or /" : undefined}
            onChange={(value) => {
              emptied.current = value === undefined && onRemove !== undefined;
              if (emptied.current) return false;
              if (!same(value, node)) store.setNode(id, path, value, what, `type:${id}${below}`);
              return true;
            }}
            onFocus={() => setFocused(true)}
            onDone={(near) => {
              setTyping(false);
              setFocused(false);
              // On the way to a button of its own it is not left yet.
              if (near) return;
              if (emptied.current) onRemove?.();
              emptied.current = false;
              onDone?.();
            }}
            onChosen={() => requestAnimationFrame(() => holeOf(id, path)?.focus())}
          />
        )}
        {traced && !focused && (
          <span className="mt-1 flex w-[30%] min-w-0 shrink-0 justify-end">
            <Value value={traced.value} masked={traced.masked} failed={traced.failed} />
          </span>
        )}
        <NodeMenu items={menu} label={`More on ${label}`} />
      </div>
      {problems.own.length > 0 && (
        <div className="mt-1 ml-7">
          <Messages problems={problems.own} id={messagesId} />
        </div>
      )}
      {tree && traced?.items && <ItemStepper id={id} below={below} node={traced} />}
      {tree && meta && isObject(node) && <Arguments id={id} path={path} node={node} meta={meta} />}
    </div>
  );
});

/** Made when it is asked for: a form has many of them. */
function NodeMenu({ items, label }: { items: MenuItem[]; label: string }) {
  const [made, setMade] = useState(false);
  const button = (
    <button
      type="button"
      aria-label={label}
      aria-haspopup="menu"
      onClick={made ? undefined : () => setMade(true)}
      className="mt-px flex size-6 shrink-0 items-center justify-center rounded-md text-faint hover:bg-hover hover:text-text"
    >
      <MoreHorizontal aria-hidden="true" className="size-3.5" />
    </button>
  );
  return made ? <Menu trigger={button} items={items} startOpen /> : button;
}

function NotEvaluated() {
  const laid = useEditor((state) => state.overlay !== undefined);
  return laid ? <span className="mt-0.5 shrink-0 text-2xs text-faint">not evaluated</span> : null;
}

function scrollTo(element: HTMLElement | null, looked: boolean): void {
  if (looked) element?.scrollIntoView({ block: "nearest" });
}

function formOf(id: string): Element | null {
  return document.querySelector(`[data-inspector="${CSS.escape(id)}"]`);
}

/** The line of a node. Its text is marked once the cursor is in it: the inside of the quotes of a text that is still empty, else all of it. */
function lineOf(id: string, below: string): HTMLElement | undefined {
  const line = formOf(id)?.querySelector<HTMLTextAreaElement>(`textarea[data-slot="${CSS.escape(below)}"]`) ?? undefined;
  line?.addEventListener("focus", () => (line.value === '""' ? line.setSelectionRange(1, 1) : line.select()), { once: true });
  return line;
}

/** The next place that must be filled: of the function that stands at a path, or of those around it. */
function holeOf(id: string, path: Path, inside = false): HTMLElement | undefined {
  const lines = [...(formOf(id)?.querySelectorAll<HTMLTextAreaElement>("textarea[data-required]") ?? [])];
  for (let length = inside ? path.length : path.length - 1; length > 0; length -= 1) {
    const around = `${toPointer(path.slice(0, length))}/`;
    const hole = lines.find((line) => line.value === "" && line.dataset.slot?.startsWith(around));
    if (hole !== undefined) return hole;
  }
  return undefined;
}

function argumentsOf(node: JsonObject, meta: ExpressionMeta): { name: string; value: Json }[] {
  return meta.arguments
    .flatMap((field): { name: string; value: Json }[] => {
      const value = node[field.name];
      if (field.kind === "expression" && value !== undefined) return [{ name: field.name, value }];
      if (field.kind === "expressions" && isList(value)) return value.map((item, place) => ({ name: `${field.name} ${place + 1}`, value: item }));
      return [];
    })
    .slice(0, 6);
}

/** The function that an expression is, in a line; clicking changes it. */
function FunctionChip(props: {
  id: string;
  below: string;
  slot: Slot;
  node: JsonObject;
  meta: ExpressionMeta;
  label: string;
  first?: boolean;
  onText: () => void;
  onFunction: (word: ExpressionMeta) => void;
  next: () => HTMLElement | undefined;
}) {
  const { id, below, slot, node, meta, label, first, onText, onFunction, next } = props;
  const store = useStore();
  return (
    <div className="flex min-w-0 flex-1 items-center gap-1.5 rounded-md border border-line bg-sunken pr-1">
      <NodePicker
        id={id}
        below={below}
        field={slot}
        functionsOnly
        onValue={() => undefined}
        onVariable={() => undefined}
        onFunction={onFunction}
        next={next}
        trigger={
          <button
            type="button"
            data-first={first || undefined}
            aria-label={`Function of ${label}: ${meta.name}. Change it`}
            title={meta.summary}
            className="flex h-[26px] shrink-0 items-center gap-1 rounded-l-md bg-violet-soft px-1.5 font-mono text-xs text-violet-text hover:brightness-95"
          >
            {meta.name}
            <ChevronDown aria-hidden="true" className="size-3" />
          </button>
        }
      />
      <button
        type="button"
        onClick={onText}
        className="ellipsis flex-1 text-left text-xs text-muted hover:text-text"
        aria-label={`Edit ${label} as text`}
        title={print(node, store.catalog)}
      >
        <Words words={inWords(node, store.catalog)} />
      </button>
    </div>
  );
}

/** The arguments of a function, each with its own editor. */
function Arguments({ id, path, node, meta }: { id: string; path: Path; node: JsonObject; meta: ExpressionMeta }) {
  const store = useStore();
  const [more, setMore] = useState(false);
  const shown = meta.arguments.filter(
    (field) => field.required || node[field.name] !== undefined || more || (field.kind === "expressions" && meta.arguments.every((each) => !each.required)),
  );
  const rest = meta.arguments.filter((field) => !shown.includes(field));
  return (
    <div className="mt-1 ml-[11px] flex flex-col gap-1.5 border-l-2 border-line pl-2.5">
      {shown.map((field) => (
        <Argument key={field.name} id={id} path={[...path, field.name]} field={field} value={node[field.name]} />
      ))}
      {store.editable && rest.length > 0 && (
        <button
          type="button"
          onClick={() => setMore(true)}
          className="flex min-h-6 items-center gap-1 self-start rounded-sm px-1 text-2xs text-faint hover:text-text"
        >
          <Plus aria-hidden="true" className="size-3" />
          {rest.map((field) => humanize(field.name).toLowerCase()).join(", ")}
        </button>
      )}
    </div>
  );
}

function Argument({ id, path, field, value }: { id: string; path: Path; field: FieldMeta; value: Json | undefined }) {
  const store = useStore();
  const [added, setAdded] = useState<number | undefined>(undefined);
  const label = humanize(field.name);
  if (field.kind === "expressions") {
    const items = isList(value) ? value : [];
    const remove = (place: number): void =>
      store.setNode(
        id,
        path,
        items.filter((_, each) => each !== place),
        `Remove from ${field.name}`,
      );
    // What is still empty is not in the document; once it is filled it stays the same line, so that nobody loses the cursor.
    const empty = store.editable && (added === items.length || (items.length === 0 && field.required));
    return (
      <div className="flex flex-col gap-1.5">
        {Array.from({ length: items.length + (empty ? 1 : 0) }, (_, place) => (
          <NodeEditor
            key={place}
            id={id}
            path={[...path, place]}
            slot={field}
            label={`${label} ${place + 1}`}
            autoFocus={place === added}
            onRemove={place < items.length ? () => remove(place) : () => setAdded(undefined)}
            onDone={() => setAdded(undefined)}
          />
        ))}
        {store.editable && !empty && (
          <button
            type="button"
            onClick={() => setAdded(items.length)}
            className="flex min-h-6 items-center gap-1 self-start rounded-sm px-1 text-2xs text-faint hover:text-text"
            title={field.summary}
          >
            <Plus aria-hidden="true" className="size-3" />
            {items.length === 0 ? label : "another"}
          </button>
        )}
      </div>
    );
  }
  return (
    <div>
      <div className="mb-0.5 text-2xs text-muted" title={field.summary}>
        {label}
      </div>
      {field.kind === "expression" ? (
        <NodeEditor id={id} path={path} slot={field} label={label} />
      ) : (
        <ArgumentWidget id={id} path={path} field={field} value={value} label={label} />
      )}
    </div>
  );
}
