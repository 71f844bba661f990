import { join } from "node:path";
import { defineConfig, type Plugin } from "vite";

/** The contracts' generated factories carry the code to deploy them, which a page never does: a third of its weight. */
const withoutBytecode: Plugin = {
  name: "without-bytecode",
  transform(code, id) {
    if (!id.includes("/types/ethers-contracts/factories/")) return undefined;
    return { code: code.replace(/(const _bytecode =\s*)"0x[0-9a-fA-F]*"/, '$1"0x"'), map: null };
  },
};

/** Both pages in one build, so that what they share is one file, which a browser loads once. */
export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  plugins: [withoutBytecode],
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
