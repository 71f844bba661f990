// Everything that is tested: contracts (mocha and Solidity), then the relayer and the whole system (node's test runner).
// Arguments choose among the suites by name: npm test -- contracts
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { exitWithParent } from "../relayer/platform/parent-watch.ts";
import { COMPILE_CACHE } from "./compile-cache.ts";

type Suite = { readonly name: string; readonly command: readonly [string, ...string[]] };

/** Test files of one folder, in an order that does not change; without those of the folder `without` in it. */
const files = (folder: string, without?: string) =>
  globSync(`test/${folder}/**/*.test.ts`)
    .filter((file) => without === undefined || !file.startsWith(`test/${folder}/${without}/`))
    .sort();
const node = (folder: string, concurrency: number, without?: string): Suite["command"] => [
  process.execPath,
  "--test",
  // A test that hangs fails instead, and so does a file that does not end.
  "--test-timeout=300000",
  `--import=${join(import.meta.dirname, "../test/support/file-limit.ts")}`,
  `--test-concurrency=${concurrency}`,
  ...files(folder, without),
];

/** Stages follow one another; the suites of a stage run side by side. */
const stages: readonly (readonly Suite[])[] = [
  [
    { name: "contracts", command: ["hardhat", "test"] },
    { name: "unit", command: node("relayer/unit", 1) },
    { name: "web", command: node("web", 1) },
    { name: "tooling", command: node("tooling", 1) },
  ],
  // These wait more than they compute.
  [{ name: "integration", command: node("relayer/integration", 2, "chaos") }],
  // These take processors and memory, and would take them from others.
  [{ name: "chaos", command: node("relayer/integration/chaos", 1) }],
  // Each of these brings a whole fleet up; two at once make each other late.
  [{ name: "e2e", command: node("e2e", 1) }],
];
const suites = stages.flat();

const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !suites.some((suite) => suite.name === name));
if (unknown !== undefined) {
  process.stderr.write(
    `There is no suite ${unknown}; the suites are ${suites.map(({ name }) => name).join(", ")}.\n`,
  );
  process.exit(2);
}

/** The suites that run, each in a process group of its own so that whatever it started ends with it. */
const running = new Set<ChildProcess>();
const stop = () => {
  for (const { pid } of running) if (pid !== undefined) process.kill(-pid, "SIGTERM");
  process.exitCode = 1;
};
exitWithParent(stop, process.env);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, stop);

/**
 * Runs one suite.
 * @param isAlone it may speak as it goes; of several side by side, each is shown when it has ended
 * @returns whether it passed
 */
async function run({ name, command }: Suite, isAlone: boolean): Promise<boolean> {
  const began = performance.now();
  const output = isAlone ? "inherit" : "pipe";
  const child = spawn(command[0], command.slice(1), {
    stdio: ["inherit", output, output],
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
    detached: true,
  });
  running.add(child);
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  const [said, [status]] = await Promise.all([
    Promise.all(streams.map((stream) => text(stream))),
    once(child, "exit") as Promise<[number | null]>,
  ]);
  running.delete(child);
  const seconds = ((performance.now() - began) / 1_000).toFixed(0);
  const outcome = status === 0 ? "passed" : "failed";
  const words = isAlone ? "" : `\n== ${name}\n${said.join("")}`;
  process.stdout.write(`${words}== ${name}: ${outcome} after ${seconds} s\n`);
  return status === 0;
}

const failed: string[] = [];
for (const stage of stages) {
  const these = stage.filter(({ name }) => chosen.length === 0 || chosen.includes(name));
  if (these.length > 0) process.stdout.write(`\nrunning ${these.map(({ name }) => name).join(", ")}\n`);
  const passed = await Promise.all(these.map((suite) => run(suite, these.length === 1)));
  if (process.exitCode !== undefined) break; // asked to stop
  failed.push(...these.filter((_, i) => passed[i] === false).map(({ name }) => name));
}
if (failed.length > 0) {
  process.stdout.write(`\nfailed: ${failed.join(", ")}\n`);
  process.exitCode = 1;
}
