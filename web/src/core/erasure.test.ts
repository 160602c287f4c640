import { expect, test } from "vitest";

import { foundSentence, given, type Found } from "./erasure";

const found: Found = { source_models: 12, sources: 3, deliveries: 12, executions: 14, waiting: 0, enrichments: 2, records: [{ kind: "sale", count: 8 }], phone_numbers: 1, external_ids: 0, open_periods: 0 };

test("what goes and what stays is one sentence", () => {
  expect(foundSentence(found)).toBe("12 source models of 3 sources, 14 executions, 9 records keep their numbers and lose their contact.");
  expect(foundSentence({ ...found, source_models: 1, sources: 1, executions: 1, records: [], phone_numbers: 1 })).toBe(
    "1 source model of 1 source, 1 execution, 1 record keeps its numbers and loses its contact.",
  );
  expect(foundSentence({ ...found, records: [], phone_numbers: 0 })).toBe("12 source models of 3 sources, 14 executions. No record names them.");
  expect(foundSentence({ ...found, source_models: 0, deliveries: 0, records: [], phone_numbers: 0 })).toBe("Nothing of this contact was found.");
});

test("what was given is told without saying it", () => {
  expect(given(["email", "phone", "email"])).toBe("2 e-mail addresses, 1 phone number");
  expect(given(["hash"])).toBe("1 contact key");
});
