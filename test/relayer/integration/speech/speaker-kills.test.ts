import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { SqliteUtteranceStore } from "../../../../relayer/speech/adapters/utterance-store.ts";
import { repository, start } from "../../support/processes.ts";
import { request } from "../../support/speech.ts";

const program = join(repository, "test/relayer/support/speaking-program.ts");
const folder = mkdtempSync(join(tmpdir(), "dchat-speaking-"));
const requests = [
  request({ id: "a", text: "One of a. Two of a. Three of a." }),
  request({ id: "b", text: "One of b. Two of b.", priority: "low" }),
  request({ id: "u", text: "Now.", priority: "urgent" }),
];
const SENTENCES = ["a 0", "a 1", "a 2", "b 0", "b 1", "u 0"];

describe("a speaker that is killed", { concurrency: 2 }, () => {
  after(() => {
    rmSync(folder, { recursive: true });
  });

  let runs = 0;
  async function run(name: string, step: string) {
    const settings = join(folder, `${name}-${++runs}.json`);
    const [file, log] = [join(folder, `${name}.sqlite`), join(folder, `${name}.log`)];
    // A claim of the one that was killed has lapsed when the next one looks.
    writeFileSync(
      settings,
      JSON.stringify({ file, log, step, requests, now: 1_000_000 + runs * 600_000, consumer: `run-${runs}` }),
    );
    const ended = await start(process.execPath, [program, settings]).ended;
    return { ended, file, said: existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [] };
  }

  const steps = [
    ...["add-1", "add-3", "claim-1", "claim-3"],
    ...["progress-1", "progress-2", "release-1", "finish-1", "finish-3"],
  ].flatMap((step) => [`before-${step}`, `after-${step}`]);

  for (const step of steps)
    it(
      `${step.replaceAll("-", " ")}: loses nothing, and says no more than a sentence again`,
      { timeout: 60_000 },
      async () => {
        const killed = await run(step, step);
        assert.deepEqual([killed.ended.signal, killed.ended.stderr], ["SIGKILL", ""]);
        const again = await run(step, "never");
        assert.deepEqual([again.ended.code, again.ended.stderr], [0, ""]);

        const store = new SqliteUtteranceStore(again.file);
        assert.deepEqual(
          store
            .told(10)
            .map(({ id, state }) => `${id} ${state}`)
            .sort(),
          ["a spoken", "b spoken", "u spoken"],
        );
        store.close();
        assert.deepEqual([...new Set(again.said)].sort(), SENTENCES);
        // The interruption says one sentence again, which is its purpose; the kill at most another.
        assert.ok(again.said.length <= SENTENCES.length + 2, again.said.join(", "));
      },
    );

  it("says everything once, but for the sentence that was interrupted, where nobody kills it", async () => {
    const { ended, said } = await run("whole", "never");
    assert.deepEqual([ended.code, ended.stderr], [0, ""]);
    assert.deepEqual(said, ["a 0", "a 1", "u 0", "a 1", "a 2", "b 0", "b 1"]);
  });
});
