import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect, type Locator, type Page } from "@playwright/test";

import { Catalog, type CatalogDocument, type FieldMeta, humanize } from "../src/core/catalog";
import { print } from "../src/core/expression/print";
import { type Json, type JsonObject, isList, isObject, parseJson } from "../src/core/json";
import type { Api } from "./fixtures";

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");

export const catalog = new Catalog(JSON.parse(read("docs/reference/catalog.json")) as CatalogDocument);
export const demo = (name: "pipeline" | "calls"): JsonObject => parseJson(read(`crates/engine/src/demo/${name}.json`)) as JsonObject;
const models = (JSON.parse(read("crates/engine/src/demo/models.json")) as { models: Record<string, unknown> }).models;

/** Records of the demonstration's models: no real people. */
export const records = {
  opportunity_event: {
    event_id: "evt_1",
    event: "opportunity.updated",
    opportunity: {
      id: "opp_1",
      name: "Solar panels, Janssen",
      pipeline: "Residential",
      stage: "closed",
      status: "won",
      created_at: "2026-01-10T09:00:00Z",
      updated_at: "2026-02-01T12:00:00Z",
      lost_reason: null,
      owner: { id: "u1", name: "Sam Example", email: "sam@example.com", team: "North" },
      contact: { id: "c1", name: "Kim Janssen", email: "kim@example.com", phone: "+31612345678", city: "Utrecht" },
      products: [
        { sku: "PANEL", name: "Panels", amount: "1250.50" },
        { sku: "PUMP", name: "Heat pump", amount: "13958,-" },
      ],
    },
  },
  call_event: {
    event_id: "evt_2",
    call: {
      id: "call_1",
      direction: "inbound",
      status: "answered",
      started_at: 1767000000,
      duration: 120,
      number: "+31612345678",
      contact: "kim@example.com",
      user: { id: "u1", name: "Sam Example", email: "sam@example.com" },
    },
  },
};

export type Made = { source: string; processor: string; url: string; model: string };

/** A source of a model of the demonstration, whose first record was really sent, and a processor without instructions. */
export async function prepare(api: Api, model: keyof typeof records, name: string): Promise<Made> {
  const provider = await api.call<{ id: string }>("POST", "/providers", { type: "webhook", name: `${name} systems`, settings: {}, credentials: {} });
  const source = await api.call<{ id: string }>("POST", `/providers/${provider.id}/sources`, { name: `${name} source`, kind: "webhook", model, settings: {} });
  const { url } = await api.call<{ url: string }>("GET", `/sources/${source.id}/address`);
  await send(url, records[model]);
  await expect
    .poll(async () =>
      api.call("GET", `/models/${model}`).then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
  await api.tagged("PUT", `/models/${model}`, { edits: models[model] });
  const processor = await api.call<{ id: string }>("POST", "/processors", { name, model });
  return { source: source.id, processor: processor.id, url, model };
}

export async function send(url: string, body: unknown): Promise<void> {
  const response = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`the webhook answered ${response.status}: ${await response.text()}`);
}

export async function open(page: Page, processor: string): Promise<void> {
  await page.goto(`/processors/${processor}/spec`);
  await expect(page.getByRole("tree", { name: "Instructions" })).toBeVisible();
}

export const stack = (page: Page): Locator => page.getByRole("tree", { name: "Instructions" });
export const inspector = (page: Page): Locator => page.locator("[data-inspector]");
export const problems = (page: Page): Locator => page.getByRole("button", { name: /^Problems:/ });

/** The checker has answered to what is on the screen. */
export async function checked(page: Page): Promise<void> {
  await expect(problems(page)).toHaveAttribute("data-checking", "done");
}

/** The ids of the cards, from the top. */
export async function cards(page: Page): Promise<string[]> {
  return stack(page)
    .locator("[data-card]")
    .evaluateAll((elements) => elements.map((element) => element.getAttribute("data-card") ?? ""));
}

/** Builds the instructions of a list with the keyboard alone, behind what is selected or in a list of the selected block. */
export async function buildByKeyboard(page: Page, list: readonly Json[], inside: number | undefined): Promise<void> {
  for (const [at, instruction] of list.filter(isObject).entries()) {
    await stack(page).focus();
    // The first goes into its block, the others behind the one before.
    if (at > 0 || inside === undefined) await page.keyboard.press("a");
    else if (inside === 0) await page.keyboard.press("Shift+A");
    else {
      await page.keyboard.press("i");
      await page.keyboard.press(String(inside + 1));
    }
    await expect(page.getByRole("dialog").getByRole("searchbox")).toBeFocused();
    await page.keyboard.type(String(instruction.type).replaceAll("_", " "));
    await expect(page.getByRole("dialog").locator(`[data-at="0"][data-word="${String(instruction.type)}"]`)).toBeVisible();
    await page.keyboard.press("Enter");
    await expect(inspector(page)).toBeVisible();
    const id = await inspector(page).getAttribute("data-inspector");
    await fill(page, instruction);
    await expect(inspector(page)).toHaveAttribute("data-inspector", id ?? "");
    await nested(page, instruction, id ?? "");
  }
}

