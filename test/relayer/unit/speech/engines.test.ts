import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { espeakProgram, readVoices } from "../../../../relayer/speech/adapters/espeak-ng.ts";
import { playerPrograms } from "../../../../relayer/speech/adapters/process-player.ts";
import { macOsSay, windowsSapi } from "../../../../relayer/speech/adapters/system-engines.ts";
import { voice } from "../../support/speech.ts";

const hostile = '$(touch /tmp/x); `id` "quoted" [[slnc 9000]] <speak>';
const asked = { text: hostile, voice: voice("Anna; rm -rf /"), rate: 1.5, pitch: undefined };

describe("how engines of the system are called", () => {
  it("espeak-ng: words by standard input, everything else by argument vector, and no phoneme commands", () => {
    const { command, words, input } = espeakProgram(asked);
    assert.equal(command, "espeak-ng");
    assert.deepEqual(words, [
      "--stdin",
      "--stdout",
      "-b",
      "1",
      "-a",
      "60",
      "-s",
      "263",
      "-v",
      "Anna; rm -rf /",
    ]);
    assert.equal(input, `${hostile.replace("[[", "[ [")}\n`);
  });

  it("say: a WAV file, with the text by standard input and without embedded commands", () => {
    const { command, words, input } = macOsSay.speak(asked, "/tmp/f/speech.wav");
    assert.equal(command, "say");
    assert.deepEqual(words, [
      "-v",
      "Anna; rm -rf /",
      "-r",
      "263",
      "-o",
      "/tmp/f/speech.wav",
      "--file-format=WAVE",
      "--data-format=LEI16@22050",
      "-f",
      "-",
    ]);
    assert.ok(!input.includes("[["));
  });

  it("SAPI: a script of ours alone, and everything of others as JSON by standard input", () => {
    const { command, words, input } = windowsSapi.speak({ ...asked, rate: 2 }, "C:\\f.wav");
    assert.equal(command, "powershell.exe");
    assert.deepEqual(words.slice(0, 3), ["-NoProfile", "-NonInteractive", "-Command"]);
    assert.ok(!words.join(" ").includes("touch") && !words.join(" ").includes("Anna"));
    assert.deepEqual(JSON.parse(input), {
      text: hostile,
      voice: "Anna; rm -rf /",
      rate: 6,
      file: "C:\\f.wav",
    });
  });

  it("read their lists of voices", () => {
    const espeak =
      "Pty Language       Age/Gender VoiceName          File\n 5  af              --/M      Afrikaans          gmw/af\n 2  en-gb           --/F      English_(GB)  gmw/en\n";
    assert.deepEqual(
      readVoices(espeak).map(({ id, language, gender }) => [id, language, gender]),
      [
        ["espeak-ng/af", "af", "male"],
        ["espeak-ng/en-gb", "en-GB", "female"],
      ],
    );
    const say =
      "Samantha            en_US    # Hello! My name is Samantha.\nBad News            en_US    # Hi\nnonsense\n";
    assert.deepEqual(
      macOsSay.readVoices(say).map(({ name, language }) => [name, language]),
      [
        ["Samantha", "en-US"],
        ["Bad News", "en-US"],
      ],
    );
    const sapi = "Microsoft Zira Desktop\ten-US\tFemale\r\nMicrosoft Hedda\tde-DE\tNotSet\r\n";
    assert.deepEqual(
      windowsSapi.readVoices(sapi).map(({ name, language, gender }) => [name, language, gender]),
      [
        ["Microsoft Zira Desktop", "en-US", "female"],
        ["Microsoft Hedda", "de-DE", "neutral"],
      ],
    );
  });

  it("players: raw mono PCM of 16 bits at 16 kHz from standard input", () => {
    for (const { command, words } of playerPrograms) assert.match(words.join(" "), /16000/, command);
  });
});
