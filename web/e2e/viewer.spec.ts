import type { Page } from "@playwright/test";

import { expect, test } from "./fixtures";
import { failed, pages } from "./pages";
import { seed } from "./seed";

/** What only administrators open. */
const admin = ["settings-users", "settings-tokens", "settings-erasure", "settings-audit"];
/** Pages for making something: a viewer is told that they are for others. */
const making = ["provider-new", "processor-new"];

/** The controls of the page that is open, without what is around every page: what each is called, and where it is. */
async function controls(page: Page): Promise<string[]> {
  return page
    .locator("main")
    .locator("button:enabled, [role=switch]:not([aria-disabled=true]):not([data-disabled])")
    .evaluateAll((elements) =>
      elements
        .filter((element) => (element as HTMLElement).checkVisibility() && !element.closest("[role=tree]"))
        .map((element) => element.getAttribute("aria-label") ?? element.textContent?.trim() ?? ""),
    );
}

test("a viewer finds nothing on any page that would be refused", async ({ signedIn: page, api, server, browser }) => {
  const made = { ...(await seed(api, server)), execution: await failed(api) };
  const { invite_url } = await api.call<{ invite_url: string }>("POST", "/users", { name: "Vera Viewer", email: "vera@example.com", role: "viewer", reveal: false });
  const context = await browser.newContext({ baseURL: server.base, viewport: page.viewportSize() });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const theirs = await context.newPage();
  await theirs.goto(invite_url);
  await theirs.getByLabel("Password").fill("a long enough sentence");
  await theirs.getByRole("button", { name: "Set password" }).click();
  await expect(theirs.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();

  const refused: string[] = [];
  // The live events never end, so it is not waited until the network is silent, but until every question is answered.
  let asked = 0;
  const isQuestion = (request: { resourceType(): string }) => ["fetch", "xhr"].includes(request.resourceType());
  theirs.on("request", (request) => isQuestion(request) && asked++);
  for (const end of ["requestfinished", "requestfailed"] as const) theirs.on(end as "requestfinished", (request) => isQuestion(request) && asked--);
  let doing = "";
  theirs.on("response", (response) => {
    if (response.status() === 403) refused.push(`${doing}: ${response.request().method()} ${new URL(response.url()).pathname}`);
  });
  const editable: string[] = [];
  const pressed = new Set<string>();
  for (const { name, path, heading } of pages.filter((each) => !admin.includes(each.name) && !making.includes(each.name))) {
    const open = async () => {
      await theirs.goto(path.replace(/\{(\w+)\}/, (_, what: keyof typeof made) => made[what]));
      await expect(theirs.getByRole("heading", { level: 1, name: heading, includeHidden: true })).toBeVisible();
      await expect(theirs.getByRole("status", { name: "Loading" })).toHaveCount(0);
      await expect(theirs.locator("[aria-busy=true]")).toHaveCount(0);
    };
    doing = name;
    await open();
    // A form that could be filled in could be sent. One's own account is one's own.
    if (name !== "settings-account") {
      const fields = theirs.locator("main form").locator("input:enabled:not([readonly]), textarea:enabled:not([readonly]), [role=combobox]:enabled, [role=switch]:enabled");
      for (const field of await fields.all()) editable.push(`${name}: ${(await field.getAttribute("aria-label")) ?? (await field.getAttribute("name")) ?? (await field.evaluate((each) => each.outerHTML.slice(0, 120)))}`);
    }
    // Every button and switch, once: what it does is answered.
    for (const [at, label] of (await controls(theirs)).entries()) {
      if (pressed.has(label)) continue;
      pressed.add(label);
      doing = `${name}, ${label}`;
      await open();
      const again = await controls(theirs);
      if (again[at] !== label) continue;
      const control = theirs
        .locator("main")
        .locator("button:enabled, [role=switch]:not([aria-disabled=true]):not([data-disabled])")
        .filter({ visible: true })
        .and(theirs.locator(":not([role=tree] *)"))
        .nth(at);
      await control.click();
      const confirm = theirs.getByRole("dialog").locator("button[type=submit]:enabled");
      if ((await confirm.count()) > 0) await confirm.first().click();
      await expect.poll(() => asked).toBeLessThanOrEqual(0);
    }
  }
  expect(refused).toEqual([]);
  expect(editable).toEqual([]);
  await context.close();
});
