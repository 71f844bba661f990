import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure } from "./failure.mjs";
import { withLock } from "./lock.mjs";
import { step } from "./progress.mjs";
import { hashSources } from "./sources.mjs";
import { runTool } from "./tool.mjs";

const STAMP = "cache/dchat-web.sha256";
const OUTPUTS = ["web/dist/dashboard/index.html", "web/dist/dapp/index.html"];

/** What the pages are made of; contracts stand for the types that are generated from them. */
const SOURCES = [
  "web/dapp",
  "web/dashboard",
  "web/shared",
  "web/vite.config.ts",
  "web/without-bytecode.ts",
  "relayer/domain",
  "relayer/api",
  "relayer/escrow/core",
  "relayer/chaos/core",
  "contracts",
  "package-lock.json",
];

/**
 * Builds the pages if a source or a tool changed.
 *
 * @param {string} root the checkout, with its contracts compiled
 * @param {{ quiet?: boolean, env: NodeJS.ProcessEnv }} options
 * @throws Failure when the pages cannot be built
 */
export async function provideWeb(root, options) {
  if (isFresh(root)) return;
  const waiting = (pid) => console.error(`Waiting for the pages that process ${pid} is building in ${root}…`);
  const work = async (lock) => {
    if (isFresh(root)) return;
    await step("Building pages", () => build(root, lock, options), options);
  };
  await withLock(join(root, ".dchat/bootstrap-web.lock"), work, waiting);
}

function isFresh(root) {
  const stamp = join(root, STAMP);
  return (
    existsSync(stamp) &&
    OUTPUTS.every((path) => existsSync(join(root, path))) &&
    readFileSync(stamp, "utf8") === hashSources(root, SOURCES)
  );
}

async function build(root, lock, { env }) {
  const stamp = join(root, STAMP);
  rmSync(stamp, { force: true });
  // Taken before anything is read: a source that changes meanwhile is built again next time.
  const hash = hashSources(root, SOURCES);
  const { code, output } = await runTool("vite", ["build", "--config", "web/vite.config.ts"], {
    cwd: root,
    env,
    onPid: lock.setTool,
  });
  if (code !== 0)
    throw new Failure(`The pages cannot be built in ${root}: mend what the tool names above.`, output);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
}
