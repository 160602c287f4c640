/** The tokens of an expression as it is typed. Reading never fails: what is no token is one of the kind `bad`. */
export interface Token {
  readonly kind: "name" | "quoted" | "text" | "number" | "sign" | "bad";
  /** As it is written. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Whether a text or a quoted path is closed. */
  readonly open?: boolean;
}

const NAME = /[\p{L}_$][\p{L}\p{N}_$-]*(?:\.[\p{L}\p{N}_$-]+)*\.?/uy;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SIGNS = "(),:?[]{}@/";

export function tokens(source: string): readonly Token[] {
  const found: Token[] = [];
  let place = 0;
  const add = (kind: Token["kind"], end: number, open?: boolean): void => {
    found.push({ kind, text: source.slice(place, end), start: place, end, ...(open === true ? { open } : {}) });
    place = end;
  };
  while (place < source.length) {
    const sign = source.charAt(place);
    NAME.lastIndex = NUMBER.lastIndex = place;
    if (/\s/.test(sign)) place += 1;
    else if (sign === '"') {
      const end = closing(source, place, '"');
      add("text", end < 0 ? source.length : end + 1, end < 0);
    } else if (sign === "`") {
      const end = source.indexOf("`", place + 1);
      add("quoted", end < 0 ? source.length : end + 1, end < 0);
    } else if (NUMBER.test(source)) add("number", NUMBER.lastIndex);
    else if (NAME.test(source)) add("name", NAME.lastIndex);
    else if (SIGNS.includes(sign)) add("sign", place + 1);
    else add("bad", place + 1);
  }
  return found;
}

function closing(source: string, start: number, quote: string): number {
  for (let at = start + 1; at < source.length; at += 1) {
    if (source.charAt(at) === "\\") at += 1;
    else if (source.charAt(at) === quote) return at;
  }
  return -1;
}

/** Whether a path can stand as it is, without quotes. */
export function isPlainPath(path: string): boolean {
  NAME.lastIndex = 0;
  return NAME.test(path) && NAME.lastIndex === path.length && !path.endsWith(".") && !["true", "false", "null"].includes(path);
}
