import { expect, it } from "vitest";

import { blocks, inlines } from "./markdown";

it("reads the blocks of set-up instructions", () => {
  const read = blocks("# Connect\n\nOpen **Settings**\nand go on.\n\n1. Copy `{url}`\n2. Paste it\n   there\n\n- a\n- b\n\n```\nx = 1\n```\n> Beware");
  expect(read.map((block) => block.kind)).toEqual(["heading", "paragraph", "list", "list", "code", "note"]);
  expect(read[2]).toEqual({
    kind: "list",
    ordered: true,
    items: [
      [
        { kind: "text", text: "Copy " },
        { kind: "code", text: "{url}" },
      ],
      [{ kind: "text", text: "Paste it there" }],
    ],
  });
});

it("follows only safe links", () => {
  expect(inlines("[a](https://example.com) [b](javascript:alert(1))").map((each) => each.kind)).not.toContain("script");
  expect(inlines("[a](https://example.com)")).toEqual([{ kind: "link", text: "a", to: "https://example.com" }]);
  expect(inlines("[b](javascript:x)")).toEqual([{ kind: "text", text: "b" }]);
  expect(inlines("[c](//evil.example)")).toEqual([{ kind: "text", text: "c" }]);
});
