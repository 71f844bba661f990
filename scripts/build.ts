// What runs in production, in dist/ or the folder given by --out: the relayer as plain JavaScript, the pages, and what `npm ci` is to
// install beside them. A Node runs it: no TypeScript, no compiler, nothing of this checkout.
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { bundleRelayer } from "./build/bundle.ts";
import { productionManifest } from "./build/manifest.ts";

const root = join(import.meta.dirname, "..");
const { out } = parseArgs({ options: { out: { type: "string", default: join(root, "dist") } } }).values;
const folder = resolve(out);
const readJson = (name: string): unknown => JSON.parse(readFileSync(join(root, name), "utf8"));

await bundleRelayer(root, folder);
const { manifest, lock } = productionManifest(readJson("package.json"), readJson("package-lock.json"));
writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
writeFileSync(join(folder, "package-lock.json"), `${JSON.stringify(lock, null, 2)}\n`);
process.stderr.write(`Built ${folder}; install beside it what it needs with: npm ci --ignore-scripts\n`);
