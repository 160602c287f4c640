import AxeBuilder from "@axe-core/playwright";

import { type Json, parseJson, printJson } from "../src/core/json";
import { buildByKeyboard, cards, checked, declare, demo, inspector, meaning, open, prepare, problems, records, select, send, stack } from "./builder-driver";
import { type Api, admin, expect, test } from "./fixtures";
import { MouseBuilder } from "./mouse-driver";

const saved = async (api: Api, processor: string): Promise<Json> =>
  parseJson(printJson((await api.call<{ spec: Json }>("GET", `/processors/${processor}/spec`)).spec));

for (const [name, model] of [
  ["pipeline", "opportunity_event"],
  ["calls", "call_event"],
] as const) {
  test(`the ${name} integration of the demonstration is built from nothing`, async ({ signedIn: page, api }) => {
    const made = await prepare(api, model, `Built ${name}`);
    const wanted = demo(name);
    await open(page, made.processor);
    const variable = page.getByLabel("Variable", { exact: true });
    await variable.fill("event");
    await variable.press("Enter");
    await declare(page, wanted.constants as readonly Json[]);
    await buildByKeyboard(page, wanted.instructions as readonly Json[], undefined);
    await checked(page);
    await expect(problems(page)).toHaveAttribute("data-errors", "0");
    await page.keyboard.press("Control+s");
    await expect(page.getByText("Saved as version 1")).toBeVisible();
    expect(meaning(await saved(api, made.processor))).toEqual(meaning(wanted));

    // And it works: a record that is sent to the source is processed with it.
    await api.call("POST", "/links", { source: made.source, processor: made.processor, constants: {} });
    await send(made.url, { ...records[model], event_id: "evt_again" });
    await expect.poll(async () => (await api.call<{ items: unknown[] }>("GET", `/executions?processor=${made.processor}`)).items.length).toBeGreaterThan(0);
  });

  test(`the ${name} integration of the demonstration is built with the mouse alone`, async ({ signedIn: page, api }) => {
    const made = await prepare(api, model, `Clicked ${name}`);
    const wanted = demo(name);
    await open(page, made.processor);
    const variable = page.getByLabel("Variable", { exact: true });
    await variable.click({ clickCount: 3 });
    await page.keyboard.type("event");
    await declare(page, wanted.constants as readonly Json[]);
    await new MouseBuilder(page).build(wanted.instructions as readonly Json[], {});
    await checked(page);
    await expect(problems(page)).toHaveAttribute("data-errors", "0");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByText("Saved as version 1")).toBeVisible();
    expect(meaning(await saved(api, made.processor))).toEqual(meaning(wanted));
  });
}

test("a path into a record is chosen with the mouse alone, and with the keyboard alone", async ({ signedIn: page, api }) => {
  const made = await prepare(api, "opportunity_event", "Paths");
  await open(page, made.processor);
  const variable = page.getByLabel("Variable", { exact: true });
  await variable.click({ clickCount: 3 });
  await page.keyboard.type("event");
  const panel = { type: "find", list: { type: "var", var: "event.opportunity.products" }, field: "sku", equals: { type: "literal", value: "PANEL" } };
  await new MouseBuilder(page).build([{ type: "define_variable", value: { type: "get", value: panel, path: "amount" }, return_as: "price" }], {});
  await checked(page);
  await expect(problems(page)).toHaveAttribute("data-errors", "0");
  // The list says of what type each is; what is typed narrows it, and a path of one's own stays possible.
  const path = inspector(page).locator('input[data-slot="/value/path"]');
  await path.focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("sk");
  await expect(page.getByRole("option")).toHaveText(["skustring"]);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(path).toHaveValue("sku");
  await expect(page.getByRole("option")).toHaveCount(0);
  await checked(page);
  await expect(problems(page)).toHaveAttribute("data-errors", "0");
});

