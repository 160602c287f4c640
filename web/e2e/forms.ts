import type { Locator, Page } from "@playwright/test";

/** Chooses in a select, by the beginning of what it offers. */
export async function choose(page: Page, control: Locator, option: string): Promise<void> {
  await control.click();
  await page
    .getByRole("option", { name: new RegExp(`^${option.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`) })
    .first()
    .click();
}
