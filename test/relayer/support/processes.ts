import { type ChildProcess, spawn, type SpawnOptionsWithoutStdio } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** The checkout that these tests belong to. */
export const repository = join(import.meta.dirname, "../../..");

/**
 * Polls until the condition holds.
 *
 * @throws Error naming `what` after `timeoutMs`
 */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 30_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
    await sleep(10);
  }
}

/** Whether the process runs; a zombie that nobody has waited for does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

/** Whether something accepts connections on the loopback port. */
export async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** What became of a process. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process, the words that it has said so far, and its end. */
export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  readonly ended: Promise<Ended>;
}

/** Starts a program with its stdin a pipe that this process holds, and collects what it says. */
export function start(
  command: string,
  args: readonly string[],
  options: SpawnOptionsWithoutStdio = {},
): Running {
  const child = spawn(command, args, { ...options, stdio: "pipe" });
  if (child.pid === undefined) throw new Error(`${command} did not start`);
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (code, signal) => {
      resolve({ code, signal, ...said });
    });
  });
  return { child, pid: child.pid, stdout: () => said.stdout, stderr: () => said.stderr, ended };
}