test("a failing sub-expression is found from the overview in three clicks, and mended", async ({ signedIn: page, api }) => {
  const made = await prepare(api, "opportunity_event", "Failing");
  await api.tagged("PUT", `/processors/${made.processor}/spec`, { spec: JSON.parse(printJson(demo("pipeline"))) as object });
  await api.call("POST", "/links", { source: made.source, processor: made.processor, constants: {} });
  await send(made.url, { ...records.opportunity_event, event_id: "evt_failing" });
  await expect
    .poll(async () => (await api.call<{ items: { status: string }[] }>("GET", `/executions?processor=${made.processor}`)).items[0]?.status)
    .toBe("partially_failed");
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  // One click to the executions, one to the failed one: it opens on what failed, with the value it was given.
  await page.getByRole("link", { name: "Executions", exact: true }).first().click();
  await page.getByText("cannot be read as a number").first().click();
  const trace = page.getByRole("tree", { name: "What happened" });
  await expect(trace).toBeVisible();
  await expect(inspector(page).getByText("13958,-").first()).toBeVisible();
  await expect(page.getByText("verified")).toBeVisible();
  await expect(page).toHaveURL(/instruction=.*path=1.*node=/);
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
  expect(
    violations
      .filter((each) => each.impact === "serious" || each.impact === "critical")
      .map((each) => `${each.id}: ${each.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`),
  ).toEqual([]);

  // The link opens exactly what is on the screen.
  const link = page.url();
  await page.goto("/");
  await page.goto(link);
  await expect(inspector(page).getByText("13958,-").first()).toBeVisible();
  const group = page.getByRole("group", { name: "Iterations" }).first();
  await expect(group).toContainText("2 of 2");
  await group.getByRole("button", { name: "Previous iteration" }).click();
  await expect(group).toContainText("1 of 2");
  await expect(inspector(page).getByText("1250.50").first()).toBeVisible();

  // Edit spec leads to the same instruction, with the record picked; mended, it is tried at once.
  await page.getByRole("button", { name: "Edit spec" }).click();
  await expect(stack(page)).toBeVisible();
  await page.getByRole("button", { name: "Edit Value as text" }).first().click();
  const line = inspector(page).locator('textarea[data-slot="/value"]');
  await line.fill('parse_number(string_replace(product.amount, ",-", ""))');
  await line.press("Escape");
  await line.press("Enter");
  await checked(page);
  await expect(page.getByRole("region", { name: "Record", exact: true })).toContainText("succeeded");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Saved as version 2")).toBeVisible();
});

test("what is left unsaved comes back after the tab was closed", async ({ signedIn: page, api }) => {
  const made = await prepare(api, "call_event", "Drafts");
  await open(page, made.processor);
  await buildByKeyboard(page, [{ type: "skip_record", reason: { type: "literal", value: "not yet" } }], undefined);
  await expect(page.getByText("unsaved")).toBeVisible();
  const context = page.context();
  await page.close({ runBeforeUnload: true });
  const again = await context.newPage();
  await again.goto(`/processors/${made.processor}/spec`);
  await expect(again.getByText("Your draft is back")).toBeVisible();
  await expect(stack(again).locator("[data-card]")).toHaveText(/Skip the record.*not yet/);
  await again.getByRole("button", { name: "Discard it" }).click();
  await expect(stack(again).locator("[data-card]")).toHaveCount(0);
  await again.keyboard.press("Control+z");
  await expect(stack(again).locator("[data-card]")).toHaveCount(1);
  await again.close();
});

test("two people edit one spec: both changes come together, and a conflict is decided", async ({ signedIn: page, api, server, session, browser }) => {
  const made = await prepare(api, "call_event", "Together");
  await api.tagged("PUT", `/processors/${made.processor}/spec`, {
    spec: {
      format: 1,
      source_model: { type: "call_event", var: "event" },
      instructions: [
        { id: "user", type: "upsert_agent_external_identity", external_id: { type: "var", var: "event.call.user.id" }, return_as: "agent" },
        { id: "skip", type: "skip_record", note: "Nothing", reason: { type: "literal", value: "done" } },
      ],
    },
  });
  await open(page, made.processor);
  const context = await browser.newContext({ baseURL: server.base, storageState: session });
  const other = await context.newPage();
  await open(other, made.processor);

  await select(other, "skip");
  await inspector(other).getByLabel("Note").fill("Theirs");
  await buildByKeyboard(other, [{ type: "define_variable", value: { type: "var", var: "event.call.status" }, return_as: "status" }], undefined);
  await other.keyboard.press("Control+s");
  await expect(other.getByText("Saved as version 2")).toBeVisible();
  await context.close();

  await select(page, "skip");
  await inspector(page).getByLabel("Note").fill("Mine");
  await select(page, "user");
  await inspector(page).getByRole("button", { name: "External name" }).click();
  const line = inspector(page).locator('textarea[data-slot="/external_name"]');
  await line.fill("event.call.user.name");
  await line.press("Escape");
  await page.keyboard.press("Control+s");
  const merge = page.getByRole("dialog", { name: /saved version 2 meanwhile/ });
  await expect(merge).toContainText(admin.name);
  await expect(merge.getByRole("button", { name: "Take the merge" })).toBeDisabled();
  await merge.getByRole("radio", { name: /Theirs/ }).click();
  await merge.getByRole("button", { name: "Take the merge" }).click();
  await expect(merge).toBeHidden();
  await checked(page);
  await page.keyboard.press("Control+s");
  await expect(page.getByText("Saved as version 3")).toBeVisible();
  const text = printJson(await saved(api, made.processor));
  expect(text).toContain('"note":"Theirs"');
  expect(text).toContain("define_variable");
  expect(text).toContain('"external_name":{"type":"var","var":"event.call.user.name"}');
});

