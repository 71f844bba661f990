// Installs other bridges' contracts into bench/peers, which nothing else does, measures them and ours, keeps the first in
// bench/results/peers.json and prints both: npm run bench:peers
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { bridgeGas } from "./gas/bridge.ts";
import { LIMITS } from "./limits.ts";
import { compare } from "./report/compare.ts";
import { peersFileSchema } from "./report/result.ts";
import { tableOf } from "./report/words.ts";
import { keepPeers } from "./results.ts";

const folder = join(import.meta.dirname, "peers");
const WHAT =
  "Osaka. gasUsed of whole transactions, second message, 64-byte body, a receiver that does nothing, two of three signers; see bench/peers/README.md. deliver1: all transactions that a message needs at its destination; deliverBatch10Each: of ten, by ten.";

/**
 * Runs a program in the workspace of the peers; what it says beside its answer goes to stderr.
 * @returns its answer
 * @throws Error where it fails
 */
async function run(program: string, ...args: readonly string[]): Promise<string> {
  process.stderr.write(`${[program, ...args].join(" ")} …\n`);
  const env = { ...process.env, HARDHAT_DISABLE_TELEMETRY_PROMPT: "true" };
  const child = spawn(program, args, { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  const [said, [code]] = await Promise.all([
    text(child.stdout),
    once(child, "close") as Promise<[number | null]>,
  ]);
  if (code !== 0)
    throw new Error(`${program} ${args.join(" ")} failed in ${folder} (${code ?? "killed"}): ${said}`);
  return said;
}

/** npm writes its own list of what it installed last. */
function isInstalled(): boolean {
  const [installed, wanted] = ["node_modules/.package-lock.json", "package-lock.json"].map((file) =>
    join(folder, file),
  );
  if (installed === undefined || wanted === undefined || !existsSync(installed)) return false;
  return statSync(installed).mtimeMs >= statSync(wanted).mtimeMs;
}

if (!isInstalled()) await run("npm", "ci", "--ignore-scripts");
await run("hardhat", "build", "--no-tests", "--quiet");
const measured = peersFileSchema.parse(JSON.parse(await run("node", "measure.ts")));
keepPeers({ ...measured, about: { what: WHAT } });
const { gas = {} } = LIMITS;
const ours = await bridgeGas();
const limits = Object.fromEntries(Object.entries(gas).filter(([key]) => ours[key] !== undefined));
console.log(tableOf(compare(ours, limits, measured.peers)));
console.log(tableOf(compare(measured.figures, {}, {})));
