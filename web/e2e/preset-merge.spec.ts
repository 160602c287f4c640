import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Browser } from "@playwright/test";

import type { Json, JsonObject } from "../src/generated/api";

import { Api, expect, setUp, test } from "./fixtures";
import { look } from "./look";
import { Server } from "./server";

type Instruction = JsonObject & { id: string };
type Spec = { instructions: Instruction[]; constants: (JsonObject & { name: string })[] };
type Preset = { spec: Spec; constants: JsonObject };

async function change<T>(path: string, edit: (document: T) => void): Promise<void> {
  const document = JSON.parse(await readFile(path, "utf8")) as T;
  edit(document);
  await writeFile(path, JSON.stringify(document, null, 2));
}

const named = (spec: Spec, id: string): Instruction => {
  const found = spec.instructions.find((each) => each.id === id);
  if (!found) throw new Error(`no instruction ${id}`);
  return found;
};
const literal = (value: Json): JsonObject => ({ type: "literal", value });
const variable = (name: string): JsonObject => ({ type: "var", var: name });

/** A server with a folder of provider types of its own, and in it a processor that was made of a preset. */
async function madeOfPreset(browser: Browser) {
  const folder = await mkdtemp(join(tmpdir(), "salesdash-types-"));
  await cp(fileURLToPath(new URL("types", import.meta.url)), folder, { recursive: true });
  const type = join(folder, "played_crm");
  const more = ["--providers", folder];
  const before = await Server.start({ more });
  const session = await setUp(browser, before);
  const first = await browser.newContext({ baseURL: before.base, storageState: session });
  const api = new Api(await first.newPage(), before.base);
  const provider = await api.call<{ id: string }>("POST", "/providers", {
    type: "played_crm",
    name: "Sales CRM",
    settings: { base_url: "https://crm.example", client_id: "app-1" },
    credentials: { client_secret: "app-secret-1" },
  });
  const made = await api.call<{ processor: { id: string }; link: { id: string } }>("POST", "/presets", { provider: provider.id, preset: "won_deals" });
  return { folder, type, more, before, session, first, api, made };
}