test("every drag has its twin on the keyboard", async ({ signedIn: page, api }) => {
  const made = await prepare(api, "call_event", "Moving");
  const skip = (id: string) => ({ id, type: "skip_record", reason: { type: "literal", value: id } });
  await api.tagged("PUT", `/processors/${made.processor}/spec`, {
    spec: {
      format: 1,
      source_model: { type: "call_event", var: "event" },
      instructions: [skip("a"), { id: "if", type: "if_else", condition: { type: "literal", value: true }, then: [skip("b")] }, skip("c")],
    },
  });
  await open(page, made.processor);
  expect(await cards(page)).toEqual(["a", "if", "b", "c"]);

  // With the mouse: c into the block, before b.
  await page.locator('[data-card="c"]').dragTo(page.locator('[data-card="b"]'), { sourcePosition: { x: 200, y: 12 }, targetPosition: { x: 200, y: 4 } });
  await expect.poll(() => cards(page)).toEqual(["a", "if", "c", "b"]);
  await expect(page.locator('[data-card="c"]')).toHaveAttribute("aria-level", "2");
  await page.keyboard.press("Control+z");
  await expect.poll(() => cards(page)).toEqual(["a", "if", "b", "c"]);

  // The same with the keyboard: in, up.
  await select(page, "c");
  await page.keyboard.press("Alt+ArrowRight");
  await expect(page.locator('[data-card="c"]')).toHaveAttribute("aria-level", "2");
  await page.keyboard.press("Alt+ArrowUp");
  await expect.poll(() => cards(page)).toEqual(["a", "if", "c", "b"]);
  await page.keyboard.press("Alt+ArrowLeft");
  await expect.poll(() => cards(page)).toEqual(["a", "if", "b", "c"]);
  await expect(page.locator('[data-card="c"]')).toHaveAttribute("aria-level", "1");

  // A variable into a field: dragged, and typed.
  await select(page, "a");
  const slot = inspector(page).locator('[data-node="/reason"]');
  await page.getByRole("button", { name: "Show the fields of call" }).click();
  await page
    .locator("[data-scope]")
    .getByRole("button", { name: /^status/ })
    .dragTo(slot);
  await expect(inspector(page).locator('textarea[data-slot="/reason"]')).toHaveValue("event.call.status");
  const line = inspector(page).locator('textarea[data-slot="/reason"]');
  await line.fill("");
  await line.pressSequentially("direc");
  await expect(page.getByRole("option").first()).toContainText("event.call.direction");
  await line.press("Enter");
  await expect(line).toHaveValue("event.call.direction");

  // Several at once: selected with the keyboard, wrapped, unwrapped, duplicated, disabled, deleted, taken back.
  await stack(page).focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("w");
  await page.keyboard.press("2");
  await expect(page.locator('[data-card="a"]')).toHaveAttribute("aria-level", "2");
  await page.keyboard.press("w");
  await page.keyboard.press("0");
  await expect(page.locator('[data-card="a"]')).toHaveAttribute("aria-level", "1");
  await select(page, "c");
  await page.keyboard.press("Control+d");
  await expect(stack(page).locator("[data-card]")).toHaveCount(5);
  await page.keyboard.press("Control+/");
  await expect(page.getByText("disabled", { exact: true })).toBeVisible();
  await page.keyboard.press("Delete");
  await expect(stack(page).locator("[data-card]")).toHaveCount(4);
  await page.keyboard.press("Control+z");
  await expect(stack(page).locator("[data-card]")).toHaveCount(5);
});

for (const theme of ["light", "dark"] as const) {
  test(`the builder is accessible, ${theme}`, async ({ signedIn: page, api }) => {
    const made = await prepare(api, "opportunity_event", `Accessible ${theme}`);
    await api.tagged("PUT", `/processors/${made.processor}/spec`, { spec: JSON.parse(printJson(demo("pipeline"))) as object });
    await page.addInitScript((chosen) => localStorage.setItem("salesdash.theme", chosen), theme);
    await open(page, made.processor);
    await checked(page);
    await page.getByText("Pick a record to see its values").click();
    await page.getByRole("option").first().click();
    await expect(page.getByRole("region", { name: "Record", exact: true })).toContainText("partially failed");
    const axe = async (where: string): Promise<string[]> => {
      const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
      return violations
        .filter((each) => each.impact === "serious" || each.impact === "critical")
        .map((each) => `${where}: ${each.id}: ${each.nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`);
    };
    const found: string[] = [];
    found.push(...(await axe("builder")));
    await stack(page).focus();
    await page.keyboard.press("a");
    await expect(page.getByRole("dialog")).toBeVisible();
    found.push(...(await axe("palette")));
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "History of versions" }).click();
    await expect(page.getByRole("dialog", { name: "History" })).toBeVisible();
    found.push(...(await axe("history")));
    expect(found).toEqual([]);
  });
}
