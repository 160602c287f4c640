import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import type { Page } from "@playwright/test";

import { type Made, inspector, prepare, records, send } from "./builder-driver";
import { type Api, expect, test } from "./fixtures";
import { look } from "./look";

type Row = { id: string; status: string; version: number; key: string | null };

const spec = (kind: string) => ({
  format: 1,
  source_model: { type: "call_event", var: "event" },
  instructions: [
    { id: "user", type: "upsert_agent_external_identity", external_id: { type: "var", var: "event.call.user.id" }, return_as: "agent" },
    {
      id: "activity",
      type: "upsert_activity",
      external_id: { type: "concat", arguments: [{ type: "literal", value: "call|" }, { type: "var", var: "event.call.id" }] },
      activity_type: { type: "literal", value: kind },
      agent_external_identity: { type: "var", var: "agent" },
      moment: { type: "parse_timestamp", value: { type: "var", var: "event.call.started_at" } },
    },
  ],
});

/** A call that was received, as its system sends it. */
const call = (id: string, more: object = {}) => ({ event_id: `evt_${id}`, call: { ...records.call_event.call, id, ...more } });

async function executions(api: Api, made: Made): Promise<Row[]> {
  return (await api.call<{ items: Row[] }>("GET", `/executions?processor=${made.processor}`)).items;
}

/** A processor that has run on these calls. */
async function ran(api: Api, name: string, calls: readonly object[], version: object = spec("First")): Promise<Made> {
  const made = await prepare(api, "call_event", name);
  await api.tagged("PUT", `/processors/${made.processor}/spec`, { spec: version });
  await api.call("POST", "/links", { source: made.source, processor: made.processor, constants: {} });
  for (const each of calls) await send(made.url, each);
  await settled(api, made, calls.length);
  return made;
}

async function settled(api: Api, made: Made, count: number): Promise<void> {
  await expect.poll(async () => (await executions(api, made)).filter((each) => each.status !== "waiting").length).toBe(count);
}

const activityType = async (api: Api, externalId: string): Promise<unknown> => {
  const { items } = await api.call<{ items: { external_id: string; fields: { activity_type?: unknown } }[] }>("GET", "/records/activities");
  return items.find((each) => each.external_id === externalId)?.fields.activity_type;
};

async function openTrace(page: Page, id: string): Promise<void> {
  await page.goto(`/executions/${id}`);
  await expect(page.getByRole("tree", { name: "What happened" })).toBeVisible();
}

