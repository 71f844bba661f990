import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { parentDescriptorVariable } from "../relayer/platform/parent-watch.ts";
import { readReport, type Report } from "./report/result.ts";

/** How one benchmark ended: with a report, or with the reason why there is none. */
export type Outcome =
  { readonly name: string; readonly report: Report } | { readonly name: string; readonly failure: string };

/** Runs one benchmark to its end. */
export type RunBench = (name: string) => Promise<Outcome>;

/**
 * Runs benchmarks one after the other, also past one that fails.
 * @param onEnd told of each as soon as it has ended, so that what was measured is kept whatever follows
 * @param tell told how far it is, a line at a time
 */
export async function runSuite(
  names: readonly string[],
  runBench: RunBench,
  onEnd: (outcome: Outcome) => void,
  tell: (line: string) => void,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [i, name] of names.entries()) {
    tell(`== ${name} (${i + 1} of ${names.length})`);
    const began = performance.now();
    const outcome = await runBench(name);
    const seconds = Math.round((performance.now() - began) / 1_000);
    tell(`== ${name}: ${"failure" in outcome ? `failed, ${outcome.failure},` : "done"} after ${seconds} s`);
    outcomes.push(outcome);
    onEnd(outcome);
  }
  return outcomes;
}

/**
 * Runs benchmarks as processes of their own, as naming one on the command line does: none inherits another's heap, compiled code or
 * open files. What they say of their progress goes to this process's stderr; they end with this process.
 * @param commandOf the arguments to Node that make a benchmark print its report
 */
export function runAsProcess(commandOf: (name: string) => readonly string[]): RunBench {
  return async (name) => {
    const child = spawn(process.execPath, commandOf(name), {
      // The last one is a pipe that nobody writes to: it ends when this process does.
      stdio: ["ignore", "pipe", "inherit", "pipe"],
      env: { ...process.env, [parentDescriptorVariable]: "3" },
    });
    const stopForwarding = forwardSignals(child);
    const [said, [code, signal]] = await Promise.all([
      child.stdout === null ? "" : text(child.stdout),
      once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>,
    ]);
    stopForwarding();
    if (signal !== null) return { name, failure: `ended by ${signal}` };
    if (code !== 0) return { name, failure: `exit code ${code ?? "unknown"} (its words are above)` };
    const report = readReport(said);
    return report === undefined ? { name, failure: "its last line is no report" } : { name, report };
  };
}

/** Whoever ends this process ends the benchmark with it, and no other begins. */
function forwardSignals(child: ChildProcess): () => void {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const forward = (signal: NodeJS.Signals) => {
    child.kill(signal);
    child.once("exit", () => process.exit(130));
  };
  for (const signal of signals) process.once(signal, forward);
  return () => {
    for (const signal of signals) process.off(signal, forward);
  };
}
