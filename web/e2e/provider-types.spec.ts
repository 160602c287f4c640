import type { Field, ProviderType } from "../src/generated/api";

import { expect, test } from "./fixtures";
import { look } from "./look";

/** Something to fill in that is of the field's type. */
function filled(field: Field): string | undefined {
  if (field.type === "url") return field.example ?? "https://crm.example";
  if (field.type === "string" || field.type === "secret") return field.example ?? "abc123";
  return undefined;
}

test("every provider type has a form, a source and ready-made processors that can be looked at and are accessible", async ({ signedIn: page, api }) => {
  const { items: types } = await api.call<{ items: ProviderType[] }>("GET", "/provider-types");
  expect(types.length).toBeGreaterThanOrEqual(12);
  const found: string[] = [];
  const looked = new Set<string>();
  await page.setViewportSize({ width: 1440, height: 1100 });
  await page.goto("/providers/new");
  await expect(page.getByRole("listitem").filter({ hasText: "Salesforce" })).toBeVisible();
  found.push(...(await look(page, "types")));
  for (const type of types) {
    await page.goto(`/providers/new?type=${type.type}`);
    await expect(page.getByRole("heading", { level: 1, name: `New ${type.title} provider` })).toBeVisible();
    // What is needed and missing is said at its field.
    await page.getByRole("button", { name: "Save provider" }).click();
    const saved = page.getByRole("heading", { level: 1, name: type.title, exact: true });
    await expect(saved.or(page.getByText("This is needed").first())).toBeVisible();
    if (!(await saved.isVisible())) {
      found.push(...(await look(page, `type-${type.type}`)));
      for (const field of type.settings) {
        const control = page.getByLabel(field.title, { exact: true });
        const text = filled(field);
        if (text !== undefined && (await control.count()) === 1) await control.fill(text);
      }
      await page.getByRole("button", { name: "Save provider" }).click();
      await expect(saved).toBeVisible();
    }
    if (!looked.has("provider")) found.push(...(await look(page, `provider-${type.type}`)));
    looked.add("provider");
    for (const source of type.sources) {
      await page.getByRole("button", { name: "New source" }).first().click();
      const dialog = page.getByRole("dialog");
      if (type.sources.length > 1) {
        const row = dialog.getByRole("button", { name: new RegExp(`^${source.title.replace(/[()]/g, "\\$&")}.*${source.kind}$`) });
        await row.first().click();
      }
      await expect(dialog.getByRole("button", { name: "Create source" })).toBeVisible();
      // They are drawn by the same form: one of each kind tells whether it can be read by everybody.
      if (!looked.has(source.kind)) found.push(...(await look(page, `source-${type.type}-${source.kind}`)));
      looked.add(source.kind);
      await page.keyboard.press("Escape");
      await expect(dialog).toHaveCount(0);
    }
    if (type.presets.length === 0) continue;
    await page.getByRole("button", { name: "Ready-made", exact: true }).click();
    await expect(page.getByRole("dialog").getByRole("listitem")).toHaveCount(type.presets.length);
    if (!looked.has("presets")) found.push(...(await look(page, `presets-${type.type}`)));
    looked.add("presets");
    for (const preset of type.presets) {
      await page.getByRole("button", { name: `Look over ${preset.title}` }).click();
      // Each constant is explained.
      for (const constant of preset.constants) expect(constant.description, `${type.type}/${preset.name}: ${constant.name}`).toBeTruthy();
      await expect(page.getByRole("button", { name: "Make and link" })).toBeVisible();
      if (!looked.has("preset")) found.push(...(await look(page, `preset-${type.type}`)));
      looked.add("preset");
      await page.getByRole("button", { name: "Another one" }).click();
    }
    await page.keyboard.press("Escape");
  }
  expect(found).toEqual([]);
});

test("the systems that people ask for come with ready-made processors", async ({ api }) => {
  const { items: types } = await api.call<{ items: ProviderType[] }>("GET", "/provider-types");
  const presets = (type: string) => types.find((each) => each.type === type)?.presets.length ?? 0;
  for (const crm of ["gohighlevel", "hubspot", "pipedrive", "monday", "trello", "teamleader", "salesforce"]) expect(presets(crm), crm).toBeGreaterThanOrEqual(2);
  for (const phone of ["aircall", "voipgrid"]) expect(presets(phone), phone).toBeGreaterThanOrEqual(1);
});
