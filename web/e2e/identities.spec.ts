import { expect, test } from "./fixtures";
import { seed } from "./seed";

test("linking an identity attributes what is stored already, and undo takes it back", async ({ signedIn: page, api, server }) => {
  await seed(api, server);
  await page.goto("/records/activities");
  const row = page.getByRole("row", { name: /won\|1001/ });
  await expect(row).toContainText("unlinked");

  // A suggestion is one click.
  await page.goto("/identities");
  const identity = page.getByRole("row", { name: /Femke de Vries/ });
  await identity.getByRole("button", { name: /^Femke de Vries/ }).click();
  await expect(page.getByText("Femke de Vries is Femke de Vries")).toBeVisible();
  await expect(identity).toHaveCount(0);
  await page.goto("/records/activities");
  await expect(row).toContainText("Femke de Vries");
  await expect(row).not.toContainText("unlinked");

  // An agent made on the spot, then undone.
  await page.goto("/identities");
  await page.getByRole("button", { name: "Create agent Jonas Berg" }).click();
  await page.getByRole("button", { name: "Create and link" }).click();
  await expect(page.getByText("Jonas Berg is Jonas Berg")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("row", { name: /Jonas Berg/ })).toBeVisible();
  await page.goto("/records/activities");
  await expect(page.getByRole("row", { name: /won\|1002/ })).toContainText("unlinked");
});

test("identities are ignored and found again", async ({ signedIn: page, api, server }) => {
  await seed(api, server);
  await page.goto("/identities");
  await page.getByRole("button", { name: "Ignore Amira Haddad" }).click();
  await expect(page.getByRole("row", { name: /Amira Haddad/ })).toHaveCount(0);
  await page.goto("/identities?linked=ignored");
  await page.getByRole("button", { name: "No longer ignore Amira Haddad" }).click();
  await page.goto("/identities?q=Amira");
  await expect(page.getByRole("row", { name: /Amira Haddad/ })).toBeVisible();
});
