import { fileURLToPath } from "node:url";

import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { mockApi } from "./mock/plugin.ts";

/** Where the API answers while developing; `SALESDASH_API=mock` serves made-up data instead. */
const api = process.env.SALESDASH_API ?? "http://127.0.0.1:7410";

export default defineConfig({
  plugins: [react(), tailwindcss(), ...(api === "mock" ? [mockApi()] : [])],
  resolve: { alias: { "~": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2023",
    // Fonts and pictures stay files: the Content-Security-Policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    port: Number(process.env.PORT ?? 5173),
    proxy: api === "mock" ? {} : { "/api": api, "/hooks": api, "/health": api },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});
