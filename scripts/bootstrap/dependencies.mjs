import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, sep } from "node:path";
import { Failure } from "./failure.mjs";
import { withLock } from "./lock.mjs";
import { step } from "./progress.mjs";
import { runTool } from "./tool.mjs";

const STAMP = "node_modules/.dchat-install.json";

/**
 * Makes node_modules be what package-lock.json says, installed under the Node that it pins. Takes a millisecond when
 * that is so already.
 *
 * @param {string} root the checkout
 * @param {{ quiet?: boolean }} options
 * @throws Failure when npm fails, or leaves out what the project cannot do without
 */
export async function provideDependencies(root, options) {
  const lockFile = readLockFile(root);
  if (isFresh(root, lockFile)) return;
  const lockPath = join(root, ".dchat/bootstrap-dependencies.lock");
  const waiting = (pid) =>
    console.error(`Waiting for the installation that process ${pid} is doing in ${root}…`);
  const work = async (lock) => {
    if (isFresh(root, lockFile)) return;
    if (!isInstalled(root, lockFile)) {
      rmSync(join(root, STAMP), { force: true });
      await step("Installing dependencies", () => install(root, lockFile, lock), options);
    }
    verify(root, lockFile);
    writeFileSync(join(root, STAMP), stampOf(lockFile));
  };
  await withLock(lockPath, work, waiting);
}

function readLockFile(root) {
  const path = join(root, "package-lock.json");
  if (!existsSync(path))
    throw new Failure(`${path} is missing: restore it with \`git checkout package-lock.json\`.`);
  const bytes = readFileSync(path);
  const packages = JSON.parse(bytes.toString("utf8")).packages;
  const nodeVersion = packages["node_modules/node"]?.version;
  if (nodeVersion === undefined) {
    throw new Failure(
      `${path} pins no version of the package \`node\`: restore it with \`git checkout package-lock.json\`.`,
    );
  }
  return { hash: createHash("sha256").update(bytes).digest("hex"), packages, nodeVersion };
}

const major = (version) => Number(version.replace(/^v/, "").split(".")[0]);

/** What node_modules was made from, and for what: a folder that is shared between systems holds the wrong binaries. */
const stampOf = ({ hash, nodeVersion }) =>
  `${JSON.stringify({ lock: hash, node: major(nodeVersion), platform: process.platform, arch: process.arch })}\n`;

function isFresh(root, lockFile) {
  const stamp = join(root, STAMP);
  return (
    existsSync(stamp) &&
    readFileSync(stamp, "utf8") === stampOf(lockFile) &&
    existsSync(join(root, "node_modules/.bin/node"))
  );
}

/** Whether an `npm ci` done by hand has already put everything in place, so that only the stamp is missing. */
function isInstalled(root, lockFile) {
  const hidden = join(root, "node_modules/.package-lock.json");
  if (!existsSync(hidden)) return false;
  const installed = JSON.parse(readFileSync(hidden, "utf8")).packages;
  const isThere = ([path, wanted]) =>
    path === "" ||
    (wanted.optional && !installed[path]) ||
    (installed[path]?.version === wanted.version && existsSync(join(root, path, "package.json")));
  return Object.entries(lockFile.packages).every(isThere) && findFault(root, lockFile) === undefined;
}

async function install(root, lockFile, lock) {
  const env = outsideEnvironment(root);
  // Development tools compile the contracts, optional packages hold native code, and the `node` package places its
  // binary from an install script: none of them may be left out because of a setting of the user's.
  const npm = "npm ci --include=dev --include=optional --ignore-scripts=false --no-audit --no-fund";
  const options = { env: { ...env, DCHAT_ROOT: root }, onPid: lock.setTool };
  // npx runs outside the checkout: inside it would take Node from the node_modules that npm is about to remove.
  const { code, output } =
    runningMajor(root, env) >= major(lockFile.nodeVersion)
      ? await runTool("npm", npm.split(" ").slice(1), { ...options, cwd: root })
      : await runTool(
          "npx",
          ["-y", "-p", `node@${lockFile.nodeVersion}`, "-c", `cd "$DCHAT_ROOT" && ${npm}`],
          {
            ...options,
            cwd: tmpdir(),
          },
        );
  if (code !== 0) {
    throw new Failure(
      `\`npm ci\` failed with exit code ${code} in ${root}: see npm's words above, check that the registry can be reached ` +
        "(`npm ping`), and run the same command again.",
      output,
    );
  }
}

/** The environment as it was before `npm run` put this checkout's node_modules first on the PATH and named it the prefix. */
function outsideEnvironment(root) {
  const own = join(root, "node_modules") + sep;
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([key]) => !/^npm_(package|lifecycle|command|execpath|node_execpath|config_local_prefix)/.test(key),
    ),
  );
  env.PATH = (env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !`${folder}${sep}`.startsWith(own))
    .join(delimiter);
  return env;
}

/** The major version of the Node that `npm` would run under, 0 when there is none. */
function runningMajor(root, env) {
  const own = join(realpathSync(root), "node_modules") + sep;
  if (!realpathSync(process.execPath).startsWith(own)) return major(process.versions.node);
  const { stdout, status } = spawnSync("node", ["--version"], { env, encoding: "utf8" });
  return status === 0 ? major(stdout) : 0;
}

function verify(root, lockFile) {
  const fault = findFault(root, lockFile);
  if (fault !== undefined) throw new Failure(fault);
}

/** @returns {string | undefined} one sentence on what npm left out, and what to run */
function findFault(root, { nodeVersion }) {
  const binary = join(root, "node_modules/.bin/node");
  const wanted = `Node ${major(nodeVersion)}`;
  const version = spawnSync(binary, ["--version"], { encoding: "utf8" });
  if (version.status !== 0 || major(version.stdout) !== major(nodeVersion)) {
    const found = version.status === 0 ? `is ${version.stdout.trim()}` : "does not run";
    return (
      `${binary} ${found} instead of ${wanted}, as npm did not run the install script of the package \`node\` or has no ` +
      `build of it for this system: allow install scripts and run \`npm rebuild node --ignore-scripts=false\` in ${root}, ` +
      `or put ${wanted} on the PATH and run \`npm ci\` there.`
    );
  }
  const native = spawnSync(binary, ["-e", 'require("@nomicfoundation/edr")'], {
    cwd: root,
    encoding: "utf8",
  });
  if (native.status === 0) return undefined;
  return (
    `The native package of @nomicfoundation/edr for ${process.platform}-${process.arch} is missing from ${root}, as npm ` +
    `ran under an old Node or left out optional packages: run \`npx -y -p node@${nodeVersion} -c "npm ci --include=optional"\` there.`
  );
}
