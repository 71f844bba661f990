import { spawnSync } from "node:child_process";
import { readlinkSync } from "node:fs";
import { basename, dirname } from "node:path";
import { ConfigurationError } from "../domain/errors.ts";
import { runInForeground } from "./foreground.ts";

/** That a local network runs where this process cannot reach it; a command is to be run in there. */
export class ElsewhereError extends Error {
  override name = "ElsewhereError";
  /** A process of that network. */
  readonly pid: number;

  constructor(pid: number) {
    super(`the network of process ${pid} is in a network namespace of its own`);
    this.pid = pid;
  }
}

/**
 * Makes sure that the local network with this configuration can be reached from here. A configuration that is not in the folder of a run
 * (see `local-runs.ts`) does not tell where its network is, and is taken to be here.
 * @throws ElsewhereError where it runs in another network namespace
 */
export function requireSameNamespace(networkFile: string): void {
  const [, owner] = /^\d+-(\d+)$/.exec(basename(dirname(networkFile))) ?? [];
  if (owner === undefined) return;
  const theirs = namespaceOf(owner);
  if (theirs !== undefined && theirs !== namespaceOf("self")) throw new ElsewhereError(Number(owner));
}

/** The command that runs a program in the user and network namespace of a process; whoever made them is root in there. */
export function commandInside(pid: number, program: readonly string[]): readonly [string, ...string[]] {
  return ["nsenter", "--user", "--net", "--preserve-credentials", "--target", String(pid), "--", ...program];
}

/** Runs a program inside, as `runInForeground` does. @throws ConfigurationError `NAMESPACE` where nsenter is missing or may not */
export async function runInside(
  pid: number,
  program: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<number> {
  const [nsenter, ...args] = commandInside(pid, ["true"]);
  const { status, error, stderr } = spawnSync(nsenter, args, { encoding: "utf8" });
  if (status === 0) return runInForeground(commandInside(pid, program), env, signal);
  const words = error === undefined ? stderr.trim() : "there is no nsenter (util-linux) on the PATH";
  throw new ConfigurationError(
    "NAMESPACE",
    `The network runs in a namespace of its own (process ${pid}), which cannot be entered: ${words}. Nothing was done; be who started it, or root.`,
  );
}

/** The network namespace of a process; undefined where the system has none, or the process is gone or another user's. */
function namespaceOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}
