import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { open, send } from "./builder-driver";
import { expect, test, withVendor } from "./fixtures";

test.use({ serverArguments: withVendor });

const spec = {
  format: 1,
  source_model: { type: "enriched_deal", var: "deal" },
  enrichments: [{ type: "owner", on: "deal", as: "owner" }],
  instructions: [
    {
      id: "team",
      type: "upsert_team_external_identity",
      external_id: { type: "coalesce", arguments: [{ type: "var", var: "deal.owner.team" }, { type: "literal", value: "nobody" }] },
      return_as: "team",
    },
  ],
};

test("related data as it is now is shown beside as it was: what differs, in the trace and in Test", async ({ signedIn: page, api }) => {
  // The CRM: an owner who changes teams.
  let team = "North";
  const crm = createServer((_, response) => {
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ id: "u1", team }));
  });
  await new Promise<void>((resolve) => crm.listen(0, "127.0.0.1", resolve));
  try {
    const base = `http://127.0.0.1:${(crm.address() as AddressInfo).port}`;
    const provider = await api.call<{ id: string }>("POST", "/providers", { type: "enriched_crm", name: "Enriched", settings: { base_url: base }, credentials: {} });
    const source = await api.call<{ id: string }>("POST", `/providers/${provider.id}/sources`, {
      name: "Enriched deals",
      kind: "webhook",
      model: "enriched_deal",
      definition: "deals",
      settings: {},
    });
    const processor = await api.call<{ id: string }>("POST", "/processors", { name: "Teams", model: "enriched_deal" });
    await api.call("PUT", `/processors/${processor.id}/spec`, { spec });
    await api.call("POST", "/links", { source: source.id, processor: processor.id, constants: {} });
    const { url } = await api.call<{ url: string }>("GET", `/sources/${source.id}/address`);
    await send(url, { id: "d1", owner_id: "u1", closed_at: "2026-01-15T10:30:00Z" });
    const executions = async () => (await api.call<{ items: { id: string; status: string; model_id: string }[] }>("GET", "/executions")).items;
    await expect.poll(async () => (await executions())[0]?.status).toBe("succeeded");
    const [execution] = await executions();
    team = "South";

    await page.goto(`/executions/${execution?.id ?? ""}`);
    const tree = page.getByRole("tree", { name: "What happened" });
    await expect(tree).toBeVisible();
    await expect(page.getByText("verified")).toBeVisible();
    await expect(page.locator("[data-inspector]")).toContainText('"North"');
    await page.getByRole("combobox", { name: "Related data" }).click();
    await page.getByRole("option", { name: "Related data as it is now" }).click();
    const differs = page.getByLabel("What differs");
    await expect(differs).toContainText("owner.team");
    await expect(differs).toContainText('"North"');
    await expect(differs).toContainText('"South"');
    await expect(differs).toContainText("is written now, and was not");
    await expect(page.locator("[data-inspector]")).toContainText('"South"');
    await expect(page.getByText("verified")).toHaveCount(0);
    // A link opens it so; and nothing of it was written.
    await expect(page).toHaveURL(/enrichments=fresh/);
    await page.getByRole("combobox", { name: "Related data" }).click();
    await page.getByRole("option", { name: "Related data as it was" }).click();
    await expect(page.locator("[data-inspector]")).toContainText('"North"');

    // The same in Test, for a draft on a picked record.
    await open(page, processor.id);
    await page.goto(`/processors/${processor.id}/spec?record=${execution?.model_id ?? ""}`);
    await page.getByRole("button", { name: "Test", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Test" });
    await expect(dialog).toContainText("North");
    await dialog.getByRole("combobox", { name: "Related data" }).click();
    await page.getByRole("option", { name: "Related data as it is now" }).click();
    await expect(dialog.getByRole("region", { name: "What the related data changes" })).toContainText('"South"');

    // Run again with fresh related data writes it.
    await page.goto(`/executions/${execution?.id ?? ""}`);
    await page.getByRole("button", { name: "Run again" }).click();
    await page.getByRole("menuitem", { name: "With fresh related data" }).first().click();
    await expect(page.locator("[data-inspector]")).toContainText('"South"');
  } finally {
    crm.close();
  }
});
