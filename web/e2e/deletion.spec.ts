import { expect, test } from "./fixtures";
import { seed } from "./seed";

test("what is deleted asks first, and says what it touches; what can be undone is undone", async ({ signedIn: page, api, server }) => {
  const made = await seed(api, server);
  const dialog = page.getByRole("dialog").or(page.getByRole("alertdialog"));
  const menu = async (item: string) => {
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitem", { name: item }).click();
  };

  // A link goes at once, and comes back with its constants.
  await page.goto(`/sources/${made.source}`);
  const row = page.getByRole("listitem").filter({ has: page.getByRole("switch", { name: /Won deals runs on this source/ }) });
  await row.getByRole("button", { name: /Unlink|Remove/ }).click();
  await expect(page.getByRole("switch", { name: /Won deals runs on this source/ })).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("switch", { name: /Won deals runs on this source/ })).toBeVisible();

  // An agent is archived, and comes back.
  await page.goto("/data/agents");
  await page.getByRole("button", { name: /More for Femke de Vries|Archive Femke de Vries/ }).click();
  const archive = page.getByRole("menuitem", { name: /Archive/ });
  if ((await archive.count()) > 0) await archive.click();
  await expect(page.getByText("Femke de Vries is archived")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("Femke de Vries is back in use")).toBeVisible();

  // A processor: says on how many sources it runs. Cancel leaves it.
  await page.goto(`/processors/${made.processor}`);
  await menu("Delete…");
  await expect(dialog).toContainText("Delete Won deals?");
  await expect(dialog).toContainText("It runs on 1 source now");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await menu("Delete…");
  await dialog.getByRole("button", { name: "Delete processor" }).click();
  await expect(page).toHaveURL(/\/processors$/);
  await expect(page.getByRole("link", { name: "Won deals" })).toHaveCount(0);
  // Its executions can still be looked at.
  const { items } = await api.call<{ items: { id: string }[] }>("GET", "/executions");
  await page.goto(`/executions/${items[0]?.id ?? ""}`);
  await expect(page.getByRole("tree", { name: "What happened" })).toBeVisible();
  await expect(page.getByText("a processor that was deleted")).toBeVisible();

  // A source, then its provider.
  await page.goto(`/sources/${made.source}`);
  await menu("Delete…");
  await expect(dialog).toContainText("Delete Deals?");
  await expect(dialog).toContainText("the records that came of it stay");
  await dialog.getByRole("button", { name: "Delete source" }).click();
  await expect(page).toHaveURL(new RegExp(`/providers/${made.provider}$`));
  await menu("Delete…");
  await expect(dialog).toContainText("Delete Our systems?");
  await dialog.getByRole("button", { name: "Delete provider" }).click();
  await expect(page).toHaveURL(/\/providers$/);
  await expect(page.getByRole("link", { name: "Our systems" })).toHaveCount(0);
  const activities = await api.call<{ items: unknown[] }>("GET", "/records/activities");
  expect(activities.items.length).toBeGreaterThan(0);
});

test("a user and a token go after they were asked for", async ({ signedIn: page, api }) => {
  await api.call("POST", "/users", { name: "Vera Viewer", email: "vera@example.com", role: "viewer", reveal: false });
  const { secret } = await api.call<{ secret: string }>("POST", "/tokens", { name: "Script", role: "viewer", reveal: false });
  const dialog = page.getByRole("dialog").or(page.getByRole("alertdialog"));
  await page.goto("/settings/users");
  await page.getByRole("button", { name: "More for Vera Viewer" }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await expect(dialog).toContainText("They are signed out at once");
  await dialog.getByRole("button", { name: "Delete user" }).click();
  await expect(page.getByText("Vera Viewer")).toHaveCount(0);

  const ask = () => page.request.get("/api/v1/executions", { headers: { Authorization: `Bearer ${secret}`, Cookie: "" } });
  expect((await ask()).status()).toBe(200);
  await page.goto("/settings/tokens");
  await page.getByRole("button", { name: "Revoke Script" }).click();
  await expect(dialog).toContainText("Programs that use it are refused at once");
  await dialog.getByRole("button", { name: "Revoke token" }).click();
  await expect(page.getByText("No token yet")).toBeVisible();
  expect((await ask()).status()).toBe(401);
});
