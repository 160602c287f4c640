import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

/** Where screenshots go. */
export const artefacts = fileURLToPath(new URL("../../test-artefacts/pages/", import.meta.url));

/** What axe finds that is serious, in words. */
export async function violations(page: Page, without: readonly string[] = []): Promise<string[]> {
  const axe = new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]);
  for (const each of without) axe.exclude(each);
  const { violations: found } = await axe.analyze();
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
    // What fades is brought to its end first, also what begins to only now; what never ends is left alone.
    await page.evaluate(async () => {
      for (let frame = 0; frame < 3; frame += 1) {
        for (const each of document.getAnimations()) if (each.effect?.getComputedTiming().endTime !== Infinity) each.finish();
        await new Promise(requestAnimationFrame);
      }
    });
    await page.screenshot({ path: `${artefacts}${name}.${theme}.png` });
    // What was said a moment ago comes and goes by itself, and would be caught half faded.
    found.push(...(await violations(page, ["[data-toasts]"])).map((each) => `${name}, ${theme}: ${each}`));
  }
  await page.evaluate((chosen) => {
    if (chosen) document.documentElement.dataset.theme = chosen;
  }, before);
  return found;
}
