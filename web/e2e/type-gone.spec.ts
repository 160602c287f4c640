import { fileURLToPath } from "node:url";

import { Api, expect, setUp, test } from "./fixtures";
import { look } from "./look";
import { Server } from "./server";

const more = ["--providers", fileURLToPath(new URL("types", import.meta.url))];

test("a type that a deployment no longer has: its providers say so, lose nothing, and go on once it is there again", async ({ browser }) => {
  const before = await Server.start({ more });
  const session = await setUp(browser, before);
  const first = await browser.newContext({ baseURL: before.base, storageState: session });
  const api = new Api(await first.newPage(), before.base);
  const provider = await api.call<{ id: string }>("POST", "/providers", { type: "enriched_crm", name: "Enriched", settings: { base_url: "https://crm.example" }, credentials: {} });
  const source = await api.call<{ id: string }>("POST", `/providers/${provider.id}/sources`, { name: "Enriched deals", kind: "webhook", model: "enriched_deal", definition: "deals", settings: {} });
  const { url } = await api.call<{ url: string }>("GET", `/sources/${source.id}/address`);
  const path = new URL(url).pathname;
  const send = async (base: string, id: string) => (await fetch(`${base}${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ id, owner_id: "u1", closed_at: "2026-01-15T10:30:00Z" }) })).status;
  expect(await send(before.base, "d1")).toBe(202);
  await first.close();
  await before.stop();

  const without = await Server.start({ data: before.data, listen: new URL(before.base).host });
  const context = await browser.newContext({ baseURL: without.base, storageState: session, viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(`/providers/${provider.id}`);
  await expect(page.getByText("The type enriched_crm is no longer there")).toBeVisible();
  await expect(page.getByText("Failing").first()).toBeVisible();
  await expect(page.getByRole("button", { name: "New source" })).toHaveCount(0);
  expect(await look(page, "provider-type-gone")).toEqual([]);
  // Renamed, its settings stay.
  await page.getByLabel("Name", { exact: true }).fill("Enriched, for now");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Enriched, for now" })).toBeVisible();
  const meanwhile = new Api(page, without.base);
  expect((await meanwhile.call<{ settings: unknown }>("GET", `/providers/${provider.id}`)).settings).toEqual({ base_url: "https://crm.example" });
  await page.goto("/providers");
  await expect(page.getByRole("row", { name: /Enriched, for now/ })).toBeVisible();
  await page.goto(`/sources/${source.id}`);
  await expect(page.getByRole("heading", { level: 1, name: "Enriched deals" })).toBeVisible();
  // How it is verified is not known without the type: what cannot be judged is not taken, and the sender sends it again.
  expect(await send(without.base, "d2")).toBeGreaterThanOrEqual(500);
  await context.close();
  await without.stop();

  const again = await Server.start({ data: before.data, listen: new URL(before.base).host, more });
  expect(await send(again.base, "d2")).toBe(202);
  await again.remove();
});
