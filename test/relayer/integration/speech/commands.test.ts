import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { decodeWav, OUTPUT_RATE } from "../../../../relayer/speech/core/audio.ts";
import type { Segment } from "../../../../relayer/speech/core/plan.ts";
import { gaps } from "../../support/speech.ts";
import { repository, start } from "../../support/processes.ts";

const main = join(repository, "relayer/main.ts");
const folder = mkdtempSync(join(tmpdir(), "dchat-say-"));
const at = (name: string) => join(folder, name);
const dchat = (words: readonly string[], input = "") => {
  const running = start(process.execPath, [main, "speech", ...words], { cwd: folder });
  running.child.stdin?.end(input);
  return running.ended;
};

describe("dchat speech, without a network", () => {
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("says a document into a file, and when each segment is heard", async () => {
    writeFileSync(at("alert.ssml"), '<speak>One.<break time="500ms"/><emphasis>Two</emphasis></speak>');
    const { code, stdout } = await dchat([
      "say",
      "--ssml",
      at("alert.ssml"),
      "--out",
      at("out.wav"),
      "--json",
    ]);
    assert.equal(code, 0);
    const { segments, milliseconds } = JSON.parse(stdout) as {
      segments: (Segment & { begin: number; end: number })[];
      milliseconds: number;
    };
    const { samples = new Int16Array() } = decodeWav(readFileSync(at("out.wav"))) ?? {};
    assert.equal(samples.length, Math.round((milliseconds * OUTPUT_RATE) / 1_000));
    assert.deepEqual(
      segments.map(({ kind }) => kind),
      ["speech", "silence", "speech"],
    );
    segments.slice(1).forEach((segment, index) => {
      assert.equal(segment.begin, segments[index]?.end);
    });
    assert.ok(Math.abs(Math.max(...gaps(samples, 100)) - 500) <= 20);
  });

  it("says a text, at the rate and by the voice that are asked for", async () => {
    const say = async (...words: readonly string[]) => {
      const { code, stdout } = await dchat([
        "say",
        "--text",
        "Validator 3 is out.",
        "--out",
        at("t.wav"),
        "--json",
        ...words,
      ]);
      assert.equal(code, 0);
      return JSON.parse(stdout) as {
        milliseconds: number;
        segments: { voice: string }[];
        sentences: string[];
      };
    };
    const [own, fast] = [await say(), await say("--rate", "9", "--voice", "awb")];
    assert.deepEqual(own.sentences, ["Validator three is out."]);
    assert.ok(
      fast.milliseconds < own.milliseconds * 0.7 && fast.segments.every(({ voice }) => voice === "flite/awb"),
    );
  });

  it("checks a document: 0, or 1 with every error", async () => {
    const good = await dchat(["check", "-"], "<speak>Fine.</speak>");
    assert.deepEqual([good.code, good.stdout], [0, "standard input would be spoken\n"]);
    const bad = await dchat(["check", "-", "--json"], '<speak>\n<bad/><break time="x"/></speak>');
    const { ok, problems } = JSON.parse(bad.stdout) as {
      ok: boolean;
      problems: { line: number; column: number }[];
    };
    assert.deepEqual(
      [bad.code, ok, problems.map(({ line, column }) => [line, column])],
      [
        1,
        false,
        [
          [2, 1],
          [2, 7],
        ],
      ],
    );
  });

  it("ends with 2 for what it cannot read or understand, and says nothing was spoken", async () => {
    writeFileSync(at("latin1.ssml"), Buffer.from("<speak>\xe9</speak>", "latin1"));
    for (const words of [
      ["say"],
      ["say", "--text", "a", "--ssml", "b"],
      ["say", "--ssml", at("missing")],
      ["say", "--text", "a", "--rate", "fast"],
      ["check", at("latin1.ssml")],
      ["say", "--text", ""],
    ]) {
      const { code, stderr } = await dchat(words);
      assert.equal(code, 2, words.join(" "));
      assert.match(stderr, /Nothing was spoken/);
    }
  });

  it("refuses a document with exit code 1, and writes no file", async () => {
    writeFileSync(at("bad.ssml"), "<speak><audio src='x'/></speak>");
    const { code, stderr } = await dchat(["say", "--ssml", at("bad.ssml"), "--out", at("none.wav")]);
    assert.equal(code, 1);
    assert.match(stderr, /<audio> is refused: nothing external is fetched/);
    assert.throws(() => readFileSync(at("none.wav")));
  });

  it("has each voice that fits say who it is", async () => {
    const { code, stdout } = await dchat([
      "voices",
      "--gender",
      "male",
      "--preview",
      "--out",
      at("voices.wav"),
      "--json",
    ]);
    assert.equal(code, 0);
    const { segments } = JSON.parse(stdout) as { segments: readonly Segment[] };
    const speakers = segments.flatMap((each) => (each.kind === "speech" ? [each.voice] : []));
    assert.deepEqual([...new Set(speakers)], ["flite/rms", "flite/kal", "flite/awb"]);
    assert.ok((decodeWav(readFileSync(at("voices.wav")))?.samples.length ?? 0) > 6 * OUTPUT_RATE);
    assert.equal((await dchat(["voices", "--out", at("none.wav")])).code, 2);
  });

  it("lists voices by language and gender", async () => {
    const { stdout } = await dchat(["voices", "--gender", "male", "--language", "en-US", "--json"]);
    const { voices } = JSON.parse(stdout) as { voices: { name: string }[] };
    assert.deepEqual(
      voices.map(({ name }) => name),
      ["rms", "kal"],
    );
  });
});
