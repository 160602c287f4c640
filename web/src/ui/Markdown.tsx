import { Fragment } from "react";

import { blocks, type Inline, inlines } from "~/core/markdown";

import { CopyButton } from "./CopyButton";

/** Text with a little formatting, as set-up instructions and help are written. `inline` leaves out everything but the formatting within a line. */
export function Markdown({ text, inline }: { text: string; inline?: boolean }) {
  if (inline) return <Line content={inlines(text)} />;
  return (
    <div className="flex flex-col gap-2 text-sm text-muted">
      {blocks(text).map((block, at) => {
        switch (block.kind) {
          case "heading":
            return (
              <p key={at} className="mt-1 font-semibold text-text">
                <Line content={block.content} />
              </p>
            );
          case "code":
            return (
              <div key={at} className="relative rounded-md border border-line bg-sunken">
                <pre className="p-2.5 pr-10 font-mono text-xs [overflow-wrap:anywhere] whitespace-pre-wrap text-text">{block.text}</pre>
                <div className="absolute top-1 right-1 rounded-md bg-sunken">
                  <CopyButton text={block.text} />
                </div>
              </div>
            );
          case "list": {
            const List = block.ordered ? "ol" : "ul";
            return (
              <List key={at} {...(block.ordered ? { start: block.start } : {})} className={block.ordered ? "list-decimal space-y-1 pl-5" : "list-disc space-y-1 pl-5"}>
                {block.items.map((item, each) => (
                  <li key={each}>
                    <Line content={item} copies />
                  </li>
                ))}
              </List>
            );
          }
          default:
            return (
              <p key={at} className={block.kind === "note" ? "rounded-md bg-info-soft px-3 py-2 text-info-text" : undefined}>
                <Line content={block.content} />
              </p>
            );
        }
      })}
    </div>
  );
}

function Line({ content, copies = false }: { content: Inline[]; copies?: boolean }) {
  return content.map((part, at) => {
    switch (part.kind) {
      case "code":
        return (
          <Fragment key={at}>
            <code className="rounded-sm bg-neutral-soft px-1 font-mono text-xs [overflow-wrap:anywhere] text-text">{part.text}</code>
            {/* An address that is to be set elsewhere. */}
            {copies && /^https?:\/\/\S+\/(hooks|oauth)\//.test(part.text) && <CopyButton text={part.text} label={`Copy ${part.text}`} />}
          </Fragment>
        );
      case "bold":
        return (
          <strong key={at} className="font-semibold text-text">
            {part.text}
          </strong>
        );
      case "italic":
        return <em key={at}>{part.text}</em>;
      case "link":
        return (
          <a key={at} href={part.to} target="_blank" rel="noreferrer" className="link">
            {part.text}
          </a>
        );
      default:
        return <Fragment key={at}>{part.text}</Fragment>;
    }
  });
}
