import { mkdir } from "node:fs/promises";

import { expect, test } from "./fixtures";
import { artefacts, violations } from "./look";
import { failed, pages } from "./pages";
import { seed } from "./seed";

for (const theme of ["light", "dark"] as const) {
  test(`every page is accessible and looks right, ${theme}`, async ({ signedIn: page, api, server }) => {
    const made = { ...(await seed(api, server)), execution: await failed(api) };
    await mkdir(artefacts, { recursive: true });
    await page.addInitScript((chosen) => localStorage.setItem("salesdash.theme", chosen), theme);
    const found: string[] = [];
    for (const { name, path, heading } of pages) {
      await page.goto(path.replace(/\{(\w+)\}/, (_, what: keyof typeof made) => made[what]));
      await expect(page.getByRole("heading", { level: 1, name: heading, includeHidden: true })).toBeVisible();
      await expect(page.getByRole("status", { name: "Loading" })).toHaveCount(0);
      await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
      // Nothing of it could not be loaded.
      await expect(page.locator("[data-failed]"), `${name} is loaded whole`).toHaveCount(0);
      await expect(page.getByText(/could not be (loaded|shown|opened)/i)).toHaveCount(0);
      for (const [width, height] of [
        [1440, 900],
        [1024, 768],
      ] as const) {
        await page.setViewportSize({ width, height });
        await page.screenshot({ path: `${artefacts}${name}.${theme}.${width}.png` });
      }
      found.push(...(await violations(page)).map((each) => `${name}: ${each}`));
      // A page must not scroll sideways as a whole.
      expect.soft(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name} fits ${1024} pixels`).toBe(true);
    }
    expect(found).toEqual([]);
  });
}
