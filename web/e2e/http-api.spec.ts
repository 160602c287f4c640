import { expect, test, withVendor } from "./fixtures";
import { choose } from "./forms";
import { look } from "./look";
import { playedDeal } from "./vendor";

test.use({ serverArguments: withVendor });

test("any JSON API is polled by filling in a form: tried, saved, run, looked at, rewound", async ({ signedIn: page, api, vendor }) => {
  await vendor.deals(Array.from({ length: 7 }, (_, at) => playedDeal(at + 1)));
  await vendor.accept("the-token");

  // The provider: what is missing is said, and the connection is tested before it is saved.
  await page.goto("/providers/new");
  await page.getByRole("button", { name: /^HTTP API/ }).click();
  await page.getByLabel("Name", { exact: true }).fill("Our CRM");
  await page.getByLabel("Base URL").fill(vendor.base);
  await page.getByLabel("Address to test with").fill("/v1/me");
  await page.getByLabel("Token", { exact: true }).fill("wrong");
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText("It does not work")).toBeVisible();
  await page.getByLabel("Token", { exact: true }).fill("the-token");
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText("It works", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Save provider" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Our CRM" })).toBeVisible();

  // The source: the request, where the records are, paging, what is new.
  await page.getByRole("button", { name: "New source" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill("Deals");
  await dialog.getByLabel("Source model").fill("crm_deal");
  await dialog.getByRole("button", { name: "Try", exact: true }).click();
  await expect(dialog.getByText("It begins with / and follows the base address")).toBeVisible();
  await dialog.getByLabel("Path", { exact: true }).fill("/v1/deals");
  await dialog.getByLabel("Query parameter: key 1").fill("page");
  await dialog.getByLabel("Query parameter: value 1").fill("{page}");
  await dialog.getByRole("button", { name: "Add", exact: true }).first().click();
  await dialog.getByLabel("Query parameter: key 2").fill("updated_since");
  await dialog.getByLabel("Query parameter: value 2").fill("{since}");
  await choose(page, dialog.getByLabel("Pages", { exact: true }), "Numbered pages");
  await dialog.getByLabel("Records on a page").fill("3");
  await choose(page, dialog.getByLabel("Only what changed"), "The API filters");
  await dialog.getByLabel("Field that says when it changed").fill("updated_at");

  // The first try takes the body for a record, and sees that there is a list in it; the second shows the records and what they hold.
  await dialog.getByRole("button", { name: "Try", exact: true }).click();
  await expect(dialog.getByText("data.items is a list: are the records there?")).toBeVisible();
  await dialog.getByRole("button", { name: "Use it" }).click();
  await expect(dialog.getByLabel("Where the records are")).toHaveValue("data.items");
  await dialog.getByRole("button", { name: "Try", exact: true }).click();
  await expect(dialog.getByText("3 records on the first page, and there are more")).toBeVisible();
  const fields = dialog.getByRole("table", { name: "Fields that were inferred" });
  await expect(fields.getByRole("row", { name: /updated_at/ })).toContainText("datetime");
  await expect(fields.getByRole("row", { name: /amount/ })).toContainText("number");

  expect(await look(page, "http-api-tried")).toEqual([]);

  // Saving it begins the first run, which is watched while it stands on the second page.
  await vendor.hold("/v1/deals?page=2");
  await dialog.getByRole("button", { name: "Create source" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Deals" })).toBeVisible();
  const progress = page.getByRole("status").filter({ hasText: "Running" });
  await expect(progress).toContainText("1 page, 3 records");
  await vendor.release();
  await expect(progress).toHaveCount(0);
  await expect(page.getByText(/^7 Jan/)).toBeVisible();

  // The log of runs, and Run now: from the cursor on, with what is known recognised.
  await page.getByRole("tab", { name: "Runs" }).click();
  const runs = page.getByRole("table", { name: "Runs" });
  await expect(runs.getByRole("row", { name: /^Succeeded/ })).toHaveCount(1);
  await expect(runs.getByRole("row", { name: /^Succeeded/ })).toContainText("7");
  await vendor.deals([...Array.from({ length: 7 }, (_, at) => playedDeal(at + 1)), playedDeal(8)]);
  await page.getByRole("button", { name: "Run now" }).click();
  await expect(runs.getByRole("row", { name: /^Succeeded/ })).toHaveCount(2);
  const asked = await vendor.asked("/v1/deals");
  expect(asked.at(-1)?.query).toContain("updated_since=2026-01-07T08");
  expect(asked.every((each) => each.headers.authorization === "Bearer the-token")).toBe(true);

  // Rewound to a date: read again from there, nothing twice.
  await page.getByRole("tab", { name: "Summary" }).click();
  await page.getByRole("button", { name: "Rewind" }).click();
  await page.getByRole("dialog").getByLabel("Back to").fill("2026-01-03T00:00");
  await page.getByRole("dialog").getByRole("button", { name: "Rewind", exact: true }).click();
  await expect(page.getByText("The cursor is set back")).toBeVisible();
  await page.getByRole("tab", { name: "Runs" }).click();
  await page.getByRole("button", { name: "Run now" }).click();
  await expect(runs.getByRole("row", { name: /^Succeeded/ })).toHaveCount(3);
  expect((await vendor.asked("/v1/deals")).some((each) => each.query.includes("updated_since=2026-01-02T"))).toBe(true);
  await page.getByRole("tab", { name: "Summary" }).click();
  await expect(page.getByText(/^8 Jan/)).toBeVisible();
  const ledger = await api.call<{ received: number; duplicate: number; balances: boolean }>("GET", `/sources/${new URL(page.url()).pathname.split("/").at(-1)}/ledger`);
  expect(ledger).toMatchObject({ balances: true });
  expect(ledger.received - ledger.duplicate).toBe(8);
});
