import { expect, it } from "vitest";

import { blocks, inlines } from "./markdown";

it("reads the blocks of set-up instructions", () => {
  const read = blocks("# Connect\n\nOpen **Settings**\nand go on.\n\n1. Copy `{url}`\n2. Paste it\n   there\n\n- a\n- b\n\n```\nx = 1\n```\n> Beware");
  expect(read.map((block) => block.kind)).toEqual(["heading", "paragraph", "list", "list", "code", "note"]);
  expect(read[2]).toEqual({
    kind: "list",
    ordered: true,
    start: 1,
    items: [
      [
        { kind: "text", text: "Copy " },
        { kind: "code", text: "{url}" },
      ],
      [{ kind: "text", text: "Paste it there" }],
    ],
  });
});

it("reads a request that stands within a list, and goes on counting behind it", () => {
  const read = blocks("1. Make it\n2. Run this:\n\n   ```sh\n   curl -X POST \\\n     --data x\n   ```\n\n   It is asked at once.\n3. Leave it");
  expect(read.map((block) => block.kind)).toEqual(["list", "code", "paragraph", "list"]);
  expect(read[1]).toEqual({ kind: "code", text: "curl -X POST \\\n  --data x" });
  expect(read[3]).toMatchObject({ ordered: true, start: 3 });
});

it("follows only safe links", () => {
  expect(inlines("[a](https://example.com) [b](javascript:alert(1))").map((each) => each.kind)).not.toContain("script");
  expect(inlines("[a](https://example.com)")).toEqual([{ kind: "link", text: "a", to: "https://example.com" }]);
  expect(inlines("[b](javascript:x)")).toEqual([{ kind: "text", text: "b" }]);
  expect(inlines("[c](//evil.example)")).toEqual([{ kind: "text", text: "c" }]);
});