async function nested(page: Page, instruction: JsonObject, id: string): Promise<void> {
  const lists = catalog.instruction(String(instruction.type))?.fields.filter((field) => field.kind === "instructions") ?? [];
  for (const [at, field] of lists.entries()) {
    const list = instruction[field.name];
    if (!isList(list) || list.length === 0) continue;
    await buildByKeyboard(page, list, at);
    await backTo(page, id);
  }
  if (lists.length > 0) await stack(page).press("ArrowLeft");
}

/** Up to the block that one is in. */
async function backTo(page: Page, id: string): Promise<void> {
  await stack(page).focus();
  while ((await page.locator("[data-card][data-focused]").getAttribute("data-card")) !== id) {
    const before = await page.locator("[data-card][data-focused]").getAttribute("data-card");
    await page.keyboard.press("ArrowUp");
    await expect(page.locator("[data-card][data-focused]")).not.toHaveAttribute("data-card", before ?? "");
  }
}

export async function select(page: Page, id: string): Promise<void> {
  await page.locator(`[data-card="${id}"]`).click({ position: { x: 120, y: 12 } });
  await expect(inspector(page)).toHaveAttribute("data-inspector", id);
}

/** Fills the form of the selected instruction in, by typing. */
async function fill(page: Page, instruction: JsonObject): Promise<void> {
  const meta = catalog.instruction(String(instruction.type));
  const fields: FieldMeta[] = [...(meta?.fields ?? []), { name: "return_as", kind: "name", required: false, summary: "" }];
  for (const field of fields) {
    const value = instruction[field.name];
    if (value === undefined || field.kind === "instructions") continue;
    const more = inspector(page).getByRole("button", { name: humanize(field.name), exact: true });
    if (!field.required && field.kind === "expression" && (await more.count()) > 0) await more.click();
    if (field.kind === "expression") {
      const line = inspector(page).locator(`textarea[data-slot="/${field.name}"]`);
      await line.focus();
      await line.fill(print(value, catalog));
      await line.press("Escape");
      await line.press("Enter");
    } else if (field.kind === "name") {
      const line = inspector(page).locator(`input[data-slot="/${field.name}"]`);
      await line.fill(String(value));
      await line.press("Enter");
    } else {
      const box = inspector(page).getByRole("combobox", { name: humanize(field.name) });
      await box.fill(String(value));
      await page
        .getByRole("option", { name: new RegExp(humanize(String(value)), "i") })
        .first()
        .click();
    }
  }
  if (typeof instruction.note === "string") await inspector(page).getByLabel("Note").fill(instruction.note);
}

/** Declares the constants of a spec, in the panel on the left. */
export async function declare(page: Page, constants: readonly Json[]): Promise<void> {
  const part = page.getByRole("region", { name: "Constants" });
  for (const constant of constants.filter(isObject)) {
    await part.getByRole("button", { name: "Add a constant" }).click();
    await part.getByLabel("Name of the constant").fill(String(constant.name));
    await part.getByLabel("Name of the constant").press("Enter");
    await part.getByRole("combobox", { name: "Type of the constant" }).click();
    await page.getByRole("option", { name: humanize(String(constant.type)), exact: true }).click();
    const start = constant.default;
    const text = isObject(start)
      ? Object.entries(start)
          .map(([key, value]) => `${key} = ${String(value)}`)
          .join("\n")
      : String(start ?? "");
    await part.getByLabel(/^Default/).fill(text);
    await part.getByLabel("Description of the constant").fill(String(constant.description ?? ""));
  }
}

/** A spec without its ids, which the builder gives as it likes, and without what says nothing. */
export function meaning(value: Json): Json {
  if (isList(value)) return value.map(meaning);
  if (!isObject(value)) return value === null || typeof value === "boolean" || typeof value === "string" ? value : String(value);
  const entries = Object.entries(value)
    .filter(([key, inner]) => !(key === "id" && typeof value.type === "string") && !(key === "enrichments" && isList(inner) && inner.length === 0))
    .map(([key, inner]): [string, Json] => [key, meaning(inner)]);
  return Object.fromEntries(entries.toSorted(([one], [other]) => one.localeCompare(other)));
}
