import type { Page } from "@playwright/test";

import { type Api, expect, test, withVendor } from "./fixtures";
import { choose } from "./forms";
import { look } from "./look";
import { playedDeal, type Vendor } from "./vendor";

test.use({ serverArguments: withVendor });

async function crm(api: Api, vendor: Vendor): Promise<string> {
  await vendor.deals(Array.from({ length: 4 }, (_, at) => playedDeal(at + 1)));
  await vendor.table("users", [
    { id: "u-1", name: "Femke Example", email: "femke@example.com", team_id: "t-1" } as { id: string },
    { id: "u-2", name: "Jonas Example", email: "jonas@example.com", team_id: "t-2" } as { id: string },
  ]);
  await vendor.table("teams", [{ id: "t-1", label: "North" } as { id: string }, { id: "t-2", label: "South" } as { id: string }]);
  const made = await api.call<{ id: string }>("POST", "/providers", { type: "http_api", name: "Our CRM", settings: { base_url: vendor.base, method: "none" }, credentials: {} });
  return made.id;
}

/** Chooses a path among the fields that are known. */
async function field(page: Page, path: string): Promise<void> {
  const picker = page.getByRole("region", { name: "Enrichments" }).getByLabel("Fetched by");
  await picker.click();
  await page.getByRole("option", { name: new RegExp(`^${path.replace(".", "\\.")}`) }).first().click();
  await expect(picker).toHaveValue(path);
}

