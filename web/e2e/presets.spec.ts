import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { expect, test, withVendor } from "./fixtures";
import { look } from "./look";
import { playedDeal } from "./vendor";

test.use({ serverArguments: withVendor });

/** What a provider type shows as an example of a delivery. */
async function example(type: string, name: string): Promise<unknown> {
  const path = fileURLToPath(new URL(`../../crates/providers/types/${type}/examples/${name}.json`, import.meta.url));
  return (JSON.parse(await readFile(path, "utf8")) as { body: unknown }).body;
}

test("one click makes source, processor and link, and what is delivered then becomes the right record", async ({ signedIn: page }) => {
  await page.goto("/providers/new?type=webhook");
  await page.getByLabel("Name", { exact: true }).fill("Sales partner");
  await page.getByRole("button", { name: "Save provider" }).click();
  await page.getByRole("button", { name: "Ready-made", exact: true }).click();
  await page.getByRole("button", { name: /^Use Sales of Reuzenpanda/ }).click();
  await expect(page.getByText("Waiting for the first request")).toBeVisible();
  await expect(page.getByRole("switch", { name: /runs on this source/ })).toBeChecked();
  expect(await look(page, "source-waiting")).toEqual([]);
  const url = (await page.getByText(/\/hooks\//).first().textContent()) ?? "";
  const body = JSON.stringify(await example("webhook", "reuzenpanda_sale"));
  const send = (secret: string) => fetch(url, { method: "POST", headers: { "Content-Type": "application/json", Authorization: `Bearer ${secret}` }, body });
  // The secret is agreed on once there is a URL: until it is here, nothing is let in.
  expect((await send("agreed-on-secret")).status).toBe(401);
  await page.getByLabel("Secret", { exact: true }).fill("agreed-on-secret");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Requests are verified with it from now on")).toBeVisible();
  expect((await send("another")).status).toBe(401);
  expect((await send("agreed-on-secret")).status).toBe(202);
  await page.goto("/records/sales");
  const row = page.getByRole("row", { name: /S-1001/ });
  await expect(row).toContainText("Sanne Bakker");
  await expect(row).toContainText("480");
  await row.getByRole("link", { name: "Execution" }).click();
  await expect(page).toHaveURL(/\/executions\/\d+/);
});

test("a ready-made processor is looked over first: its constants are explained, and it runs on a source that is there", async ({ signedIn: page, api, vendor }) => {
  await vendor.deals([playedDeal(1)]);
  const provider = await api.call<{ id: string }>("POST", "/providers", {
    type: "played_crm",
    name: "Sales CRM",
    settings: { base_url: vendor.base, client_id: "app-1" },
    credentials: { client_secret: "app-secret-1" },
  });
  const source = await api.call<{ id: string }>("POST", `/providers/${provider.id}/sources`, { name: "Our deals", kind: "poll", definition: "deals", settings: {} });
  await page.goto(`/providers/${provider.id}`);
  await expect(page.getByText("It is not connected yet")).toBeVisible();
  await page.getByRole("button", { name: "Ready-made", exact: true }).click();
  await page.getByRole("button", { name: "Look over Won deals" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("The type of the activity that a won deal becomes.")).toBeVisible();
  await expect(dialog.getByLabel("Runs on")).toContainText("Our deals");
  await dialog.getByLabel("Won label").fill("Won by us");
  await dialog.getByRole("button", { name: "Make and link" }).click();
  await expect(page).toHaveURL(new RegExp(`/sources/${source.id}$`));
  await expect(page.getByRole("switch", { name: "Won deals runs on this source" })).toBeChecked();
  const { items } = await api.call<{ items: { links: { constants: unknown }[] }[] }>("GET", "/sources");
  expect(items).toHaveLength(1);
  expect(items[0]?.links[0]?.constants).toEqual({ won_label: "Won by us" });
});