test("a newer preset is merged with the customer's edits: shown, decided, saved, and then it is the one that the next is merged from", async ({ browser }) => {
  // A processor made of the preset, with edits: another type of activity, and an instruction of its own.
  const { folder, type, more, before, session, first, api, made } = await madeOfPreset(browser);
  const path = `/processors/${made.processor.id}`;
  const { spec } = await api.call<{ spec: Spec }>("GET", `${path}/spec`);
  named(spec, "won").activity_type = { type: "concat", arguments: [variable("won_label"), literal(" (mine)")] };
  spec.instructions.push({ id: "loud", type: "define_variable", note: "My own", value: variable("deal.title"), return_as: "loud" });
  await api.tagged("PUT", `${path}/spec`, { spec, note: "As we like it" });
  await first.close();
  await before.stop();

  // A newer one ships: what it reads of the model is new, a constant is new, the value of another has changed, and so has what was edited here.
  await change<{ models: { played_deal: { fields: JsonObject } } }>(join(type, "definition.json"), (definition) => {
    definition.models.played_deal.fields.currency = { type: "string", may_be_empty: true };
  });
  await change<Preset>(join(type, "presets", "won_deals.json"), (preset) => {
    preset.constants.won_label = "Won deal";
    preset.spec.constants.push({ name: "currency", type: "string", default: "EUR", description: "The currency of deals that name none." });
    preset.spec.instructions.splice(2, 0, {
      id: "currency",
      type: "define_variable",
      value: { type: "coalesce", arguments: [variable("deal.currency"), variable("currency")] },
      return_as: "deal_currency",
    });
    named(preset.spec, "won").activity_type = { type: "concat", arguments: [variable("won_label"), literal(" in "), variable("deal_currency")] };
    named(preset.spec, "won").value = { type: "coalesce", arguments: [variable("deal.amount"), literal(0)] };
  });
  const server = await Server.start({ data: before.data, listen: new URL(before.base).host, more });
  const context = await browser.newContext({ baseURL: server.base, storageState: session, viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(path);
  await expect(page.getByText("A newer “Won deals” is available")).toBeVisible();
  expect(await look(page, "preset-newer")).toEqual([]);
  await page.getByRole("link", { name: "See the difference" }).click();

  // What differs in words, what follows, and what has to be decided.
  const dialog = page.getByRole("dialog", { name: "A newer “Won deals”" });
  await expect(dialog.getByRole("region", { name: "Values of constants" })).toContainText("Won label Deal won → Won deal");
  await expect(dialog.getByText("1 conflict to decide")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Take the merge" })).toBeDisabled();
  await dialog.getByRole("tab", { name: "What changed in the preset" }).click();
  await expect(dialog.getByRole("tabpanel")).toContainText("Added");
  await dialog.getByRole("tab", { name: "What you changed" }).click();
  await expect(dialog.getByRole("tabpanel")).toContainText("loud");
  expect(await look(page, "preset-merge")).toEqual([]);
  await dialog.getByRole("radio", { name: /^Mine/ }).click();
  await dialog.getByRole("button", { name: "Take the merge" }).click();
  await expect(dialog).toHaveCount(0);

  // Undone, it is as it was; done again, it is saved with a note that says what it is.
  await page.keyboard.press("Control+z");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Nothing to save")).toBeVisible();
  await page.keyboard.press("Control+Shift+z");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Saved as version 3")).toBeVisible();

  const after = new Api(page, server.base);
  const saved = await after.call<{ spec: Spec; note: string }>("GET", `${path}/spec`);
  expect(saved.note).toBe("Merged with the newer “Won deals”");
  expect(saved.spec.instructions.map((each) => each.id)).toEqual(["not-won", "owner", "currency", "won", "loud"]);
  expect(named(saved.spec, "won").activity_type).toEqual({ type: "concat", arguments: [variable("won_label"), literal(" (mine)")] });
  expect(named(saved.spec, "won").value).toEqual({ type: "coalesce", arguments: [variable("deal.amount"), literal(0)] });
  expect(saved.spec.constants.map((each) => each.name)).toEqual(["won_label", "currency"]);
  const links = await after.call<{ links: { constants: JsonObject }[] }>("GET", `/sources/${(await after.call<{ items: { id: string }[] }>("GET", "/sources")).items[0]?.id}`);
  expect(links.links[0]?.constants).toEqual({ won_label: "Won deal", currency: "EUR" });

  // The notice is gone, and nothing is offered any more.
  await page.goto(path);
  await expect(page.getByText("Ready-made: Won deals")).toBeVisible();
  await expect(page.getByText(/A newer/)).toHaveCount(0);
  await context.close();
  await server.remove();
  await rm(folder, { recursive: true, force: true });
});

test("a newer preset that takes another record is installed beside, with what changes said", async ({ browser }) => {
  const { folder, type, more, before, session, first, made } = await madeOfPreset(browser);
  await first.close();
  await before.stop();

  // The one that ships now takes another record, of another poll.
  await change<{ models: { [name: string]: JsonObject }; polls: { [name: string]: JsonObject } }>(join(type, "definition.json"), (definition) => {
    definition.models.played_order = { ...(definition.models.played_deal as JsonObject), title: "Order" };
    definition.polls.orders = { ...(definition.polls.deals as JsonObject), title: "Orders", model: "played_order" };
  });
  await change<Preset & { polls: string[]; spec: { source_model: JsonObject } }>(join(type, "presets", "won_deals.json"), (preset) => {
    preset.polls = ["orders"];
    preset.spec.source_model = { ...preset.spec.source_model, type: "played_order" };
  });
  const server = await Server.start({ data: before.data, listen: new URL(before.base).host, more });
  const context = await browser.newContext({ baseURL: server.base, storageState: session, viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(`/processors/${made.processor.id}`);
  await expect(page.getByText("A newer “Won deals” is available, on another source")).toBeVisible();
  await expect(page.getByText("played_order")).toBeVisible();
  expect(await look(page, "preset-elsewhere")).toEqual([]);
  await page.getByRole("link", { name: "Install it beside this one" }).click();
  const dialog = page.getByRole("dialog", { name: "Won deals" });
  await expect(dialog.getByLabel("Runs on")).toContainText("New source: Orders");
  await dialog.getByRole("button", { name: "Make and link" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Orders" })).toBeVisible();
  // What was there goes on as it was.
  const after = new Api(page, server.base);
  const { items } = await after.call<{ items: { model: string; enabled: boolean }[] }>("GET", "/processors");
  expect(items.map((each) => each.model).sort()).toEqual(["played_deal", "played_order"]);
  expect(items.every((each) => each.enabled)).toBe(true);
  await context.close();
  await server.remove();
  await rm(folder, { recursive: true, force: true });
});
