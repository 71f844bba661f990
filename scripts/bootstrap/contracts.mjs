import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure } from "./failure.mjs";
import { withLock } from "./lock.mjs";
import { step } from "./progress.mjs";
import { hashSources } from "./sources.mjs";
import { runTool } from "./tool.mjs";

const STAMP = "cache/dchat-contracts.sha256";
const OUTPUTS = ["artifacts", "types"];

/**
 * Compiles the contracts and their types if a source, the compiler's settings or its version changed. Tests in Solidity
 * (`.t.sol`) do not count: Hardhat compiles them when it runs them.
 *
 * @param {string} root the checkout
 * @param {{ quiet?: boolean, env: NodeJS.ProcessEnv }} options
 * @throws Failure when the compiler refuses a source
 */
export async function provideContracts(root, options) {
  if (isFresh(root)) return;
  const waiting = (pid) =>
    console.error(`Waiting for the compilation that process ${pid} is doing in ${root}…`);
  const work = async (lock) => {
    if (isFresh(root)) return;
    await step("Compiling contracts", () => compile(root, lock, options), options);
  };
  await withLock(join(root, ".dchat/bootstrap-contracts.lock"), work, waiting);
}

function isFresh(root) {
  const stamp = join(root, STAMP);
  return (
    existsSync(stamp) &&
    OUTPUTS.every((folder) => existsSync(join(root, folder))) &&
    readFileSync(stamp, "utf8") === hashContracts(root)
  );
}

async function compile(root, lock, { env }) {
  const stamp = join(root, STAMP);
  rmSync(stamp, { force: true });
  // Taken before the compiler reads: a source that changes meanwhile is compiled again next time.
  const hash = hashContracts(root);
  // Hardhat regenerates an artifact that is missing, but types only for what it compiles.
  const force = OUTPUTS.every((folder) => existsSync(join(root, folder))) ? [] : ["--force"];
  const { code, output } = await runTool("hardhat", ["build", "--no-tests", ...force], {
    cwd: root,
    env: { ...env, HARDHAT_DISABLE_TELEMETRY_PROMPT: "true", FORCE_COLOR: "0" },
    onPid: lock.setTool,
  });
  if (code !== 0) {
    throw new Failure(`The contracts do not compile in ${root}: mend what the compiler names above.`, output);
  }
  if (/warning/i.test(output)) console.error(output);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
}

function hashContracts(root) {
  return hashSources(
    root,
    ["contracts", "hardhat.config.ts", "package-lock.json"],
    (path) => !path.endsWith(".t.sol"),
  );
}
