import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "e2e",
  outputDir: "../test-artefacts/playwright",
  // The machine's own browser; nothing is downloaded.
  use: {
    browserName: "chromium",
    viewport: { width: 1440, height: 900 },
    launchOptions: { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] },
    trace: "retain-on-failure",
    // What never comes fails the test instead of holding up all that follow.
    actionTimeout: 60_000,
    navigationTimeout: 60_000,
  },
  workers: 1,
  retries: 0,
  timeout: 0,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
});
