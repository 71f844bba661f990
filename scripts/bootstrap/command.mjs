import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { clearInterval, setInterval } from "node:timers";
import { Failure } from "./failure.mjs";
import { findProgram } from "./path.mjs";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];
const PARENT_POLL_MS = 250;

/**
 * Runs the command with this terminal, forwards signals to it and ends as it ends: with its exit code, or by its signal.
 *
 * The command must not outlive this process, not even its SIGKILL. Two means see to that:
 * - The command has a pipe on descriptor 3 (DCHAT_PARENT_FD=3) that ends when this process does. Our programs watch it.
 * - Where util-linux's `setpriv --pdeathsig` exists, the kernel sends the command SIGTERM then. That serves any program.
 *
 * Under `npm run` the same holds for npm: when npm is killed, this process (which then has another parent) ends the
 * command. From a terminal a Ctrl-C reaches the command twice, from the terminal and from here: it has to be idempotent.
 *
 * @param {string[]} command
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<void>} when the command has ended and process.exitCode is set
 * @throws Failure when there is no such command
 */
export async function runCommand(command, env) {
  if (findProgram(command[0], env) === undefined) {
    throw new Failure(`There is no command ${command[0]} on the PATH: check how it is spelt.`);
  }
  const [program, ...args] = [...bindToParent(env), ...command];
  const child = spawn(program, args, {
    stdio: ["inherit", "inherit", "inherit", "pipe"],
    env: { ...env, DCHAT_PARENT_FD: "3" },
  });
  // The pipe says nothing; an error on it only means that the command has closed its end.
  child.stdio[3].on("error", () => {}).unref();
  const forward = (signal) => child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, forward);
  const watch = env.npm_lifecycle_event === undefined ? undefined : watchParent(() => child.kill("SIGTERM"));
  const { code, signal } = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve({ code, signal }));
  });
  clearInterval(watch);
  for (const name of SIGNALS) process.off(name, forward);
  if (signal === null) {
    process.exitCode = code;
    return;
  }
  process.exitCode = 128 + constants.signals[signal]; // for signals that do not end Node, such as SIGUSR1
  process.kill(process.pid, signal);
}

function bindToParent(env) {
  if (process.platform !== "linux") return [];
  const prefix = ["setpriv", "--pdeathsig", "TERM"];
  const probe = spawnSync(prefix[0], [...prefix.slice(1), "true"], { env, stdio: "ignore" });
  return probe.status === 0 ? prefix : [];
}

function watchParent(onGone) {
  const before = ancestors();
  const timer = setInterval(() => {
    if (ancestors() === before) return;
    clearInterval(timer);
    onGone();
  }, PARENT_POLL_MS);
  return timer.unref();
}

/** The parent; and npm above it where npm's shell stays between the two (seen where there is /proc; elsewhere shells exec). */
function ancestors() {
  try {
    const stat = readFileSync(`/proc/${process.ppid}/stat`, "utf8");
    const [, name, grandparent] = /\((.*)\) \S (\d+)/.exec(stat);
    return /sh$/.test(name) ? `${process.ppid} ${grandparent}` : `${process.ppid}`;
  } catch {
    return `${process.ppid}`;
  }
}
