import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { promisify } from "node:util";
import { runAsProcess, runSuite } from "../../bench/suite.ts";
import { repository } from "../relayer/support/processes.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-suite-"));
after(() => {
  rmSync(folder, { recursive: true });
});

const report = { figures: { a: 1 }, about: { what: "w", peers: {} } };
const PROGRAMS: Readonly<Record<string, string>> = {
  good: `console.log("a  1"); console.log(${JSON.stringify(JSON.stringify(report))})`,
  bad: "process.exitCode = 3",
  mute: `console.log("a  1")`,
  killed: `process.kill(process.pid, "SIGKILL")`,
  orphan: `console.log(JSON.stringify({ figures: { descriptor: Number(process.env.DCHAT_PARENT_FD) }, about: { what: "", peers: {} } }))`,
};
for (const [name, text] of Object.entries(PROGRAMS)) writeFileSync(join(folder, `${name}.mjs`), text);
const runProgram = runAsProcess((name) => [join(folder, `${name}.mjs`)]);

describe("bench: a suite", () => {
  it("goes on past one that fails, and says of each how it ended", async () => {
    const lines: string[] = [];
    const ended: string[] = [];
    const outcomes = await runSuite(
      ["bad", "good", "mute", "killed"],
      runProgram,
      ({ name }) => ended.push(name),
      (line) => lines.push(line),
    );
    assert.deepEqual(outcomes, [
      { name: "bad", failure: "exit code 3 (its words are above)" },
      { name: "good", report },
      { name: "mute", failure: "its last line is no report" },
      { name: "killed", failure: "ended by SIGKILL" },
    ]);
    assert.deepEqual(ended, ["bad", "good", "mute", "killed"]);
    assert.equal(lines[0], "== bad (1 of 4)");
    assert.match(lines[1] ?? "", /^== bad: failed, exit code 3 \(its words are above\), after \d+ s$/);
    assert.match(lines[3] ?? "", /^== good: done after \d+ s$/);
  });

  it("gives each a pipe that ends with the suite", async () => {
    const outcome = await runProgram("orphan");
    assert("report" in outcome);
    assert.deepEqual(outcome.report.figures, { descriptor: 3 });
  });
});

describe("bench: the command", () => {
  const bench = (...args: readonly string[]) =>
    promisify(execFile)(process.execPath, [join(repository, "bench/main.ts"), ...args], { cwd: repository });

  it("measures what is named, and ends with one line of JSON", async () => {
    const { stdout } = await bench("size", "--json");
    const last: unknown = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
    assert(typeof last === "object" && last !== null && "figures" in last && "about" in last);
    assert(typeof last.figures === "object" && last.figures !== null);
    assert(Object.keys(last.figures).includes("Ed25519Verifier"));
  });

  it("refuses a name that it does not know, and measures nothing", async () => {
    await assert.rejects(bench("size", "speed"), {
      code: 2,
      stdout: "",
      stderr: /no benchmark speed\. Usage/,
    });
  });
});