test("related data is fetched by filling in a form: tried, chosen in a spec, changed, taken out", async ({ signedIn: page, api, vendor }) => {
  const provider = await crm(api, vendor);
  await page.goto(`/providers/${provider}`);
  await page.getByRole("button", { name: "New source" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill("Deals");
  await dialog.getByLabel("Source model").fill("crm_deal");
  await dialog.getByLabel("Path", { exact: true }).fill("/v1/deals");
  await dialog.getByLabel("Where the records are").fill("data.items");
  await dialog.getByRole("button", { name: "Try", exact: true }).click();
  await expect(dialog.getByText("3 records on the first page")).toBeVisible();

  // The owner of a deal, by the field that holds its id: chosen among those that the try found.
  const enrichments = dialog.getByRole("region", { name: "Enrichments" });
  await enrichments.getByRole("button", { name: "Add enrichment" }).click();
  await enrichments.getByRole("button", { name: "Try enrichment" }).click();
  await expect(enrichments.getByText("This is needed: the field that holds the id")).toBeVisible();
  await enrichments.getByLabel("Name of the enrichment").fill("owner");
  await field(page, "owner.id");
  await enrichments.getByLabel("Path", { exact: true }).fill("/v1/users");
  await expect(enrichments.getByText("Say with {id} where the request names what it wants")).toBeVisible();
  await enrichments.getByLabel("Path", { exact: true }).fill("/v1/users/{id}");
  await enrichments.getByRole("button", { name: "Try enrichment" }).click();
  const owner = enrichments.getByRole("group", { name: "What owner is" }).first();
  await expect(owner).toContainText("/v1/users/u-2");
  await expect(owner.getByText("data holds something: is it there?")).toBeVisible();
  await owner.getByRole("button", { name: "Use it" }).click();
  await expect(enrichments.getByLabel("Where it is in the answer")).toHaveValue("data");
  await enrichments.getByRole("button", { name: "Try enrichment" }).click();
  await expect(owner.getByRole("row", { name: /^email string/ })).toContainText("Email");
  // Another record of the first page.
  await choose(page, enrichments.getByLabel("Try on"), "Record 2 of the first page");
  await enrichments.getByRole("button", { name: "Try enrichment" }).click();
  await expect(owner).toContainText("/v1/users/u-1");
  expect(await look(page, "enrichment-tried")).toEqual([]);
  await enrichments.getByRole("button", { name: "Close owner" }).click();

  // The team of the owner, several at once.
  await enrichments.getByRole("button", { name: "Add enrichment" }).click();
  await enrichments.getByLabel("Name of the enrichment").fill("team");
  await choose(page, enrichments.getByLabel("Belongs to"), "owner");
  await field(page, "team_id");
  await choose(page, enrichments.getByLabel("How it is fetched"), "Several ids in one request");
  await enrichments.getByLabel("Path", { exact: true }).fill("/v1/teams");
  await enrichments.getByLabel("Query parameter: key 1").fill("ids");
  await enrichments.getByLabel("Query parameter: value 1").fill("{ids}");
  await enrichments.getByLabel("Where the list is in the answer").fill("data");
  await choose(page, enrichments.getByLabel("Where there is none"), "The execution fails");
  await enrichments.getByRole("button", { name: "Try enrichment" }).click();
  const team = enrichments.getByRole("group", { name: "What team is" }).first();
  await expect(team.getByRole("row", { name: /^label string/ })).toBeVisible();
  await enrichments.getByRole("button", { name: "Close team" }).click();

  // One too many is taken out again.
  await enrichments.getByRole("button", { name: "Add enrichment" }).click();
  await enrichments.getByLabel("Name of the enrichment").fill("boss");
  await enrichments.getByRole("button", { name: "Remove boss" }).click();
  await expect(enrichments.getByText("boss")).toHaveCount(0);
  await dialog.getByRole("button", { name: "Create source" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Deals" })).toBeVisible();
  const source = page.url();

  // In the Spec Builder they are offered, with their fields and types, before anything was fetched.
  const processor = await api.call<{ id: string }>("POST", "/processors", { name: "Owners", model: "crm_deal" });
  await page.goto(`/processors/${processor.id}/spec`);
  await page.getByRole("button", { name: /^Add an enrichment to / }).first().click();
  await page.getByRole("menuitem", { name: "Owner" }).click();
  // The record has a field `owner` of its own: the other gets another name.
  await page.getByRole("button", { name: /^Add an enrichment to owner_?2/ }).click();
  await page.getByRole("menuitem", { name: "Team" }).click();
  const checked = await api.call<{ enrichments: { name: string; model: string }[] }>("GET", "/models/crm_deal_owner");
  expect(checked.enrichments).toEqual([{ name: "team", model: "crm_deal_team" }]);
  const fields = await api.call<{ fields: { path: string; type: string; personal: string | null }[] }>("GET", "/models/crm_deal_owner");
  expect(fields.fields.find((each) => each.path === "email")).toMatchObject({ type: "string", personal: "email" });
  expect(fields.fields.map((each) => each.path)).toContain("team_id");
  const spec = {
    format: 1,
    source_model: { type: "crm_deal", var: "deal" },
    enrichments: [
      { type: "owner", on: "deal", as: "seller" },
      { type: "team", on: "seller", as: "team" },
    ],
    instructions: [
      {
        id: "team",
        type: "upsert_team_external_identity",
        external_id: { type: "coalesce", arguments: [{ type: "var", var: "deal.seller.team.label" }, { type: "literal", value: "none" }] },
        return_as: "team",
      },
    ],
  };
  await api.call("PUT", `/processors/${processor.id}/spec`, { spec });
  await api.call("POST", "/links", { source: source.split("/").at(-1), processor: processor.id, constants: {} });
  await vendor.deals(Array.from({ length: 3 }, (_, at) => ({ ...playedDeal(at + 1), title: `Changed ${at + 1}` })));
  await page.goto(source);
  await page.getByRole("button", { name: "Run now" }).click();
  await expect.poll(async () => (await api.call<{ items: { external_id: string }[] }>("GET", "/identities?kind=team")).items.map((each) => each.external_id).sort()).toEqual(["North", "South"]);

  // They stand in the settings of the source, to be changed; what a spec reads is not taken away under it.
  await page.getByRole("tab", { name: "Settings" }).click();
  const settings = page.getByRole("region", { name: "Enrichments" });
  await settings.getByRole("button", { name: "Edit owner" }).click();
  await expect(settings.getByLabel("Path", { exact: true })).toHaveValue("/v1/users/{id}");
  await settings.getByLabel("Kept for").fill("0 s");
  await choose(page, settings.getByLabel("Try on"), "Received: d-");
  await settings.getByRole("button", { name: "Try enrichment" }).click();
  await expect(settings.getByRole("group", { name: "What owner is" }).first()).toContainText("Found");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  await settings.getByRole("button", { name: "Remove team" }).click();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("the spec of the processor `Owners` reads `team`").first()).toBeVisible();
});
