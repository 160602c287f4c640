import { expect, test, withVendor } from "./fixtures";
import { look } from "./look";
import { playedDeal, polled } from "./vendor";

test.use({ serverArguments: withVendor });

test("history is read beside the live cursor: watched, stopped, begun again, undone", async ({ signedIn: page, api, vendor }) => {
  await vendor.deals(Array.from({ length: 9 }, (_, at) => playedDeal(at + 1)));
  const source = await polled(api, vendor.base);
  await page.goto(`/sources/${source.id}`);
  await expect(page.getByText("Healthy")).toBeVisible();
  const cursor = async () => (await api.call<{ cursor: unknown }>("GET", `/sources/${source.id}/cursor`)).cursor;
  const live = await cursor();
  expect(JSON.stringify(live)).toContain("2026-01-09T09:00:00Z");

  const begin = async (from: string) => {
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Backfill from a date…" }).click();
    await page.getByRole("dialog").getByLabel("From").fill(from);
    await page.getByRole("dialog").getByRole("button", { name: "Start" }).click();
    await expect(page.getByRole("dialog")).toHaveCount(0);
  };

  // Watched while it stands on its second page, and stopped there.
  await vendor.hold("/v1/deals?page=2");
  await begin("2026-01-02T00:00");
  const progress = page.getByRole("status", { name: "Backfill" });
  await expect(progress).toContainText("1 page, 3 records");
  await expect(progress.getByRole("progressbar")).toBeVisible();
  expect(await look(page, "source-backfill")).toEqual([]);
  await progress.getByRole("button", { name: "Stop" }).click();
  await vendor.release();
  await expect(progress).toHaveCount(0);
  expect(await cursor()).toEqual(live);
  await page.goto("/jobs");
  await expect(page.getByRole("row", { name: /^Backfill Cancelled/ })).toBeVisible();

  // Begun again, it reads all of it; the live cursor has not moved.
  await page.goto(`/sources/${source.id}`);
  await vendor.deals(Array.from({ length: 9 }, (_, at) => ({ ...playedDeal(at + 1), title: `Changed ${at + 1}` })));
  await begin("2026-01-02T00:00");
  await page.getByRole("tab", { name: "Runs" }).click();
  await expect(page.getByRole("table", { name: "Runs" }).getByRole("row", { name: /^Succeeded ?Backfill/ })).toBeVisible();
  expect(await cursor()).toEqual(live);

  // Undone, with what that takes away said first.
  await page.goto("/jobs");
  const job = page.getByRole("row", { name: /^Backfill Finished/ });
  await expect(job).toContainText("100% read");
  await job.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("dialog")).toContainText(/\d+ records? that it alone brought/);
  expect(await look(page, "jobs-undo")).toEqual([]);
  await page.getByRole("dialog").getByRole("button", { name: "Undo the backfill" }).click();
  await expect(page.getByRole("row", { name: /^Backfill Undone/ })).toBeVisible();
  expect(await api.call("GET", `/sources/${source.id}/ledger`)).toMatchObject({ balances: true });
});

test("a backfill of a source that is paused says so, and goes on when it is resumed", async ({ signedIn: page, api, vendor }) => {
  await vendor.deals(Array.from({ length: 9 }, (_, at) => playedDeal(at + 1)));
  const source = await polled(api, vendor.base);
  await page.goto(`/sources/${source.id}`);
  await expect(page.getByText("Healthy")).toBeVisible();
  const begin = async () => {
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Backfill from a date…" }).click();
    const dialog = page.getByRole("dialog", { name: "Backfill from a date" });
    await dialog.getByLabel("From").fill("2026-01-02T00:00");
    await dialog.getByRole("button", { name: "Start" }).click();
  };
  await vendor.hold("/v1/deals?page=2");
  await begin();
  const progress = page.getByRole("status", { name: "Backfill" });
  await expect(progress).toContainText("1 page, 3 records");
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await vendor.release();
  await expect(progress).toContainText("Paused: backfill");
  await expect(progress).toContainText("The source is paused; the backfill goes on when it is resumed.");
  expect(await look(page, "source-backfill-paused")).toEqual([]);
  await page.getByRole("button", { name: "Resume", exact: true }).click();
  await expect(progress).toHaveCount(0);
  await page.getByRole("tab", { name: "Runs" }).click();
  await expect(page.getByRole("table", { name: "Runs" }).getByRole("row", { name: /^Succeeded ?Backfill/ })).toBeVisible();

  // One that is paused is not begun.
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await begin();
  await expect(page.getByRole("dialog", { name: "Backfill from a date" })).toContainText(/this source is paused; resume it first/i);
});
