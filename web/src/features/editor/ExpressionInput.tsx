import { type KeyboardEvent, type ReactNode, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { createPortal } from "react-dom";

import type { FieldMeta } from "~/core/catalog";
import { type Option, complete, nextHole } from "~/core/expression/complete";
import { tokens } from "~/core/expression/lexer";
import { parse } from "~/core/expression/parse";
import { print } from "~/core/expression/print";
import { type Json, same } from "~/core/json";
import { isPlainPath } from "~/core/expression/lexer";
import { cx } from "~/ui/cx";
import { popupClass } from "~/ui/popup";

import { setActiveSlot } from "./activeSlot";
import { useEditor, useStore } from "./context";
import { useVariables } from "./nodes";
import { SlotHelp, Suggestions } from "./Suggestions";
import { useScopeValues } from "./values";

type Props = {
  id: string;
  below: string;
  node: Json | undefined;
  field: Pick<FieldMeta, "accepts" | "choices" | "name"> & { nullable?: boolean };
  label: string;
  placeholder?: string;
  describedBy?: string;
  invalid?: boolean;
  autoFocus?: boolean;
  first?: boolean;
  /** Whether something must stand here: an empty line of it is a hole. */
  required?: boolean;
  /** Gives whether the document has it now: an item of a list that is empty for a moment does not yet go. */
  onChange: (node: Json | undefined) => boolean;
  /** It lost the focus, or is done: with or without a text that can be read. `near` where the focus went to a button of the same node. */
  onDone?: (near: boolean) => void;
  /** A whole value was chosen with the mouse: what is next to be filled comes now. */
  onChosen?: () => void;
  onFocus?: () => void;
};

const TOKENS: Record<string, string> = {
  name: "text-accent-text",
  quoted: "text-accent-text",
  text: "text-ok-text",
  number: "text-info-text",
  sign: "text-muted",
  bad: "text-danger-text",
};

/** An expression as one types it, with what can come next. */
export function ExpressionInput(props: Props) {
  const { id, below, node, field, label, placeholder, describedBy, invalid, autoFocus, first, required, onChange, onDone, onChosen, onFocus } = props;
  const store = useStore();
  const { catalog } = store;
  const key = `${id}${below}`;
  const kept = useEditor((state) => state.bad.get(key));
  const [text, setText] = useState(() => kept?.text ?? shown(node));
  const [cursor, setCursor] = useState<number | undefined>(undefined);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const area = useRef<HTMLTextAreaElement>(null);
  const wanted = useRef<readonly [number, number] | undefined>(undefined);
  const last = useRef(node);
  const listId = useId();
  const variables = useVariables(id, below, open);
  const valueOf = useScopeValues(id);

  function shown(value: Json | undefined): string {
    return value === undefined ? "" : print(value, catalog);
  }

  // What changed elsewhere (a fix, undo, a variable dropped here) is shown; what is being typed stays as it is typed.
  useEffect(() => {
    if (last.current === node) return;
    const typed = same(last.current, node);
    last.current = node;
    if (!typed) {
      setText(shown(node));
      store.setBad(id, below, undefined);
    }
  });

  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    const [from, to] = wanted.current;
    wanted.current = undefined;
    area.current?.setSelectionRange(from, to);
    setCursor(to);
  }, [text]);

  const completion = useMemo(
    () => (open && cursor !== undefined ? complete(text, cursor, { catalog, variables, field }) : undefined),
    [open, text, cursor, catalog, variables, field],
  );
  const options = useMemo(() => {
    if (completion === undefined) return [];
    const list = [...completion.options];
    const takesText = (completion.field ?? field).accepts?.some((each) => each === "string" || each === "any") ?? true;
    const known = variables.some((variable) => variable.path === completion.query);
    const bare = completion.query !== "" && !known && takesText && completion.field?.kind !== "literal" && completion.field?.kind !== "name";
    const words = text.trim();
    // Words without quotes: they are most likely meant as a text.
    const whole = /^[\p{L}\p{N}][\p{L}\p{N} _.,:;!?'&€$%/+-]*$/u.test(words) && words.includes(" ") && takesText;
    if (whole) list.unshift(literal(words));
    else if (bare) {
      // What is called so stands first; else words are most likely meant as a text.
      const query = completion.query.toLowerCase();
      const called = list.findIndex(
        (option) => !option.label.toLowerCase().startsWith(query) && option.variable?.name.toLowerCase().startsWith(query) !== true,
      );
      list.splice(called < 0 ? list.length : Math.min(called, 3), 0, literal(completion.query));
    }
    return list;
  }, [completion, variables, field, text]);

  function literal(words: string): Option {
    const insert = JSON.stringify(words);
    return { kind: "value", label: insert, detail: "as text", fit: "yes", insert, select: [insert.length, insert.length] };
  }

  function write(next: string, selection?: readonly [number, number]): void {
    wanted.current = selection;
    setText(next);
    const { node: made, problem } = parse(next, catalog);
    if (problem !== undefined) {
      store.setBad(id, below, next, problem.text);
      return;
    }
    store.setBad(id, below, undefined);
    if (onChange(made)) last.current = made;
  }

  function pick(option: Option, mouse = false): void {
    if (completion === undefined) return;
    const whole = option.kind === "value" && option.detail === "as text" && option.insert.length > completion.query.length + 2;
    const [from, to] = whole ? [0, text.length] : [completion.from, completion.to];
    const next = text.slice(0, from) + option.insert + text.slice(to);
    const end = from + option.insert.length;
    const hole = option.kind === "function" ? undefined : nextHole(next, end);
    write(next, hole ?? [from + option.select[0], from + option.select[1]]);
    setOpen(option.kind === "function" || hole !== undefined);
    setActive(0);
    area.current?.focus();
    if (mouse && option.kind !== "function" && hole === undefined && next === option.insert) onChosen?.();
  }

  // The scope panel puts its variables where the cursor was last.
  function take(path: string): void {
    const element = area.current;
    const written = isPlainPath(path) ? path : `\`${path}\``;
    const hole = nextHole(text, 0);
    const [from, to] =
      hole ??
      (element !== null && (text === "" || cursor !== undefined) && /[(,:]\s*$|^$/.test(text.slice(0, element.selectionStart))
        ? [element.selectionStart, element.selectionEnd]
        : [0, text.length]);
    const next = text.slice(0, from) + written + text.slice(to);
    const left = nextHole(next, from + written.length);
    write(next, left ?? [from + written.length, from + written.length]);
    element?.focus();
    // What is whole needs no list over the fields below it.
    setOpen(left !== undefined);
    if (next === written) onChosen?.();
  }

  const visible = open && (options.length > 0 || completion?.word !== undefined);
  const choose = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    const option = options[active];
    if (event.key === "ArrowDown" && visible) setActive(Math.min(options.length - 1, active + 1));
    else if (event.key === "ArrowUp" && visible) setActive(Math.max(0, active - 1));
    else if (event.key === " " && event.ctrlKey) setOpen(true);
    else if (event.key === "Enter" && visible && option && completion && (completion.query !== "" || completion.from < completion.to || active > 0)) {
      if (option.insert === text.slice(completion.from, completion.to)) finish();
      else pick(option);
    } else if (event.key === "Enter") finish();
    else if (
      event.key === "Tab" &&
      !event.shiftKey &&
      visible &&
      option &&
      completion &&
      completion.query !== "" &&
      option.insert !== text.slice(completion.from, completion.to)
    )
      pick(option);
    else if (event.key === "Tab" && nextHole(text, event.currentTarget.selectionEnd, event.shiftKey) !== undefined && !wraps(event)) {
      const hole = nextHole(text, event.currentTarget.selectionEnd, event.shiftKey);
      if (hole) {
        event.currentTarget.setSelectionRange(hole[0], hole[1]);
        setCursor(hole[1]);
        setOpen(true);
      }
    } else if (event.key === "Escape" && visible) {
      setOpen(false);
    } else if (event.key === "Escape") {
      event.currentTarget.blur();
      document.querySelector<HTMLElement>("[data-stack]")?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  /** Whether Tab has gone through the holes and should leave the field. */
  function wraps(event: KeyboardEvent<HTMLTextAreaElement>): boolean {
    const { selectionStart, selectionEnd } = event.currentTarget;
    const hole = nextHole(text, selectionEnd, event.shiftKey);
    return hole === undefined || (event.shiftKey ? hole[0] >= selectionStart : hole[0] < selectionEnd);
  }

  function finish(): void {
    setOpen(false);
    onDone?.(false);
  }

  const problem = kept !== undefined;
  return (
    <div className="relative min-w-0 flex-1">
      <div
        className={cx(
          "relative rounded-md border bg-surface font-mono text-xs leading-5 transition-colors duration-75 focus-within:border-accent focus-within:ring-2 focus-within:ring-accent/25",
          problem || invalid ? "border-danger" : "border-control hover:border-muted",
        )}
      >
        <div aria-hidden="true" className="min-h-[26px] px-2 py-[2px] break-words whitespace-pre-wrap">
          {text === "" ? <span className="text-faint">{placeholder ?? "Value, variable or /"}</span> : <Highlighted text={text} />}
        </div>
        <textarea
          ref={area}
          rows={1}
          spellCheck={false}
          autoComplete="off"
          autoFocus={autoFocus}
          aria-label={label}
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-controls={visible ? listId : undefined}
          aria-activedescendant={visible && options[active] ? `${listId}-${active}` : undefined}
          aria-describedby={describedBy}
          aria-invalid={problem || invalid || undefined}
          data-first={first || undefined}
          data-slot={below}
          data-required={required || undefined}
          value={text}
          className="absolute inset-0 h-full w-full resize-none overflow-hidden bg-transparent px-2 py-[2px] break-words whitespace-pre-wrap text-text outline-none [-webkit-text-fill-color:transparent]"
          onChange={(event) => {
            const { value, selectionEnd } = event.currentTarget;
            setCursor(selectionEnd);
            setOpen(true);
            setActive(0);
            write(value.replaceAll("\n", " "));
          }}
          onSelect={(event) => setCursor(event.currentTarget.selectionEnd)}
          onClick={() => setOpen(true)}
          onFocus={() => {
            setActiveSlot({ id, below, take });
            if (text === "") setOpen(true);
            onFocus?.();
            store.set({ node: below });
          }}
          onBlur={(event) => {
            setOpen(false);
            // The scope panel puts variables here: the line stays as it is.
            if (event.relatedTarget instanceof Element && event.relatedTarget.closest("[data-scope]")) return;
            setCursor(undefined);
            const own = event.currentTarget.closest("[data-node]");
            onDone?.(event.relatedTarget instanceof Element && event.relatedTarget.closest("[data-node]") === own);
          }}
          onKeyDown={choose}
        />
      </div>
      {problem && <p className="mt-0.5 text-2xs text-danger-text">{kept.problem}</p>}
      {visible && (
        <Floating anchor={area.current}>
          {options.length > 0 && <Suggestions id={listId} options={options} active={active} onPick={(option) => pick(option, true)} valueOf={valueOf} />}
          <SlotHelp word={completion?.word} field={completion?.field} />
        </Floating>
      )}
    </div>
  );
}

/** Text with its tokens coloured. */
export function Highlighted({ text }: { text: string }) {
  const parts: ReactNode[] = [];
  let place = 0;
  for (const token of tokens(text)) {
    if (token.start > place) parts.push(text.slice(place, token.start));
    const call = token.kind === "name" && text.charAt(token.end) === "(";
    const hole = token.kind === "sign" && token.text === "?";
    const word = token.kind === "name" && ["true", "false", "null"].includes(token.text);
    parts.push(
      <span
        key={token.start}
        className={cx(call ? "text-violet-text" : word ? "text-info-text" : TOKENS[token.kind], hole && "rounded-sm bg-warn-soft text-warn-text")}
      >
        {token.text}
      </span>,
    );
    place = token.end;
  }
  parts.push(text.slice(place));
  return parts;
}

/** A panel under a field, above everything else: as wide as the field, and upwards where there is more room. */
function Floating({ anchor, children }: { anchor: HTMLElement | null; children: ReactNode }) {
  const panel = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const place = (): void => {
      const box = anchor?.getBoundingClientRect();
      const element = panel.current;
      if (box === undefined || element === null) return;
      const width = Math.max(box.width, 320);
      const height = element.offsetHeight;
      const up = box.bottom + height + 8 > window.innerHeight && box.top > window.innerHeight - box.bottom;
      element.style.width = `${width}px`;
      element.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - width - 8))}px`;
      element.style.top = `${up ? Math.max(8, box.top - height - 4) : box.bottom + 4}px`;
    };
    place();
    window.addEventListener("scroll", place, true);
    window.addEventListener("resize", place);
    return () => {
      window.removeEventListener("scroll", place, true);
      window.removeEventListener("resize", place);
    };
  });
  return createPortal(
    <div ref={panel} className={cx(popupClass, "fixed z-50 overflow-hidden")}>
      {children}
    </div>,
    document.body,
  );
}
