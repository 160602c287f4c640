import { expect, it } from "vitest";

import { modelNameOf } from "./names";

it("makes a name of words", () => {
  expect(["Won deals", "  2nd Líne ", "Über-Deals!", "42"].map(modelNameOf)).toEqual(["won_deals", "nd_line", "uber_deals", "record"]);
});
