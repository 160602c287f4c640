import type { Locator, Page } from "@playwright/test";

import { expect, test, withVendor } from "./fixtures";
import { press, tabTo, type } from "./keyboard";
import { playedDeal } from "./vendor";

test.use({ serverArguments: withVendor });

/** Chooses in a select that one has moved to with the Tab key, by typing the beginning of what it offers. */
async function pick(page: Page, control: Locator, option: string): Promise<void> {
  await press(page, control);
  await expect(page.getByRole("listbox")).toBeVisible();
  await page.keyboard.type(option.slice(0, 8));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("listbox")).toHaveCount(0);
  await expect(control).toContainText(option);
}

test("a provider is set up by keyboard alone: type, form, test, source with Try and related data, preset, backfill", async ({ signedIn: page, api, vendor }) => {
  await vendor.deals(Array.from({ length: 7 }, (_, at) => playedDeal(at + 1)));
  await vendor.table("users", [{ id: "u-1", name: "Femke Example" } as { id: string }, { id: "u-2", name: "Jonas Example" } as { id: string }]);
  await page.goto("/providers");
  await page.getByRole("heading", { level: 1, name: "Providers" }).waitFor();

  // The type, the form, what is wrong in it, the test.
  await page.keyboard.press("n");
  await press(page, page.getByRole("button", { name: /^HTTP API/ }));
  await expect(page.getByLabel("Name", { exact: true })).toBeFocused();
  await page.keyboard.type("Our CRM");
  await page.keyboard.press("Enter");
  await expect(page.getByText("This is needed").first()).toBeVisible();
  await expect(page.getByLabel("Base URL"), "the first that is wrong").toBeFocused();
  await page.keyboard.type(vendor.base);
  await pick(page, page.getByLabel("How requests prove who asks"), "They do not");
  await type(page, page.getByLabel("Address to test with"), "/v1/me");
  await press(page, page.getByRole("button", { name: "Test connection" }), "Space");
  await expect(page.getByText("It works", { exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: "Test connection" }), "the focus stays").toBeFocused();
  await press(page, page.getByRole("button", { name: "Save provider" }));
  await expect(page.getByRole("heading", { level: 1, name: "Our CRM" })).toBeVisible();

  // The source: a try, what it offers, related data with a try of its own.
  await page.keyboard.press("n");
  const dialog = page.getByRole("dialog", { name: /^New source/ });
  await expect(dialog.getByLabel("Name", { exact: true })).toBeFocused();
  await page.keyboard.type("Deals");
  await type(page, dialog.getByLabel("Source model"), "crm_deal");
  await type(page, dialog.getByLabel("Path", { exact: true }), "/v1/deals");
  await type(page, dialog.getByLabel("Query parameter: key 1"), "page");
  await type(page, dialog.getByLabel("Query parameter: value 1"), "{page}");
  const absent = dialog.getByRole("checkbox", { name: "The answer may leave the list out" });
  await press(page, absent, "Space");
  await expect(absent).toBeChecked();
  await page.keyboard.press("Space");
  await pick(page, dialog.getByLabel("Pages", { exact: true }), "Numbered pages");
  await type(page, dialog.getByLabel("Records on a page"), "3");
  await press(page, dialog.getByRole("button", { name: "Try", exact: true }));
  await expect(dialog.getByText("data.items is a list: are the records there?")).toBeVisible();
  await press(page, dialog.getByRole("button", { name: "Use it" }));
  await expect(dialog.getByLabel("Where the records are")).toHaveValue("data.items");
  await press(page, dialog.getByRole("button", { name: "Try", exact: true }));
  await expect(dialog.getByText("3 records on the first page, and there are more")).toBeVisible();
  await press(page, dialog.getByRole("button", { name: "Add enrichment" }));
  const enrichments = dialog.getByRole("region", { name: "Enrichments" });
  await expect(enrichments.getByLabel("Name of the enrichment"), "one goes on in the new one").toBeFocused();
  await page.keyboard.type("seller");
  await tabTo(page, enrichments.getByLabel("Fetched by"));
  await page.keyboard.type("owner.id");
  await page.keyboard.press("Enter");
  await expect(enrichments.getByLabel("Fetched by")).toHaveValue("owner.id");
  await type(page, enrichments.getByLabel("Path", { exact: true }), "/v1/users/{id}");
  await type(page, enrichments.getByLabel("Where it is in the answer"), "data");
  await press(page, enrichments.getByRole("button", { name: "Try enrichment" }));
  await expect(enrichments.getByText("Found")).toBeVisible();
  await press(page, dialog.getByRole("button", { name: "Create source" }));
  await expect(page.getByRole("heading", { level: 1, name: "Deals" })).toBeVisible();
  const source = page.url();
  await expect(page.getByText("Healthy")).toBeVisible();

  // The backfill, from the menu; closed with Escape, the focus is where it was.
  await press(page, page.getByRole("button", { name: "More", exact: true }));
  await page.keyboard.type("Backfill");
  await page.keyboard.press("Enter");
  const backfill = page.getByRole("dialog", { name: "Backfill from a date" });
  await expect(backfill.getByLabel("From")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(backfill).toHaveCount(0);
  await expect(page.getByRole("button", { name: "More", exact: true })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.type("Backfill");
  await page.keyboard.press("Enter");
  await expect(backfill.getByLabel("From")).toBeFocused();
  // Month, day, year, hour, minute, half of the day: as the control has them.
  await page.keyboard.type("01022026");
  await page.keyboard.press("Tab");
  await page.keyboard.type("1200AM");
  await press(page, backfill.getByRole("button", { name: "Start" }));
  await expect(backfill).toHaveCount(0);
  await expect.poll(async () => (await api.call<{ items: { kind: string; verdict: string }[] }>("GET", `/sources/${source.split("/").at(-1)}/runs`)).items.filter((run) => run.kind === "backfill").map((run) => run.verdict)).toEqual(["succeeded"]);

  // The tabs, and the log of runs.
  await tabTo(page, page.getByRole("tab", { name: "Summary" }));
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("tab", { name: "Runs" })).toHaveAttribute("aria-selected", "true");
  await tabTo(page, page.getByRole("table", { name: "Runs" }).locator("[data-list-row][tabindex='0']"));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("complementary", { name: "Run" })).toBeVisible();
});

test("a ready-made processor is looked over and made by keyboard alone", async ({ signedIn: page, api, vendor }) => {
  await vendor.deals([playedDeal(1)]);
  const provider = await api.call<{ id: string }>("POST", "/providers", {
    type: "played_crm",
    name: "Sales CRM",
    settings: { base_url: vendor.base, client_id: "app-1" },
    credentials: { client_secret: "app-secret-1" },
  });
  await page.goto(`/providers/${provider.id}`);
  await press(page, page.getByRole("button", { name: "Ready-made", exact: true }));
  await press(page, page.getByRole("button", { name: "Look over Won deals" }));
  const dialog = page.getByRole("dialog", { name: "Won deals" });
  await type(page, dialog.getByLabel("Won label"), "Won by keyboard");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Deals" })).toBeVisible();
  await expect(page.getByRole("switch", { name: "Won deals runs on this source" })).toBeChecked();
  await press(page, page.getByRole("button", { name: "Constants" }));
  await expect(page.getByLabel("Won label")).toHaveValue("Won by keyboard");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Constants" }), "the focus is where it was").toBeFocused();
});
