// Everything that is tested: contracts (mocha and Solidity), then the relayer and the whole system (node's test runner).
// Arguments choose among the suites by name: npm test -- contracts
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { exitWithParent } from "../relayer/platform/parent-watch.ts";

type Suite = { readonly name: string; readonly command: readonly [string, ...string[]] };

/** Test files of one folder, in an order that does not change. */
const files = (folder: string) => globSync(`test/${folder}/**/*.test.ts`).sort();
const node = (folder: string, concurrency: number): Suite["command"] => [
  process.execPath,
  "--test",
  // A test that hangs fails instead.
  "--test-timeout=300000",
  `--test-concurrency=${concurrency}`,
  ...files(folder),
];

const suites: readonly Suite[] = [
  { name: "contracts", command: ["hardhat", "test"] },
  { name: "unit", command: node("relayer/unit", 2) },
  { name: "integration", command: node("relayer/integration", 2) },
  // Each of these brings a whole fleet up; two at once would only wait for each other.
  { name: "e2e", command: node("e2e", 1) },
];

const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !suites.some((suite) => suite.name === name));
if (unknown !== undefined) {
  process.stderr.write(
    `There is no suite ${unknown}; the suites are ${suites.map(({ name }) => name).join(", ")}.\n`,
  );
  process.exit(2);
}

/** The suite that runs, in a process group of its own so that whatever it started ends with it. */
let running: ChildProcess | undefined;
const stop = () => {
  if (running?.pid !== undefined) process.kill(-running.pid, "SIGTERM");
  process.exitCode = 1;
};
exitWithParent(stop, process.env);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, stop);

const failed: string[] = [];
for (const { name, command } of suites.filter(
  (suite) => chosen.length === 0 || chosen.includes(suite.name),
)) {
  process.stdout.write(`\n== ${name}\n`);
  const began = performance.now();
  running = spawn(command[0], command.slice(1), { stdio: "inherit", detached: true });
  const [status] = (await once(running, "exit")) as [number | null];
  if (process.exitCode !== undefined) break; // asked to stop
  process.stdout.write(
    `== ${name}: ${status === 0 ? "passed" : "failed"} after ${((performance.now() - began) / 1_000).toFixed(0)} s\n`,
  );
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) {
  process.stdout.write(`\nfailed: ${failed.join(", ")}\n`);
  process.exitCode = 1;
}
