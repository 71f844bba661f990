import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import ora from "ora";
import { createOutput } from "../../../../relayer/commands/output.ts";
import { progressBar } from "../../../../relayer/platform/progress-bar.ts";

class Taken extends PassThrough {
  said = "";
  constructor() {
    super();
    this.on("data", (chunk: Buffer) => (this.said += chunk.toString()));
  }
  // What a terminal does beside taking text.
  cursorTo(): boolean {
    return true;
  }
  clearLine(): boolean {
    return true;
  }
  moveCursor(): boolean {
    return true;
  }
}

describe("what a command says", () => {
  it("is its result on standard output and its steps on standard error, each step once", () => {
    const [stdout, stderr] = [new Taken(), new Taken()];
    const output = createOutput({ json: false, stdout, stderr, spinner: undefined });
    for (const text of ["asks", "waits", "waits", "waits", "asks"]) output.step(text);
    output.result({ done: true }, "done");
    assert.equal(stdout.said, "done\n");
    assert.equal(stderr.said, "asks\nwaits\nasks\n");
  });

  it("is a line for each tenth of long work where nobody watches a terminal", () => {
    const [stdout, stderr] = [new Taken(), new Taken()];
    const output = createOutput({ json: false, stdout, stderr, spinner: undefined });
    for (let i = 0; i <= 1_000; i++) output.step(`block ${i}`, i / 1_000);
    assert.deepEqual(
      stderr.said.split("\n").slice(0, -1),
      Array.from({ length: 11 }, (_, i) => `${i * 10} %: block ${i * 100}`),
    );
  });

  it("is a bar on a terminal, which goes away before the result", () => {
    const [stdout, stderr] = [new Taken(), new Taken()];
    const spinner = ora({ stream: stderr, isEnabled: true });
    const output = createOutput({ json: false, stdout, stderr, spinner });
    output.step("the index is filled", 0.5);
    output.result({}, "done");
    assert.equal(stdout.said, "done\n");
    assert.match(stderr.said, /━{12}─{12} {2}50 % {2}the index is filled/);
  });

  it("is one JSON document with --json, and nothing else", () => {
    const [stdout, stderr] = [new Taken(), new Taken()];
    const output = createOutput({
      json: true,
      stdout,
      stderr,
      spinner: ora({ stream: stderr, isEnabled: true }),
    });
    output.step("waits", 0.3);
    output.result({ done: true }, "done");
    assert.deepEqual([stdout.said, stderr.said], ['{"done":true}\n', ""]);
  });
});

describe("a bar", () => {
  it("has the same width at every share, and stays within its bounds", () => {
    for (const share of [-1, 0, 0.001, 0.5, 0.999, 1, 7]) assert.equal(progressBar(share).length, 30);
    assert.match(progressBar(-1), /^─{24} {3}0 %$/);
    assert.match(progressBar(0.999), /^━{23}─ {2}99 %$/);
    assert.match(progressBar(7), /^━{24} 100 %$/);
  });
});
