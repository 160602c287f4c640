import { readFile } from "node:fs/promises";

import { type Json, type JsonObject, parseJson, printJson } from "../src/core/json";
import { buildByKeyboard, cards, checked, inspector, meaning, open, prepare, records, select, send, stack } from "./builder-driver";
import { type Api, expect, test } from "./fixtures";

const text = (value: string) => ({ type: "literal", value });
const variable = (path: string) => ({ type: "var", var: path });
const joined = (...parts: JsonObject[]) => ({ type: "concat", arguments: parts });

const activity = (id: string, kind: string): JsonObject => ({
  id,
  type: "upsert_activity",
  external_id: joined(text(`${id}|`), variable("event.call.id")),
  activity_type: text(kind),
  agent_external_identity: variable("agent"),
  moment: { type: "parse_timestamp", value: variable("event.call.started_at") },
});

const spec = (...instructions: JsonObject[]) => ({
  format: 1,
  source_model: { type: "call_event", var: "event" },
  instructions: [{ id: "user", type: "upsert_agent_external_identity", external_id: variable("event.call.user.id"), return_as: "agent" }, ...instructions],
});

const saved = async (api: Api, processor: string): Promise<{ version: number; spec: Json }> => {
  const found = await api.call<{ version: number; spec: Json }>("GET", `/processors/${processor}/spec`);
  return { version: found.version, spec: parseJson(printJson(found.spec)) };
};

test("what a draft would change is listed before it is saved", async ({ signedIn: page, api }) => {
  const made = await prepare(api, "call_event", "Previewed");
  await api.tagged("PUT", `/processors/${made.processor}/spec`, { spec: spec(activity("kept", "One"), activity("gone", "Other")) });
  await api.call("POST", "/links", { source: made.source, processor: made.processor, constants: {} });
  await send(made.url, { ...records.call_event, event_id: "evt_previewed" });
  await expect
    .poll(async () => (await api.call<{ items: { status: string }[] }>("GET", `/executions?processor=${made.processor}`)).items.map((each) => each.status))
    .toContain("succeeded");

  await open(page, made.processor);
  await select(page, "gone");
  await page.keyboard.press("Control+/");
  await select(page, "kept");
  const line = inspector(page).locator('textarea[data-slot="/activity_type"]');
  await line.fill('"Two"');
  await line.press("Escape");
  await select(page, "gone");
  await buildByKeyboard(page, [activity("fresh", "Three")], undefined);
  await checked(page);
  await page.getByRole("button", { name: "Preview impact" }).click();
  const dialog = page.getByRole("dialog", { name: "Preview impact" });
  await expect(dialog.getByRole("region", { name: "Would appear" })).toContainText("fresh|call_1");
  const change = dialog.getByRole("region", { name: "Would change" });
  await expect(change).toContainText("kept|call_1");
  await expect(change).toContainText("One");
  await expect(change).toContainText("Two");
  await expect(dialog.getByRole("region", { name: "Would vanish" })).toContainText("gone|call_1");

  // Nothing of it was written, and nothing was saved.
  expect((await saved(api, made.processor)).version).toBe(1);
  const activities = await api.call<{ items: { external_id: string; fields?: unknown }[] }>("GET", "/records/activities");
  expect(activities.items.map((each) => each.external_id).sort()).toEqual(["gone|call_1", "kept|call_1"]);
});

