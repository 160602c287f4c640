import type { Page } from "@playwright/test";

import { expect, test, withVendor } from "./fixtures";
import { playedDeal } from "./vendor";

test.use({ serverArguments: withVendor });

/** A provider of the played CRM, made by its form. */
async function made(page: Page, base: string): Promise<void> {
  await page.goto("/providers/new?type=played_crm");
  await page.getByLabel("Name", { exact: true }).fill("Sales CRM");
  await page.getByLabel("Address", { exact: true }).fill(base);
  await page.getByLabel("Client id").fill("app-1");
  await page.getByLabel("Client secret").fill("app-secret-1");
  await page.getByRole("button", { name: "Save provider" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Sales CRM" })).toBeVisible();
}

test("a provider is connected in the browser: denied, granted, taken back, and connected again", async ({ signedIn: page, vendor, server }) => {
  await vendor.deals([playedDeal(1), playedDeal(2)]);
  await vendor.accept();
  await made(page, vendor.base);

  // The person says no: it is said, and can be tried again.
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await page.getByRole("link", { name: "Deny" }).click();
  await expect(page.getByText("Access was not granted; the vendor says: The user said no")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Sales CRM" })).toBeVisible();
  await page.getByRole("button", { name: "Dismiss" }).click();
  await expect(page.getByText("It was not connected")).toHaveCount(0);

  // Granted, and the vendor gives no token for it: the page of the provider says that too.
  await vendor.fault("/token", { status: 400, body: { error: "invalid_client" } });
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await page.getByRole("link", { name: "Allow" }).click();
  await expect(page.getByText("It was not connected")).toBeVisible();
  await expect(page.getByText(/invalid_client/)).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Sales CRM" })).toBeVisible();
  await page.getByRole("button", { name: "Dismiss" }).click();

  // Yes: with a state that was made here, and a challenge whose verifier the vendor holds the exchange against.
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await page.getByRole("link", { name: "Allow" }).click();
  await expect(page.getByText("Connected", { exact: true })).toBeVisible();
  const consent = new URLSearchParams((await vendor.asked("/authorize")).at(-1)?.query);
  expect(consent.get("code_challenge_method")).toBe("S256");
  expect(consent.get("redirect_uri")).toBe(`${server.base}/oauth/callback`);
  const exchange = (await vendor.asked("/token")).at(-1)?.body ?? "";
  expect(new URLSearchParams(exchange).get("code_verifier")?.length).toBeGreaterThanOrEqual(43);

  // An answer that nobody asked for, and one that comes a second time, connect nothing.
  await page.goto("/oauth/callback?state=made-up&code=code-9");
  await expect(page.getByText("It was not connected")).toBeVisible();
  await page.goto(`/oauth/callback?state=${consent.get("state")}&code=code-1`);
  await expect(page.getByText("It was not connected")).toBeVisible();

  // One click makes source, processor and link, and the first run makes the records.
  await page.goto("/providers");
  await page.getByRole("link", { name: "Sales CRM" }).click();
  await page.getByRole("button", { name: "Ready-made", exact: true }).click();
  await page.getByRole("button", { name: "Use Won deals" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Deals" })).toBeVisible();
  await expect(page.getByRole("switch", { name: "Won deals runs on this source" })).toBeChecked();
  const source = page.url();
  await page.goto("/records/activities");
  const first = page.getByRole("row", { name: /won\|d-1/ });
  await expect(first).toContainText("Deal won");
  await expect(first).toContainText("Jonas Example");
  await expect(page.getByRole("row", { name: /won\|d-2/ })).toContainText("200");

  // Access is taken back at the vendor: it shows wherever one looks.
  await vendor.revoke();
  await vendor.deals([playedDeal(1), playedDeal(2), playedDeal(3)]);
  await page.goto(source);
  await page.getByRole("button", { name: "Run now" }).click();
  await page.getByRole("tab", { name: "Runs" }).click();
  await expect(page.getByRole("row", { name: /^Failed/ })).toBeVisible();
  await page.goto("/");
  await page.getByRole("link", { name: /Sales CRM needs reconnecting/ }).click();
  await expect(page.getByText("The credentials stopped working")).toBeVisible();
  await page.goto("/providers");
  await expect(page.getByRole("row", { name: /Sales CRM/ })).toContainText("Needs reconnecting");

  // Connected again, it goes on where it stopped.
  await page.getByRole("link", { name: "Sales CRM" }).click();
  await page.getByRole("button", { name: "Reconnect" }).click();
  await page.getByRole("link", { name: "Allow" }).click();
  await expect(page.getByText("Connected", { exact: true })).toBeVisible();
  await expect(page.getByText("The credentials stopped working")).toHaveCount(0);
  await page.goto(source);
  await page.getByRole("button", { name: "Run now" }).click();
  await page.goto("/records/activities");
  await expect(page.getByRole("row", { name: /won\|d-3/ })).toContainText("300");
  await expect(page.getByRole("row", { name: /won\|/ })).toHaveCount(3);
});
