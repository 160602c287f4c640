import { expect, test } from "./fixtures";
import { look } from "./look";

test("a file is dropped on a source: its rows become records, and a faulty one is named with what is wrong", async ({ signedIn: page }) => {
  await page.goto("/providers/new?type=file");
  await page.getByLabel("Name", { exact: true }).fill("History");
  await page.getByRole("button", { name: "Save provider" }).click();
  await page.getByRole("button", { name: "New source" }).first().click();
  await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("Old deals");
  await page.getByRole("dialog").getByRole("button", { name: "Create source" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Old deals" })).toBeVisible();

  const give = async (name: string, content: string) => {
    await page.getByRole("button", { name: "Import a file" }).first().click();
    await page.getByRole("dialog").locator("input[type=file]").setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(content) });
    await page.getByRole("dialog").getByRole("button", { name: "Import", exact: true }).click();
    await expect(page.getByRole("dialog")).toHaveCount(0);
  };
  const runs = page.getByRole("table", { name: "Runs" });

  // CSV, as a Dutch spreadsheet writes it, with a row that has a field too many.
  await give("deals.csv", "id;amount;closed_at\nd-1;100;2026-01-01T10:00:00Z\nd-2;200;2026-01-02T10:00:00Z;what\nd-3;300;2026-01-03T10:00:00Z\n");
  await expect(runs.getByRole("row")).toHaveCount(2);
  const first = runs.getByRole("row").nth(1);
  await expect(first).toContainText("Line 3: this line has 4 fields, and the first line names 3.");
  await expect(first.getByRole("cell").nth(4)).toHaveText("1");

  // NDJSON, one line of it broken and one that is no record. Everything that a run says is beside it.
  await give("deals.ndjson", '{"id":"d-4","amount":"400"}\n{"id":"d-5","amount":}\n"d-6"\n{"id":"d-7","amount":"700"}\n');
  await expect(runs.getByRole("row")).toHaveCount(3);
  await runs.getByRole("row").nth(1).click();
  const run = page.getByRole("complementary", { name: "Run" });
  await expect(run.getByRole("listitem")).toHaveCount(2);
  await expect(run.getByRole("listitem").first()).toContainText(/^Line 2: /);
  await expect(run.getByRole("listitem").nth(1)).toHaveText("Line 3: this is a string, not an object.");
  await expect(run.getByRole("definition").filter({ hasText: "4 records" })).toBeVisible();
  expect(await look(page, "source-run")).toEqual([]);

  // What no reader knows is refused before anything is taken.
  await page.getByRole("button", { name: "Import a file" }).first().click();
  await page.getByRole("dialog").locator("input[type=file]").setInputFiles({ name: "deals.xlsx", mimeType: "application/octet-stream", buffer: Buffer.from("PK") });
  await page.getByRole("dialog").getByRole("button", { name: "Import", exact: true }).click();
  await expect(page.getByRole("dialog").getByText(/\.csv/).first()).toBeVisible();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();

  // The fields were inferred from the rows.
  await page.getByRole("tab", { name: "Fields" }).click();
  await expect(page.getByRole("combobox", { name: "Type of closed_at" })).toContainText("datetime");
});
