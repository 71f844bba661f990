import { spawn } from "node:child_process";
import { constants } from "node:os";
import { parentDescriptorVariable } from "./parent-watch.ts";

/**
 * Runs a program in this process's place, with its terminal. It is told of the end of this process by a pipe (see `parent-watch.ts`).
 * @param signal asks it to end when it aborts
 * @returns its exit code, or 128 and the number of the signal that ended it
 * @throws the system's error where it cannot be started
 */
export async function runInForeground(
  [program, ...args]: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<number> {
  const child = spawn(program, args, {
    stdio: ["inherit", "inherit", "inherit", "pipe"],
    env: { ...env, [parentDescriptorVariable]: "3" },
  });
  // It never gets a word; the error is that of a program which has closed its end.
  child.stdio[3]?.on("error", () => undefined);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once("error", reject);
  child.once("exit", (code, by) => {
    resolve(code ?? 128 + (by === null ? 0 : constants.signals[by]));
  });
  const end = () => child.kill("SIGTERM");
  if (signal.aborted) end();
  signal.addEventListener("abort", end);
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", end);
  }
}
