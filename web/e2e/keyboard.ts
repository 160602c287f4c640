import { expect, type Locator, type Page } from "@playwright/test";

/** Moves the focus to something with the Tab key alone. Fails where that leads nowhere. */
export async function tabTo(page: Page, target: Locator, limit = 150): Promise<void> {
  await target.first().waitFor();
  for (let pressed = 0; pressed < limit; pressed += 1) {
    if (await target.first().evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${limit} times Tab, and the focus is not on ${target}`);
}

/** Presses what one has moved to with the Tab key. */
export async function press(page: Page, target: Locator, key = "Enter"): Promise<void> {
  await tabTo(page, target);
  await expect(target.first()).toBeFocused();
  await page.keyboard.press(key);
}

/** Types into a field that one has moved to with the Tab key, over what stands there. */
export async function type(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press("Control+a");
  await page.keyboard.type(text);
}
