import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

/** Where screenshots go. */
export const artefacts = fileURLToPath(new URL("../../test-artefacts/pages/", import.meta.url));

/** What axe finds that is serious, in words. */
export async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
  return found
    .filter((each) => each.impact === "serious" || each.impact === "critical")
    .map((each) => `${each.id}, ${each.help}: ${each.nodes.map((node) => node.target.join(" ")).join(" | ")}`);
}

/** Looks at what is open as it is, in both themes: a screenshot of each, and what axe finds. Nothing of the page is lost by it. */
export async function look(page: Page, name: string): Promise<string[]> {
  await mkdir(artefacts, { recursive: true });
  const before = await page.evaluate(() => document.documentElement.dataset.theme);
  const found: string[] = [];
  for (const theme of ["light", "dark"] as const) {
    await page.evaluate((chosen) => {
      document.documentElement.dataset.theme = chosen;
    }, theme);
    // What fades from one colour into another is brought to its end first; what never ends is left alone.
    await page.evaluate(() => {
      for (const each of document.getAnimations()) if (each.effect?.getComputedTiming().endTime !== Infinity) each.finish();
    });
    await page.screenshot({ path: `${artefacts}${name}.${theme}.png` });
    found.push(...(await violations(page)).map((each) => `${name}, ${theme}: ${each}`));
  }
  await page.evaluate((chosen) => {
    if (chosen) document.documentElement.dataset.theme = chosen;
  }, before);
  return found;
}
