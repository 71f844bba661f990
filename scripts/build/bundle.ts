import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { withoutBytecode } from "../../web/without-bytecode.ts";
import { lockSchema, reachable } from "./lock.ts";
import { placed } from "./placed.ts";

/** Packages that most roles and commands load, file by file unless they are in the bundle. */
const BUNDLED = [
  ...["ethers", "@noble/curves", "@noble/ed25519", "@noble/hashes", "hash-wasm", "zod"],
  ...["commander", "cli-table3", "ora", "p-queue"],
  ...["bullmq", "ioredis", "prom-client", "@opentelemetry/api"],
];
/** What those need and the bundle must not have: it finds native code beside itself. */
const KEPT = ["msgpackr"];

/**
 * Writes the relayer as plain JavaScript: `relayer/main.js`, the programs that it starts and the files that it reads, each where it lies in
 * the sources.
 *
 * @param root the checkout, with its contracts compiled and its pages built
 * @param folder emptied and filled
 */
export async function bundleRelayer(root: string, folder: string): Promise<void> {
  await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: "warn",
    plugins: [placed(root, "relayer"), withoutBytecode],
    ssr: { target: "node", noExternal: bundledPackages(root) },
    build: {
      ssr: true,
      outDir: folder,
      emptyOutDir: true,
      target: "node24",
      emitAssets: true,
      // Stack traces are read by people.
      minify: false,
      rolldownOptions: {
        input: { "relayer/main": `${root}/relayer/main.ts` },
        output: { entryFileNames: "[name].js", chunkFileNames: "relayer/chunks/[name]-[hash].js" },
      },
    },
  });
}

/** {@link BUNDLED} with all that they need, in whatever version: what stays outside is found in the version that lies at the top. */
function bundledPackages(root: string): string[] {
  const lock = lockSchema.parse(JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")));
  const paths = reachable(lock, BUNDLED, (name) => !KEPT.includes(name));
  return [...new Set([...paths].map((path) => path.slice(path.lastIndexOf("node_modules/") + 13)))];
}
