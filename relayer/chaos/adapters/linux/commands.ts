import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
/** Where root's programs are on Debian, which may not be on the PATH of whoever starts us. */
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const TIMEOUT_MILLISECONDS = 5_000;

/**
 * Runs a program of the system and gives its output back.
 * @throws Error with what it says when it is not there, fails, or takes too long
 */
export async function command(name: string, args: readonly string[], input?: string): Promise<string> {
  const running = run(name, [...args], { env: { PATH, LC_ALL: "C" }, timeout: TIMEOUT_MILLISECONDS });
  // A program that has ended before it has read all of it says why in its own words.
  running.child.stdin?.on("error", () => undefined).end(input ?? "");
  return (await running).stdout;
}

/** Why a probe fails, in words; `undefined` when it does not. */
export async function reasonAgainst(probe: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await probe();
    return undefined;
  } catch (error) {
    const words = error instanceof Error ? error.message : "no reason is given";
    return words.trim().replaceAll(/\s+/g, " ");
  }
}