test("a spec goes out as a file and comes in again elsewhere", async ({ signedIn: page, api }) => {
  const one = await prepare(api, "call_event", "Exported");
  await api.tagged("PUT", `/processors/${one.processor}/spec`, { spec: spec(activity("a", "Called")) });
  const other = await api.call<{ id: string }>("POST", "/processors", { name: "Imported", model: "call_event" });
  await open(page, one.processor);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Export the spec" }).click();
  const file = await (await download).path();
  const exported = await readFile(file, "utf8");
  expect(meaning(parseJson(exported))).toEqual(meaning((await saved(api, one.processor)).spec));

  await open(page, other.id);
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Import a spec" }).click();
  const dialog = page.getByRole("dialog", { name: "Import a spec" });
  // What cannot be read says why, and is not taken.
  await dialog.getByLabel("Spec as JSON").fill('{"instructions": 7}');
  await expect(dialog.getByRole("alert")).toContainText("This is no spec");
  await expect(dialog.getByRole("button", { name: "Import", exact: true })).toBeDisabled();
  await dialog.getByLabel("Spec file").setInputFiles(file);
  await expect(dialog).toContainText("Called");
  await dialog.getByRole("button", { name: "Import", exact: true }).click();
  await expect.poll(() => cards(page)).toEqual(["user", "a"]);
  await page.keyboard.press("Control+z");
  await expect.poll(() => cards(page)).toEqual([]);
  await page.keyboard.press("Control+Shift+z");
  await checked(page);
  await page.keyboard.press("Control+s");
  await expect(page.getByText("Saved as version 1")).toBeVisible();
  expect(meaning((await saved(api, other.id)).spec)).toEqual(meaning(parseJson(exported)));
});

test("an earlier version is told in words, and restored", async ({ signedIn: page, api }) => {
  const made = await prepare(api, "call_event", "Restored");
  const first = spec(activity("a", "Called"), activity("b", "Rung"));
  await api.tagged("PUT", `/processors/${made.processor}/spec`, { spec: first, note: "How it began" });
  await api.tagged("PUT", `/processors/${made.processor}/spec`, { spec: spec(activity("a", "Phoned")), note: "Shorter" });
  await open(page, made.processor);
  await page.getByRole("button", { name: "History of versions" }).click();
  const dialog = page.getByRole("dialog", { name: "History" });
  await expect(dialog.getByRole("list", { name: "Versions" })).toContainText("How it began");
  // What the second changed, in words and by card.
  await expect(dialog).toContainText(/Called/);
  await expect(dialog).toContainText(/Phoned/);
  await expect(dialog).toContainText(/Rung/);
  await dialog.getByRole("button", { name: /^Version 1/ }).click();
  await dialog.getByRole("tab", { name: "To your draft" }).click();
  await dialog.getByRole("button", { name: "Restore version 1" }).click();
  await expect.poll(() => cards(page)).toEqual(["user", "a", "b"]);
  await checked(page);
  await page.keyboard.press("Control+s");
  await expect(page.getByText("Saved as version 3")).toBeVisible();
  expect(meaning((await saved(api, made.processor)).spec)).toEqual(meaning(parseJson(JSON.stringify(first))));
});

test("instructions are copied in one processor and pasted in another", async ({ signedIn: page, api }) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const made = await prepare(api, "call_event", "Copied from");
  await api.tagged("PUT", `/processors/${made.processor}/spec`, { spec: spec(activity("a", "Called")) });
  const other = await api.call<{ id: string }>("POST", "/processors", { name: "Pasted into", model: "call_event" });
  await api.tagged("PUT", `/processors/${other.id}/spec`, { spec: spec() });
  await open(page, made.processor);
  await stack(page).focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Control+c");
  await expect(page.getByText("Copied 2 instructions")).toBeVisible();

  await open(page, other.id);
  await stack(page).focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Control+v");
  await expect(stack(page).locator("[data-card]")).toHaveCount(3);
  await checked(page);
  await page.keyboard.press("Control+s");
  await expect(page.getByText("Saved as version 2")).toBeVisible();
  // They came with names and ids of their own, and what refers to one of them refers to the copy.
  const { instructions } = (await saved(api, other.id)).spec as { instructions: JsonObject[] };
  expect(instructions.map((each) => each.type)).toEqual(["upsert_agent_external_identity", "upsert_agent_external_identity", "upsert_activity"]);
  expect(new Set(instructions.map((each) => each.id)).size).toBe(3);
  expect(instructions[1]?.return_as).not.toBe("agent");
  expect(instructions[2]?.agent_external_identity).toEqual({ type: "var", var: instructions[1]?.return_as });
  await page.keyboard.press("Control+z");
  await expect(stack(page).locator("[data-card]")).toHaveCount(1);
});
