import { expect, it } from "vitest";

import { withTop } from "./queries";

const page = (from: number, to: number, next: string | null) => ({ items: Array.from({ length: from - to + 1 }, (_, at) => ({ id: String(from - at) })), next });
const ids = (pages: { items: { id: string }[] }[]): number[] => pages.flatMap((each) => each.items.map((item) => Number(item.id)));

it("lays what is new over a list, and keeps what was scrolled through", () => {
  const loaded = [page(100, 91, "a"), page(90, 81, "b")];
  expect(ids(withTop(loaded, page(103, 94, "c")))).toEqual(Array.from({ length: 23 }, (_, at) => 103 - at));
  // What stands there with another state is taken over.
  const changed = { items: page(100, 91, "a").items.map((item) => ({ ...item, status: "succeeded" })), next: "a" };
  expect(withTop<{ id: string; status?: string }>(loaded, changed)[0]?.items[9]?.status).toBe("succeeded");
  expect(withTop(loaded, page(100, 91, "a")).at(-1)?.next).toBe("b");
});

it("begins anew where more happened than a page holds, and where the page is all there is", () => {
  const loaded = [page(100, 91, "a"), page(90, 81, "b")];
  expect(ids(withTop(loaded, page(300, 291, "c")))).toEqual(ids([page(300, 291, "c")]));
  expect(ids(withTop(loaded, page(95, 93, null)))).toEqual([95, 94, 93]);
  expect(ids(withTop(loaded, page(0, 1, null)))).toEqual([]);
});
