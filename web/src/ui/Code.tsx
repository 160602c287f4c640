import { Fragment } from "react";

/** A text of the server, whose words in backticks are names: of fields, of instructions, of codes. */
export function Code({ text }: { text: string }) {
  return text.split("`").map((part, at) =>
    at % 2 === 1 ? (
      <code key={at} className="rounded-sm bg-text/6 px-0.5 font-mono text-[0.92em]">
        {part}
      </code>
    ) : (
      <Fragment key={at}>{part}</Fragment>
    ),
  );
}

/** Such a text where no markup can stand: in a title, in a tooltip. */
export function plainCode(text: string): string {
  return text.replaceAll("`", "");
}