test("personal values are revealed for a reason, which the audit log keeps", async ({ signedIn: page, api }) => {
  const made = await ran(api, "Revealed", [call("c1")]);
  const [execution] = await executions(api, made);
  await openTrace(page, execution?.id ?? "");
  await expect(page.getByText("personal", { exact: true }).first()).toBeVisible();
  await expect(page.getByText("+31612345678")).toHaveCount(0);
  await page.locator('[data-card="activity"]').click();
  await page.getByRole("button", { name: "Reveal", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Reveal personal values" });
  await expect(dialog.getByRole("button", { name: "Reveal", exact: true })).toBeDisabled();
  await dialog.getByLabel("Reason").fill("Kim asked about this call");
  await dialog.getByRole("button", { name: "Reveal", exact: true }).click();
  await expect(page.getByText("+31612345678").first()).toBeVisible();
  // What one looked at stays where it was.
  await expect(inspector(page)).toHaveAttribute("data-inspector", "activity");
  await page.goto("/settings/audit");
  await expect(page.getByText("Kim asked about this call").first()).toBeVisible();
});

test("an execution runs again with the version that it ran with, and with the current one", async ({ signedIn: page, api }) => {
  const made = await ran(api, "Again", [call("c1")]);
  const [execution] = await executions(api, made);
  await api.tagged("PUT", `/processors/${made.processor}/spec`, { spec: spec("Second") });
  await openTrace(page, execution?.id ?? "");
  const again = async (version: string, choice: number) => {
    await page.getByRole("button", { name: "Run again" }).click();
    await page.getByRole("menuitem", { name: "With the related data as it was" }).nth(choice).click();
    await expect(page.getByText(`It runs again with ${version}`).first()).toBeVisible();
  };
  await again("the current version", 1);
  await expect(page.getByText(/v2\b/).first()).toBeVisible();
  await expect(page.getByText("verified")).toBeVisible();
  expect(await activityType(api, "call|c1")).toBe("Second");
  // What it wrote is a click away.
  await page.locator('[data-card="activity"]').click();
  await expect(inspector(page).getByRole("link", { name: "Open record" })).toHaveAttribute("href", "/records/activities?q=call%7Cc1");

  // With the version that it ran with, although a newer one has been saved meanwhile.
  await api.tagged("PUT", `/processors/${made.processor}/spec`, { spec: spec("Third") });
  await again("version 2", 0);
  await settled(api, made, 1);
  await expect.poll(async () => (await executions(api, made))[0]?.version).toBe(2);
  expect(await activityType(api, "call|c1")).toBe("Second");
  await again("the current version", 1);
  await expect.poll(() => activityType(api, "call|c1")).toBe("Third");
  await expect(page.getByText(/v3\b/).first()).toBeVisible();
});

test("an execution is a test case for the command line", async ({ signedIn: page, api }, info) => {
  const made = await ran(api, "Case", [call("c1")]);
  const [execution] = await executions(api, made);
  await openTrace(page, execution?.id ?? "");
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download as test case" }).click();
  const file = info.outputPath("case.test.json");
  await (await download).saveAs(file);
  const binary = process.env.SALESDASH_BIN ?? fileURLToPath(new URL("../../target/debug/salesdash", import.meta.url));
  const run = () => spawnSync(binary, ["run", file], { encoding: "utf8" });
  const fine = run();
  expect(fine.stderr).toContain("as expected: succeeded, 2 effects");
  expect(fine.status).toBe(0);
  expect(JSON.parse(fine.stdout)).toMatchObject({ record: 1, status: "succeeded", effects: [{ external_id: "u1" }, { external_id: "call|c1", activity_type: "First" }] });
  // A spec that comes to something else is told so.
  await writeFile(file, (await readFile(file, "utf8")).replace('"value": "First"', '"value": "Other"'));
  const other = run();
  expect(other.stderr).toContain('`activity_type`: expected `"First"`, and it is `"Other"`');
  expect(other.status).toBe(1);
});

test("executions show up while they happen", async ({ signedIn: page, api }) => {
  const made = await ran(api, "Live", [call("c1")]);
  await page.goto(`/executions?processor=${made.processor}`);
  await expect(page.getByRole("row", { name: /Live/ })).toHaveCount(1);
  await page.getByRole("button", { name: "Live tail" }).click();
  await expect(page.getByRole("button", { name: "Live", exact: true })).toHaveAttribute("aria-pressed", "true");
  await send(made.url, call("c2"));
  await expect(page.getByRole("row", { name: /Live.*succeeded|succeeded.*Live/i })).toHaveCount(2);
});

test("what an execution came to before it ran again stays, and can be looked at", async ({ signedIn: page, api }) => {
  const made = await ran(api, "Attempts", [call("c1")]);
  const [execution] = await executions(api, made);
  await api.tagged("PUT", `/processors/${made.processor}/spec`, { spec: spec("Second") });
  await openTrace(page, execution?.id ?? "");
  await expect(page.getByRole("button", { name: /^Attempt/ })).toHaveCount(0);
  await page.getByRole("button", { name: "Run again" }).click();
  await page.getByRole("menuitem", { name: "With the related data as it was" }).nth(1).click();
  const attempts = page.getByRole("button", { name: "Attempt 2 of 2" });
  await attempts.click();
  const list = page.getByRole("dialog", { name: "Attempts" });
  await expect(list.getByRole("listitem")).toHaveCount(2);
  await expect(list.getByRole("listitem").first()).toContainText("with the newest version");
  await expect(list.getByRole("listitem").last()).toContainText("When the record arrived");
  expect(await look(page, "attempts")).toEqual([]);
  await list.getByRole("button", { name: /v1/ }).click();
  // The first one, as it was: its version, its spec, proved by its digest.
  await expect(page.getByText("An earlier attempt")).toBeVisible();
  await expect(page).toHaveURL(/attempt=/);
  await expect(page.getByText("verified")).toBeVisible();
  await expect(page.locator('[data-card="activity"]')).toContainText("First");
  await expect(page.getByRole("button", { name: "Run again" })).toHaveCount(0);
  expect(await look(page, "earlier-attempt")).toEqual([]);
  // The address leads there again, and there is a way back.
  await page.reload();
  await expect(page.getByRole("button", { name: "Attempt 1 of 2" })).toBeVisible();
  await page.getByRole("button", { name: "Show how it stands" }).click();
  await expect(page.locator('[data-card="activity"]')).toContainText("Second");
  await expect(attempts).toBeVisible();
});

test("what failed is run again in bulk, counted first", async ({ signedIn: page, api }) => {
  const broken = spec("First");
  const made = await prepare(api, "call_event", "Bulk");
  await api.tagged("PUT", `/processors/${made.processor}/spec`, { spec: broken });
  await api.call("POST", "/links", { source: made.source, processor: made.processor, constants: {} });
  await send(made.url, call("c1"));
  // A time beyond the year 9999 cannot be read.
  await send(made.url, call("c2", { started_at: 1e18 }));
  await send(made.url, call("c3", { started_at: 1e18 }));
  await settled(api, made, 3);
  expect((await executions(api, made)).filter((each) => each.status === "failed")).toHaveLength(2);
  // The spec is mended.
  const mended = JSON.parse(
    JSON.stringify(broken).replace('{"type":"var","var":"event.call.started_at"}', '{"type":"literal","value":1767000000}'),
  ) as object;
  await api.tagged("PUT", `/processors/${made.processor}/spec`, { spec: mended });
  await page.goto(`/executions?processor=${made.processor}&status=failed`);
  await expect(page.getByRole("row", { name: /Bulk/ })).toHaveCount(2);
  await page.getByRole("button", { name: "Run again…" }).click();
  const dialog = page.getByRole("dialog", { name: "Run again" });
  await expect(dialog).toContainText("2 executions fit the filters");
  await dialog.getByRole("button", { name: "Run 2 again" }).click();
  await expect(page.getByText("2 executions run again")).toBeVisible();
  await expect.poll(async () => (await executions(api, made)).map((each) => each.status)).toEqual(["succeeded", "succeeded", "succeeded"]);
});

test("records are reprocessed in bulk, counted first, and that is undone", async ({ signedIn: page, api }) => {
  const made = await ran(api, "Reprocessed", [call("c1"), call("c2")]);
  await api.tagged("PUT", `/processors/${made.processor}/spec`, { spec: spec("Second") });
  await page.goto(`/processors/${made.processor}`);
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Reprocess records…" }).click();
  const dialog = page.getByRole("dialog", { name: "Reprocess records" });
  await dialog.getByRole("button", { name: "See the difference first" }).click();
  await expect(dialog.getByRole("region", { name: "Would change" })).toContainText("call|c1");
  expect(await activityType(api, "call|c1")).toBe("First");
  await dialog.getByRole("button", { name: "Count", exact: true }).click();
  await dialog.getByRole("button", { name: /^Reprocess \d+ records$/ }).click();
  await expect.poll(() => activityType(api, "call|c1")).toBe("Second");
  const progress = page.getByRole("status", { name: /Reprocess/ });
  await progress.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => activityType(api, "call|c1")).toBe("First");
});

test("executions are found by a value in their record; personal fields only for a reason", async ({ signedIn: page, api }) => {
  const made = await ran(api, "Found", [call("c1", { status: "missed" }), call("c2"), call("c3", { contact: "lee@example.com" })]);
  await page.goto(`/executions?processor=${made.processor}`);
  await expect(page.getByRole("row", { name: /Found/ })).toHaveCount(3);
  const find = async (field: string, value: string) => {
    await page.getByRole("toolbar").or(page.locator("main")).getByRole("button", { name: /^Value$| = / }).first().click();
    await page.getByLabel("Field", { exact: true }).fill(field);
    await page.getByLabel("Value", { exact: true }).fill(value);
    await page.getByRole("button", { name: "Find", exact: true }).click();
  };
  await find("call.status", "miss*");
  await expect(page.getByRole("row", { name: /Found/ })).toHaveCount(1);
  await expect(page.getByRole("status").filter({ hasText: "found among" })).toContainText("1 found among 3 executions: all there are");
  // In any field.
  await find("", "c2");
  await expect(page.getByRole("row", { name: /Found/ })).toHaveCount(1);
  // The contact is personal: without a reason nothing is told.
  await find("call.contact", "lee@example.com");
  await expect(page.getByText("This field holds personal data")).toBeVisible();
  await expect(page.getByRole("row", { name: /Found/ })).toHaveCount(0);
  await page.getByRole("button", { name: "Look anyway" }).click();
  await page.getByLabel("Reason").fill("Lee wants to be forgotten");
  await page.getByRole("dialog").getByRole("button", { name: "Reveal", exact: true }).click();
  await expect(page.getByRole("row", { name: /Found/ })).toHaveCount(1);
  await page.goto("/settings/audit");
  await expect(page.getByText("Lee wants to be forgotten").first()).toBeVisible();
});

test("every item of a list in an expression can be looked at, and linked to", async ({ signedIn: page, api }) => {
  const made = await prepare(api, "opportunity_event", "Items");
  const amounts = {
    type: "map",
    list: { type: "var", var: "event.opportunity.products" },
    item_var: "product",
    to: { type: "parse_number", value: { type: "var", var: "product.amount" } },
  };
  await api.tagged("PUT", `/processors/${made.processor}/spec`, {
    spec: {
      format: 1,
      source_model: { type: "opportunity_event", var: "event" },
      instructions: [{ id: "amounts", type: "define_variable", value: amounts, return_as: "amounts" }],
    },
  });
  await api.call("POST", "/links", { source: made.source, processor: made.processor, constants: {} });
  const products = ["10", "20", "30", "x", "50"].map((amount, at) => ({ sku: `P${at}`, name: `Product ${at}`, amount }));
  await send(made.url, { ...records.opportunity_event, event_id: "evt_items", opportunity: { ...records.opportunity_event.opportunity, products } });
  await settled(api, made, 1);
  const [execution] = await executions(api, made);
  await openTrace(page, execution?.id ?? "");
  // It opens on the item that failed.
  const items = inspector(page).getByRole("group", { name: "Items" });
  await expect(items).toContainText("Item 4 of 4");
  const value = inspector(page).locator('[data-node="/value/to/value"]');
  await expect(value).toContainText('"x"');
  await items.getByRole("button", { name: "Previous item" }).click();
  await expect(value).toContainText('"30"');
  await items.getByRole("button", { name: "Item 1", exact: true }).click();
  await expect(value).toContainText('"10"');
  await items.getByLabel("Filter items by value").fill("P1");
  await expect(items).toContainText("Item 2 of 4");
  await expect(value).toContainText('"20"');
  await expect(items.getByRole("button", { name: /^Item / })).toHaveCount(1);
  // The address holds it.
  await expect(page).toHaveURL(/items=[^&]*(%3A|:)1(&|$)/);
  await page.goto(page.url());
  await expect(inspector(page).locator('[data-node="/value/to/value"]')).toContainText('"20"');
});
