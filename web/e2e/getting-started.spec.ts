import { expect, type Page } from "@playwright/test";

import type { Json } from "../src/core/json";

import { buildByKeyboard, checked, declare, problems, stack } from "./builder-driver";
import { test } from "./fixtures";
import { MouseBuilder } from "./mouse-driver";
import { press, tabTo, type } from "./keyboard";
import { deal, spec } from "./seed";

/** A request as the external system sends it: it knows nothing but the URL. */
async function send(url: string, body: unknown): Promise<void> {
  const response = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  expect(response.status).toBe(202);
}

/** The spec in the Spec Builder: with the mouse alone, but for names and texts; or with the keyboard. */
async function buildSpec(page: Page, how: "mouse" | "keyboard"): Promise<void> {
  await expect(stack(page)).toBeVisible();
  const variable = page.getByLabel("Variable", { exact: true });
  await variable.fill("deal");
  await variable.press("Enter");
  await declare(page, spec.constants as readonly Json[]);
  const instructions = spec.instructions as unknown as readonly Json[];
  if (how === "mouse") await new MouseBuilder(page).build(instructions, {});
  else await buildByKeyboard(page, instructions, undefined);
  await checked(page);
  await expect(problems(page)).toHaveAttribute("data-errors", "0");
}

const url = (page: Page) => page.getByText(/\/hooks\//).first().textContent();

test("from nothing to a record, by mouse", async ({ signedIn: page }) => {
  // A provider
  await page.goto("/");
  await page.getByRole("link", { name: "New provider" }).click();
  await page.getByRole("button", { name: /^Webhooks/ }).click();
  await page.getByLabel("Name", { exact: true }).fill("Mouse CRM");
  await page.getByRole("button", { name: "Save provider" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Mouse CRM" })).toBeVisible();

  // A source
  await page.getByRole("button", { name: "New source" }).first().click();
  await page.getByRole("button", { name: /^Webhook/ }).click();
  await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("Mouse deals");
  await page.getByRole("button", { name: "Create source" }).click();
  await expect(page.getByText("Waiting for the first request")).toBeVisible();
  const address = (await url(page)) ?? "";
  await send(address, deal("1"));
  await expect(page.getByText("Waiting for the first request")).toHaveCount(0);
  await page.getByRole("tab", { name: "Fields" }).click();
  await expect(page.getByRole("combobox", { name: "Type of closed_at" })).toContainText("datetime");
  await expect(page.getByRole("combobox", { name: "Personal category of owner.email" })).toContainText("Email");

  // A processor
  await page.getByRole("link", { name: "Processors" }).click();
  await page.getByRole("button", { name: "New processor" }).first().click();
  await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("Mouse: won deals");
  await page.getByRole("combobox", { name: "Source model" }).click();
  await page.getByRole("option", { name: /mouse_deals/ }).click();
  await page.getByRole("button", { name: "Create processor" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Mouse: won deals" })).toBeVisible();

  // Its spec
  await page.getByRole("link", { name: "Open the Spec Builder" }).click();
  await buildSpec(page, "mouse");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Saved as version 1")).toBeVisible();

  // Enabling it: off and on again, as it is on from the start
  await page.getByRole("link", { name: "Mouse: won deals" }).click();
  await page.getByRole("button", { name: "Disable" }).click();
  await page.getByRole("button", { name: "Enable" }).click();
  await expect(page.getByRole("button", { name: "Disable" })).toBeVisible();

  // The link
  await page.getByRole("link", { name: "Providers" }).click();
  await page.getByRole("link", { name: "Mouse CRM" }).click();
  await page.getByRole("link", { name: /Mouse deals/ }).first().click();
  await page.getByRole("button", { name: "Link a processor" }).click();
  await page.getByRole("combobox", { name: "Link a processor" }).click();
  await page.getByRole("option", { name: /Mouse: won deals/ }).click();
  await page.getByLabel("Won label").fill("Deal | won by mouse");
  await page.getByRole("button", { name: "Link", exact: true }).click();
  await expect(page.getByRole("switch", { name: "Mouse: won deals runs on this source" })).toBeChecked();

  // A real request, and what it became
  await send(address, deal("2", "Jonas Berg"));
  await page.getByRole("link", { name: "Activities", exact: true }).click();
  const row = page.getByRole("row", { name: /won\|2/ });
  await expect(row).toContainText("Deal | won by mouse");
  await expect(row).toContainText("1,250.5");
  await row.getByRole("link", { name: "Execution" }).click();
  await expect(page).toHaveURL(/\/executions\/\d+/);
});

test("from nothing to a record, by keyboard alone", async ({ signedIn: page }) => {
  await page.goto("/providers");
  await page.getByRole("heading", { level: 1, name: "Providers" }).waitFor();

  // A provider
  await page.keyboard.press("n");
  await press(page, page.getByRole("button", { name: /^Webhooks/ }));
  await expect(page.getByLabel("Name", { exact: true })).toBeFocused();
  await page.keyboard.type("Keyboard CRM");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Keyboard CRM" })).toBeVisible();

  // A source
  await page.keyboard.press("n");
  await press(page, page.getByRole("button", { name: /^Webhook/ }));
  await expect(page.getByRole("dialog").getByLabel("Name", { exact: true })).toBeFocused();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("Keyboard deals");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Waiting for the first request")).toBeVisible();
  const address = (await url(page)) ?? "";
  await send(address, deal("1"));
  await expect(page.getByText("Waiting for the first request")).toHaveCount(0);

  // A processor for it, linked while it is made
  await press(page, page.getByRole("link", { name: /New processor for/ }));
  await expect(page.getByRole("dialog").getByLabel("Name", { exact: true })).toBeFocused();
  await page.keyboard.type("Keyboard: won deals");
  await expect(page.getByRole("checkbox", { name: "Link to Keyboard deals" })).toBeChecked();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Keyboard: won deals" })).toBeVisible();

  // Its spec
  await page.keyboard.press("e");
  await buildSpec(page, "keyboard");
  await page.keyboard.press("Control+s");
  await expect(page.getByText("Saved as version 1")).toBeVisible();

  // Its constants on the link
  await page.keyboard.press("Control+k");
  await page.keyboard.type("keyboard deals");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Keyboard deals" })).toBeVisible();
  await press(page, page.getByRole("button", { name: "Constants" }));
  await type(page, page.getByLabel("Won label"), "Deal | won by keyboard");
  await page.keyboard.press("Enter");
  await expect(page.getByText("1 constant")).toBeVisible();

  // A real request, and what it became
  await send(address, deal("2", "Amira Haddad"));
  await page.keyboard.press("g");
  await page.keyboard.press("v");
  const row = page.getByRole("row", { name: /Deal \| won by keyboard/ });
  await expect(row).toBeVisible();
  await tabTo(page, page.locator("[data-list-row][tabindex='0']"));
  await page.keyboard.press("Enter");
  await press(page, page.getByRole("complementary", { name: "Record" }).getByRole("link").first());
  await expect(page).toHaveURL(/\/executions\/\d+/);
});
