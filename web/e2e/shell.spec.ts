import { expect, test } from "./fixtures";
import { seed } from "./seed";

test("the palette finds pages and commands, and `?` shows the keys", async ({ signedIn: page }) => {
  await page.goto("/");
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: /Search for a page/ }).fill("execut");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Executions" })).toBeVisible();

  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(sheet.getByText("Follow live")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(sheet).toHaveCount(0);

  await page.keyboard.press("g");
  await page.keyboard.press("p");
  await expect(page.getByRole("heading", { level: 1, name: "Providers" })).toBeVisible();
});

test("the theme stays, and follows the palette", async ({ signedIn: page }) => {
  await page.goto("/");
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: /Search for a page/ }).fill("dark theme");
  await page.keyboard.press("Enter");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("an address that leads nowhere says so", async ({ signedIn: page }) => {
  await page.goto("/nowhere/at/all");
  await expect(page.getByText("There is no such page")).toBeVisible();
  await page.goto("/providers/424242");
  await expect(page.getByRole("alert")).toBeVisible();
});

test("j and k move in a list, Enter opens, x selects", async ({ signedIn: page, api, server }) => {
  await seed(api, server);
  await page.goto("/identities");
  const rows = page.locator("[data-list-row]");
  await expect(rows.first()).toBeVisible();
  await page.keyboard.press("j");
  await expect(rows.nth(0)).toBeFocused();
  await page.keyboard.press("j");
  await expect(rows.nth(1)).toBeFocused();
  await page.keyboard.press("x");
  await expect(rows.nth(1)).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("k");
  await expect(rows.nth(0)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toBeVisible();
});
