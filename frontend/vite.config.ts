import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

/** KaTeX's fonts come in three formats; all browsers that can show the page read the first. */
const woff2Only = {
  name: "woff2-only",
  enforce: "pre" as const,
  transform(code: string, id: string) {
    if (!/katex.*\.css/.test(id)) return null;
    return code.replace(/,url\([^)]*\.(?:woff|ttf)\) format\("[a-z]*"\)/g, "");
  },
};

export default defineConfig(({ mode }) => ({
  base: "./",
  plugins: [svelte(), woff2Only],
  // Components are tested as they run in a browser, not as they would on a server.
  resolve: mode === "test" ? { conditions: ["browser"] } : {},
  build: {
    outDir: "../src/bactrian/web/page",
    emptyOutDir: true,
    // The page runs under `default-src 'self'`: nothing inline, no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
  },
  server: { proxy: { "/api": "http://127.0.0.1:8642" } },
  test: { environment: "jsdom", include: ["src/**/*.test.ts"] },
}));
