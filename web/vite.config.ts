import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";
import { withoutBytecode } from "./without-bytecode.ts";

/** What the API sends to browsers that take it, as all do: made once, and not at each request. */
const precompressed: Plugin = {
  name: "precompressed",
  apply: "build",
  writeBundle({ dir = "" }, bundle) {
    for (const name of Object.keys(bundle)) {
      const file = join(dir, name);
      const content = readFileSync(file);
      writeFileSync(`${file}.gz`, gzipSync(content, { level: constants.Z_BEST_COMPRESSION }));
      writeFileSync(`${file}.br`, brotliCompressSync(content));
    }
  },
};

/** Both pages in one build, so that what they share is one file, which a browser loads once. */
export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  plugins: [withoutBytecode, precompressed],
  build: {
    outDir: join(import.meta.dirname, "dist"),
    emptyOutDir: true,
    target: "es2024",
    // The policy of the pages' origin allows neither inline scripts nor assets in the text.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: ["dashboard", "dapp"].map((page) => join(import.meta.dirname, page, "index.html")),
    },
  },
});
