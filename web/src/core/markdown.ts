/** The little Markdown that set-up instructions are written in: headings, paragraphs, lists, code, notes; bold, italic, code and links within a line. */

export type Inline = { kind: "text" | "bold" | "italic" | "code"; text: string } | { kind: "link"; text: string; to: string };
export type Block =
  | { kind: "heading"; level: number; content: Inline[] }
  | { kind: "paragraph" | "note"; content: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "list"; ordered: boolean; /** The number of the first item, where they have numbers. */ start: number; items: Inline[][] };

const pattern = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*]+)\*|\[([^\]]+)\]\(([^)\s]+)\)/g;

export function inlines(text: string): Inline[] {
  const out: Inline[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > at) out.push({ kind: "text", text: text.slice(at, match.index) });
    at = match.index + match[0].length;
    if (match[1] !== undefined) out.push({ kind: "code", text: match[1] });
    else if (match[2] !== undefined) out.push({ kind: "bold", text: match[2] });
    else if (match[3] !== undefined) out.push({ kind: "italic", text: match[3] });
    else if (match[4] !== undefined && match[5] !== undefined) {
      // Only addresses that a reader may safely follow.
      if (/^(https?:\/\/|\/(?!\/))/.test(match[5])) out.push({ kind: "link", text: match[4], to: match[5] });
      else out.push({ kind: "text", text: match[4] });
    }
  }
  if (at < text.length) out.push({ kind: "text", text: text.slice(at) });
  return out;
}

export function blocks(text: string): Block[] {
  const out: Block[] = [];
  const lines = text.replaceAll("\r", "").split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    const item = /^\s*(?:([-*])|(\d+)[.)])\s+(.*)$/.exec(line);
    // Within a list it is indented, and so is what stands in it.
    const fence = /^(\s*)```/.exec(line);
    if (fence) {
      const code: string[] = [];
      const indent = fence[1]?.length ?? 0;
      for (at += 1; at < lines.length && !/^\s*```/.test(lines[at] ?? ""); at += 1) code.push((lines[at] ?? "").replace(new RegExp(`^\\s{0,${indent}}`), ""));
      out.push({ kind: "code", text: code.join("\n") });
    } else if (heading) {
      out.push({ kind: "heading", level: (heading[1] ?? "#").length, content: inlines(heading[2] ?? "") });
    } else if (item) {
      const ordered = item[1] === undefined;
      const texts = [item[3] ?? ""];
      for (; at + 1 < lines.length; at += 1) {
        const next = lines[at + 1] ?? "";
        const more = ordered ? /^\s*\d+[.)]\s+(.*)$/.exec(next) : /^\s*[-*]\s+(.*)$/.exec(next);
        if (more) texts.push(more[1] ?? "");
        else if (/^\s+\S/.test(next) && !/^\s*```/.test(next)) texts[texts.length - 1] += ` ${next.trim()}`;
        else break;
      }
      out.push({ kind: "list", ordered, start: ordered ? Number(item[2]) : 1, items: texts.map(inlines) });
    } else if (line.trim()) {
      const texts = [line];
      for (; at + 1 < lines.length; at += 1) {
        const next = lines[at + 1] ?? "";
        if (!next.trim() || /^(#|\s*```|\s*[-*]\s|\s*\d+[.)]\s)/.test(next)) break;
        texts.push(next);
      }
      const note = texts[0]?.startsWith(">");
      out.push({ kind: note ? "note" : "paragraph", content: inlines(texts.map((each) => each.replace(/^>\s?/, "").trim()).join(" ")) });
    }
  }
  return out;
}
