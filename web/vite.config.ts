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

export default defineConfig({
  root: join(import.meta.dirname, "dapp"),
  base: "/wallet/",
  plugins: [withoutBytecode],
  build: {
    outDir: join(import.meta.dirname, "dist/wallet"),
    emptyOutDir: true,
    target: "es2024",
    // The policy of the page's origin allows neither inline scripts nor assets in the text.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
});
