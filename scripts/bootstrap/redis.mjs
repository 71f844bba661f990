import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "./failure.mjs";
import { withLock } from "./lock.mjs";
import { findProgram, isExecutable } from "./path.mjs";
import { step } from "./progress.mjs";
import { runTool } from "./tool.mjs";

const SERVERS = ["redis-server", "valkey-server"];
const POLICY = "/usr/sbin/policy-rc.d";

/**
 * Finds the binary of a Redis server: DCHAT_REDIS_SERVER, then the PATH, then the package manager of Debian and Ubuntu
 * where this is root. REDIS_URL does not count: a local network and each test run a private server of their own.
 *
 * @param {string} root the checkout
 * @param {NodeJS.ProcessEnv} env
 * @param {{ quiet?: boolean }} options
 * @returns {Promise<string>} its path
 * @throws Failure with the command that would install one on this system
 */
export async function provideRedis(root, env, options) {
  if (env.DCHAT_REDIS_SERVER) {
    if (isExecutable(env.DCHAT_REDIS_SERVER)) return env.DCHAT_REDIS_SERVER;
    throw new Failure(
      `DCHAT_REDIS_SERVER is ${env.DCHAT_REDIS_SERVER}, which is no executable: correct or unset it.`,
    );
  }
  const present = findServer(env);
  if (present !== undefined) return present;
  if (process.getuid?.() === 0 && findProgram("apt-get", env) !== undefined) {
    const install = (lock) =>
      findServer(env) ?? step("Installing redis-server", () => installWithApt(env, lock), options);
    return withLock(join(root, ".dchat/bootstrap-redis.lock"), async (lock) => install(lock));
  }
  throw new Failure(
    `There is no Redis server on the PATH (${SERVERS.join(", ")}): ${adviceFor(env)}, or name one with DCHAT_REDIS_SERVER.`,
  );
}

const findServer = (env) => SERVERS.map((name) => findProgram(name, env)).find((path) => path !== undefined);

function adviceFor(env) {
  const commands = {
    "apt-get": "sudo apt-get install -y redis-server",
    dnf: "sudo dnf install -y valkey",
    apk: "sudo apk add redis",
    brew: "brew install redis",
  };
  const manager = Object.keys(commands).find((name) => findProgram(name, env) !== undefined);
  return manager === undefined
    ? "install it with this system's package manager"
    : `install it with \`${commands[manager]}\``;
}

async function installWithApt(env, lock) {
  const options = { env: { ...env, DEBIAN_FRONTEND: "noninteractive" }, onPid: lock.setTool };
  // Another apt, an unattended upgrade say, is waited for: up to two minutes.
  const apt = (...args) => runTool("apt-get", ["-o", "DPkg::Lock::Timeout=120", ...args], options);
  const install = () => apt("install", "-y", "redis-server");
  const removeGuard = keepServiceFromStarting();
  let result;
  try {
    result = await install();
    if (result.code !== 0) {
      // Most often the package lists are missing or outdated, as in a fresh container.
      const update = await apt("update");
      result = update.code === 0 ? await install() : update;
    }
  } finally {
    removeGuard();
  }
  const server = findServer(env);
  if (result.code !== 0 || server === undefined) {
    throw new Failure(
      "`apt-get install -y redis-server` failed: see its words above, repair the package sources, or name a server with DCHAT_REDIS_SERVER.",
      result.output,
    );
  }
  // The binary is all that is wanted: no service at the next start of the machine either.
  await runTool("update-rc.d", ["redis-server", "disable"], options);
  return server;
}

/**
 * Debian asks /usr/sbin/policy-rc.d before a package may start its service. Ours refuses redis-server alone, and only
 * while this process lives, so that one which a crash leaves behind is harmless. A policy that is there already (as in
 * container images, where it refuses everything) is left alone.
 */
function keepServiceFromStarting() {
  if (existsSync(POLICY)) return () => {};
  const script =
    "#!/bin/sh\n# Temporary, by dchat's bootstrap.\n" +
    `case "$*" in *redis-server*) kill -0 ${process.pid} 2>/dev/null && exit 101 ;; esac\nexit 0\n`;
  writeFileSync(POLICY, script, { mode: 0o755, flag: "wx" });
  return () => rmSync(POLICY, { force: true });
}
