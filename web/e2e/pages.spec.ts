import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import AxeBuilder from "@axe-core/playwright";

import { expect, test } from "./fixtures";
import { seed } from "./seed";

const artefacts = fileURLToPath(new URL("../../test-artefacts/pages/", import.meta.url));

/** Every page, with the heading that tells that it is there. `{name}` stands for what the seed made. */
const pages: { name: string; path: string; heading: string | RegExp }[] = [
  { name: "overview", path: "/", heading: "Overview" },
  { name: "providers", path: "/providers", heading: "Providers" },
  { name: "provider-new", path: "/providers/new", heading: "New provider" },
  { name: "provider", path: "/providers/{provider}", heading: "Our systems" },
  { name: "source", path: "/sources/{source}", heading: "Deals" },
  { name: "source-deliveries", path: "/sources/{source}?tab=deliveries", heading: "Deals" },
  { name: "source-runs", path: "/sources/{source}?tab=runs", heading: "Deals" },
  { name: "source-fields", path: "/sources/{source}?tab=fields", heading: "Deals" },
  { name: "source-settings", path: "/sources/{source}?tab=settings", heading: "Deals" },
  { name: "processors", path: "/processors", heading: "Processors" },
  { name: "processor-new", path: "/processors?new=1", heading: "Processors" },
  { name: "processor", path: "/processors/{processor}", heading: "Won deals" },
  { name: "executions", path: "/executions", heading: "Executions" },
  { name: "jobs", path: "/jobs", heading: "Jobs" },
  { name: "identities", path: "/identities", heading: "Unlinked identities" },
  ...["agents", "teams", "segments", "propositions"].map((kind) => ({ name: kind, path: `/data/${kind}`, heading: new RegExp(kind, "i") })),
  ...["activities", "sales", "calls", "anonymous_activities", "periods"].map((kind) => ({ name: kind, path: `/records/${kind}`, heading: new RegExp(kind.replace("_", " "), "i") })),
  { name: "settings-tenant", path: "/settings/tenant", heading: "Tenant" },
  { name: "settings-users", path: "/settings/users", heading: "Users" },
  { name: "settings-tokens", path: "/settings/tokens", heading: "API tokens" },
  { name: "settings-storage", path: "/settings/storage", heading: "Retention and disk" },
  { name: "settings-erasure", path: "/settings/erasure", heading: "Erase a contact" },
  { name: "settings-audit", path: "/settings/audit", heading: "Audit log" },
  { name: "settings-account", path: "/settings/account", heading: "Your account" },
];

for (const theme of ["light", "dark"] as const) {
  test(`every page is accessible and looks right, ${theme}`, async ({ signedIn: page, api, server }) => {
    const made = await seed(api, server);
    await mkdir(artefacts, { recursive: true });
    await page.addInitScript((chosen) => localStorage.setItem("salesdash.theme", chosen), theme);
    const found: string[] = [];
    for (const { name, path, heading } of pages) {
      await page.goto(path.replace(/\{(\w+)\}/, (_, what: keyof typeof made) => made[what]));
      await expect(page.getByRole("heading", { level: 1, name: heading, includeHidden: true })).toBeVisible();
      await expect(page.getByRole("status", { name: "Loading" })).toHaveCount(0);
      await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
      for (const [width, height] of [
        [1440, 900],
        [1024, 768],
      ] as const) {
        await page.setViewportSize({ width, height });
        await page.screenshot({ path: `${artefacts}${name}.${theme}.${width}.png` });
      }
      const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
      for (const violation of violations.filter((each) => each.impact === "serious" || each.impact === "critical")) {
        found.push(`${name}: ${violation.id}, ${violation.help}: ${violation.nodes.map((node) => node.target.join(" ")).join(" | ")}`);
      }
      // A page must not scroll sideways as a whole.
      expect.soft(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name} fits ${1024} pixels`).toBe(true);
    }
    expect(found).toEqual([]);
  });
}
