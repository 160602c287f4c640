import { buildByKeyboard, checked, open, prepare, problems, stack } from "./builder-driver";
import { Api, admin, expect, test } from "./fixtures";
import { Server } from "./server";

test("the server restarts while one edits: nothing is lost, and it is saved afterwards", async ({ browser }) => {
  const before = await Server.start();
  const context = await browser.newContext({ baseURL: before.base });
  const page = await context.newPage();
  await page.goto(before.setupUrl ?? "");
  await page.getByLabel("Your name").fill(admin.name);
  await page.getByLabel("E-mail").fill(admin.email);
  await page.getByLabel("Password").fill(admin.password);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  const made = await prepare(new Api(page, before.base), "call_event", "Restarted");
  await open(page, made.processor);
  await checked(page);

  await before.stop();
  await buildByKeyboard(page, [{ type: "skip_record", reason: { type: "literal", value: "written while it was gone" } }], undefined);
  await expect(problems(page)).toHaveAttribute("data-checking", "failed");
  await page.keyboard.press("Control+s");
  await expect(page.getByText("Not saved").first()).toBeVisible();

  const again = await Server.start({ data: before.data, listen: new URL(before.base).host });
  await checked(page);
  await page.keyboard.press("Control+s");
  await expect(page.getByText("Saved as version 1")).toBeVisible();
  await expect(stack(page).locator("[data-card]")).toHaveText(/written while it was gone/);
  await context.close();
  await again.remove();
});
