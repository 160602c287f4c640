import { expect, test, withVendor } from "./fixtures";
import { look } from "./look";
import { playedDeal, polled } from "./vendor";

test.use({ serverArguments: withVendor });

test("a vendor that is down or sends half an answer: it is seen, and goes on by itself where it stopped", async ({ signedIn: page, api, vendor }) => {
  await vendor.deals([1, 2, 3, 4, 5].map((number) => playedDeal(number)));
  // Down from the start, but for the first page: what was read before stays.
  await vendor.fault("/v1/deals?page=2", { status: 503, headers: { "Retry-After": "0" }, body: { message: "under repair" } }, 5);
  const source = await polled(api, vendor.base);
  await page.goto(`/sources/${source.id}?tab=runs`);
  const runs = page.getByRole("table", { name: "Runs" });
  const failed = runs.getByRole("row", { name: /^Failed/ });
  await expect(failed).toHaveCount(1);
  await expect(failed).toContainText("503");
  await page.goto("/");
  await page.getByRole("link", { name: /Shaky deals/ }).first().click();
  await expect(page.getByText("Failing").first()).toBeVisible();
  await expect(page.getByText(/^3 Jan/)).toBeVisible();

  expect(await look(page, "source-failing")).toEqual([]);

  // It is there again, though the first answers break off in the middle: half a body is not taken for a whole one. What was missing comes, nothing comes
  // twice, and the trouble is over.
  await vendor.mend();
  await vendor.fault("/v1/deals", "half", 2);
  await page.getByRole("button", { name: "Run now" }).click();
  await expect(page.getByText("Healthy")).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/^5 Jan/)).toBeVisible();
  const ledger = await api.call<{ received: number; duplicate: number; balances: boolean }>("GET", `/sources/${source.id}/ledger`);
  expect(ledger).toMatchObject({ balances: true });
  expect(ledger.received - ledger.duplicate).toBe(5);
});

test("a vendor that is asked too often says for how long it wants to be left alone, and is", async ({ signedIn: page, api, vendor }) => {
  await vendor.deals([playedDeal(1)]);
  await vendor.fault("/v1/deals", { status: 429, headers: { "Retry-After": "600" }, body: { message: "slow down" } });
  const source = await polled(api, vendor.base);
  await page.goto(`/sources/${source.id}`);
  await expect(page.getByText("It fails")).toBeVisible();
  await expect(page.getByText(/429|slow down/).first()).toBeVisible();
  await expect(page.getByText(/in (9|10) min/)).toBeVisible();
  expect(await vendor.asked("/v1/deals")).toHaveLength(1);
  await expect(page.getByText(/The vendor asks to wait until \d\d:\d\d:\d\d/)).toBeVisible();
  expect(await look(page, "source-limited")).toEqual([]);

  // Run now waits for it, and says so; and whoever does not want to wait ends it.
  await page.getByRole("button", { name: "Run now" }).click();
  await expect(page.getByText(/It waits until \d\d:\d\d:\d\d, as the vendor asks/)).toBeVisible();
  await expect(page.getByRole("button", { name: /Waiting until \d\d:\d\d:\d\d/ })).toBeVisible();
  const progress = page.getByRole("status").filter({ hasText: "Waiting until" });
  await expect(progress).toContainText("429");
  expect(await look(page, "source-waiting")).toEqual([]);
  await page.getByRole("button", { name: "Stop waiting" }).click();
  await expect(progress).toHaveCount(0);
  await page.getByRole("tab", { name: "Runs" }).click();
  await expect(page.getByRole("table", { name: "Runs" }).getByRole("row", { name: /^Cancelled/ })).toBeVisible();
  expect(await vendor.asked("/v1/deals"), "nothing was asked meanwhile").toHaveLength(1);
});
