import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure, Interrupted } from "./failure.mjs";
import { findProgram } from "./path.mjs";

const KEPT_CHARACTERS = 100_000;
const GRACE_MS = 3_000;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

/** The tool begins when it is told to; if we die before that, its input ends and so does it. */
const GATE = ["sh", "-c", 'read -r go && exec "$@" </dev/null', "sh"];

/**
 * Runs a tool to its end in a process group of its own, without input, and collects what it says. A signal that
 * reaches this program meanwhile ends the whole group first.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, onPid?: (pid: number | undefined) => void }} [options] onPid learns
 *   the process group before the tool begins, and undefined when it has ended
 * @returns {Promise<{ code: number, output: string }>} the exit code (128 after a signal) and its words
 * @throws Failure when there is no such command; Interrupted after a signal
 */
export async function runTool(command, args, { cwd, env = process.env, onPid = () => {} } = {}) {
  if (findProgram(command, env) === undefined) {
    throw new Failure(`${command} is not on the PATH: install it and try again.`);
  }
  let child;
  let interruption;
  const interrupt = (signal) => {
    interruption = signal;
    signalGroup(child.pid, "SIGTERM");
    void sleep(GRACE_MS, undefined, { ref: false }).then(() => signalGroup(child.pid, "SIGKILL"));
  };
  // Before the start: a signal handler runs between two turns of the event loop, and the default one at once.
  for (const signal of SIGNALS) process.on(signal, interrupt);
  try {
    child = spawn(GATE[0], [...GATE.slice(1), command, ...args], { cwd, env, detached: true });
    onPid(child.pid);
    child.stdin.on("error", () => {}).end("go\n");
    const result = await ended(child);
    if (interruption !== undefined) throw new Interrupted(interruption);
    return result;
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
    onPid(undefined);
  }
}

function ended(child) {
  let output = "";
  const collect = (chunk) => (output = (output + chunk).slice(0, KEPT_CHARACTERS));
  child.stdout.setEncoding("utf8").on("data", collect);
  child.stderr.setEncoding("utf8").on("data", collect);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 128, output: output.trim() }));
  });
}

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}
