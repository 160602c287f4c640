import { fileURLToPath } from "node:url";

import { type Browser, expect, type Page, test as base } from "@playwright/test";

import { Server } from "./server";
import { Vendor } from "./vendor";

export const admin = { name: "Robin Admin", email: "robin@example.com", password: "correct horse battery staple" };

type State = Awaited<ReturnType<ReturnType<Page["context"]>["storageState"]>>;

/** Makes the administrator of a program through the one-time link; gives the session. */
export async function setUp(browser: Browser, server: Server): Promise<State> {
  if (!server.setupUrl) throw new Error("the server printed no link for the first administrator");
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(server.setupUrl);
  await page.getByLabel("Your name").fill(admin.name);
  await page.getByLabel("E-mail").fill(admin.email);
  await page.getByLabel("Password").fill(admin.password);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  const state = await context.storageState();
  await context.close();
  return state;
}

/** A program of its own for each test, so that none sees what another left; its administrator is made through the one-time link. */
export const test = base.extend<{ serverArguments: readonly string[]; server: Server; session: State; signedIn: Page; api: Api; vendor: Vendor }>({
  serverArguments: [[], { option: true }],
  server: async ({ serverArguments }, use) => {
    const server = await Server.start({ more: serverArguments });
    await use(server);
    await server.remove();
  },
  session: async ({ server, browser }, use) => {
    await use(await setUp(browser, server));
  },
  signedIn: async ({ server, session, browser }, use, info) => {
    const context = await browser.newContext({ baseURL: server.base, storageState: session, viewport: info.project.use.viewport ?? null });
    const page = await context.newPage();
    const failures: string[] = [];
    page.on("pageerror", (error) => failures.push(error.message));
    page.on("console", (message) => {
      // What the browser says of the Content-Security-Policy is a mistake of ours.
      if (message.type() === "error" && /Content Security Policy/.test(message.text())) failures.push(message.text());
    });
    await use(page);
    await context.close();
    expect(failures).toEqual([]);
  },
  // A system of a vendor, played on this machine: the program must be started with `withVendor`.
  vendor: async ({}, use) => {
    const vendor = await Vendor.start();
    await use(vendor);
    await vendor.stop();
  },
  api: async ({ signedIn, server }, use) => {
    await use(new Api(signedIn, server.base));
  },
});

/** What the program is started with so that it may ask a played vendor, of which it knows a type. */
export const withVendor = ["--allow-address", "127.0.0.0/8", "--providers", fileURLToPath(new URL("types", import.meta.url))];

/** The HTTP API as the signed-in user, for what a test needs but is not about. */
export class Api {
  private csrf: string | undefined;

  constructor(
    private readonly page: Page,
    private readonly base: string,
  ) {}

  /** Changes a document in the state that it has now. */
  async tagged<T>(method: string, path: string, body: unknown): Promise<T> {
    this.csrf ??= (await (await this.page.request.get(`${this.base}/api/v1/session`)).json()).csrf as string;
    const now = await this.page.request.get(`${this.base}/api/v1${path}`);
    const response = await this.page.request.fetch(`${this.base}/api/v1${path}`, {
      method,
      headers: { "X-CSRF-Token": this.csrf, "If-Match": now.headers().etag ?? "" },
      data: body as object,
    });
    if (!response.ok()) throw new Error(`${method} ${path}: ${response.status()} ${await response.text()}`);
    return (await response.json()) as T;
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    this.csrf ??= (await (await this.page.request.get(`${this.base}/api/v1/session`)).json()).csrf as string;
    const response = await this.page.request.fetch(`${this.base}/api/v1${path}`, {
      method,
      headers: { "X-CSRF-Token": this.csrf, ...(path.endsWith("/spec") && method === "PUT" ? { "If-Match": '"v0"' } : {}) },
      ...(body === undefined ? {} : { data: body }),
    });
    const text = await response.text();
    if (!response.ok()) throw new Error(`${method} ${path}: ${response.status()} ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }
}

export { expect };
