import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import AxeBuilder from "@axe-core/playwright";

import { expect, test } from "./fixtures";
import { deal, seed } from "./seed";

const artefacts = fileURLToPath(new URL("../../test-artefacts/erasure/", import.meta.url));

test("a contact is looked for, counted, confirmed and erased, and the trace says so", async ({ signedIn: page, api, server }) => {
  const made = await seed(api, server);
  const { url } = await api.call<{ url: string }>("GET", `/sources/${made.source}/address`);
  await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ ...deal("2000"), contact: { email: "robin.bos@example.com" } }) });
  await mkdir(artefacts, { recursive: true });
  const look = async (name: string) => {
    for (const theme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme: theme as "light" | "dark" });
      await page.screenshot({ path: `${artefacts}${name}.${theme}.png` });
    }
  };

  await page.goto("/settings/erasure");
  await page.getByLabel("Who it is").fill("Robin.Bos@example.com");
  await page.getByLabel("Reason").fill("a letter from robin.bos@example.com");
  await page.getByRole("button", { name: "Look for them" }).click();
  await expect(page.getByRole("alert")).toContainText("The reason names the contact");
  await page.getByLabel("Reason").fill("Request 2026-041");
  await page.getByRole("button", { name: "Look for them" }).click();
  await expect(page.getByRole("rowheader", { name: "Source models" })).toBeVisible();
  await look("found");
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter((each) => each.impact === "serious" || each.impact === "critical")).toEqual([]);
  await page.getByRole("button", { name: "Erase…" }).click();
  await expect(page.getByRole("dialog")).toContainText("1 source model of 1 source");
  await look("confirm");
  await page.getByRole("button", { name: "Erase 1 source model" }).click();
  await expect(page.getByRole("cell", { name: "Erased" })).toBeVisible();
  await look("erased");

  const { items } = await api.call<{ items: { id: string; key: string | null; at: string }[] }>("GET", "/executions?limit=1");
  await page.goto(`/executions/${items[0]?.id ?? ""}`);
  await expect(page.getByText("The contact that this was about asked to be forgotten")).toBeVisible();
  await expect(page.getByRole("button", { name: "Run again" })).toHaveCount(0);
  await look("trace");
});
