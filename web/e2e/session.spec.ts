import { admin, expect, test } from "./fixtures";

test("one signs in where one wanted to go, and out again", async ({ server, session, browser }) => {
  expect(session.cookies.every((cookie) => cookie.httpOnly && cookie.sameSite === "Strict")).toBe(true);
  const context = await browser.newContext({ baseURL: server.base });
  const page = await context.newPage();
  await page.goto("/processors?q=won");
  await expect(page).toHaveURL(/\/sign-in\?to=/);
  await page.getByLabel("E-mail").fill(admin.email);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toHaveText("E-mail and password do not match.");
  await page.getByLabel("Password").fill(admin.password);
  await page.getByLabel("Password").press("Enter");
  await expect(page).toHaveURL(/\/processors\?q=won$/);
  await expect(page.getByRole("heading", { level: 1, name: "Processors" })).toBeVisible();

  await page.getByRole("button", { name: /Robin Admin/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.goto("/processors");
  await expect(page).toHaveURL(/\/sign-in/);
  await context.close();
});

test("a used link makes nobody an administrator", async ({ server, session, browser }) => {
  expect(session.cookies.length).toBeGreaterThan(0);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(server.setupUrl ?? "");
  await expect(page.getByText("This link is used up")).toBeVisible();
  await context.close();
});

test("an invited user chooses a password and sees what their role may", async ({ signedIn: page, browser, server }) => {
  await page.goto("/settings/users");
  await page.getByRole("button", { name: "New user" }).click();
  await page.getByLabel("Name").fill("Vera Viewer");
  await page.getByLabel("E-mail").fill("vera@example.com");
  await page.getByRole("combobox", { name: "Role" }).click();
  await page.getByRole("option", { name: /Viewer/ }).click();
  await page.getByRole("button", { name: "Create user" }).click();
  const link = await page.getByText(/\/setup\?token=/).textContent();

  const context = await browser.newContext({ baseURL: server.base });
  const theirs = await context.newPage();
  await theirs.goto(link ?? "");
  await expect(theirs.getByRole("heading", { name: "Welcome, Vera Viewer" })).toBeVisible();
  await theirs.getByLabel("Password").fill("a long enough sentence");
  await theirs.getByRole("button", { name: "Set password" }).click();
  await expect(theirs.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  await theirs.goto("/providers");
  await expect(theirs.getByRole("heading", { level: 1, name: "Providers" })).toBeVisible();
  await expect(theirs.getByRole("link", { name: "New provider" })).toHaveCount(0);
  await expect(theirs.getByRole("link", { name: "Audit log" })).toHaveCount(0);
  await context.close();
});

test("a token is shown once and can be revoked", async ({ signedIn: page, server, request }) => {
  await page.goto("/settings/tokens");
  await page.getByRole("button", { name: "New token" }).first().click();
  await page.getByLabel("Name").fill("Reporting");
  await page.getByRole("button", { name: "Create token" }).click();
  const secret = (await page.getByText(/^sd_/).textContent()) ?? "";
  await page.getByRole("button", { name: "Done" }).click();
  const ask = () => request.get(`${server.base}/api/v1/session`, { headers: { Authorization: `Bearer ${secret}` } });
  expect((await ask()).status()).toBe(200);
  await page.getByRole("button", { name: "Revoke Reporting" }).click();
  await page.getByRole("button", { name: "Revoke token" }).click();
  await expect(page.getByText("No token yet")).toBeVisible();
  expect((await ask()).status()).toBe(401);
});
