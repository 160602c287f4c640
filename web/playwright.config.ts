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
  },
  workers: 1,
  retries: 0,
  timeout: 0,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
});
