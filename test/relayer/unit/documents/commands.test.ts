import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { commandsOf } from "../../../e2e/documents/commands.ts";

const texts = (...lines: string[]) => commandsOf(lines.join("\n")).map(({ text }) => text);

describe("the commands of a document", () => {
  it("stand in its blocks of shell, one a line, without comments", () => {
    assert.deepEqual(
      texts(
        "Run `not this`:",
        "```sh",
        "dchat status   # how far",
        "",
        "# nothing",
        "dchat doctor",
        "```",
        "dchat not this",
      ),
      ["dchat status", "dchat doctor"],
    );
  });

  it("do not stand in blocks of other languages, nor in what a block shows of a block", () => {
    assert.deepEqual(
      texts(
        "```json",
        "dchat no",
        "```",
        "```",
        "dchat no",
        "```",
        "````md",
        "```sh",
        "dchat no",
        "```",
        "````",
      ),
      [],
    );
  });

  it("go on after a backslash, and begin where their first line is", () => {
    const lines = [
      "```sh",
      "dchat escrow create \\",
      "  --chain A \\",
      "  --amount 1 # one",
      "dchat status",
      "```",
    ];
    assert.deepEqual(commandsOf(lines.join("\n")), [
      { line: 2, text: "dchat escrow create --chain A --amount 1" },
      { line: 5, text: "dchat status" },
    ]);
  });

  it("keep a # within quotes or a word", () => {
    assert.deepEqual(texts("```sh", `dchat say "number # 1" '#2' a#3 # comment`, "```"), [
      `dchat say "number # 1" '#2' a#3`,
    ]);
  });

  it("are found in a list, where blocks are set in", () => {
    assert.deepEqual(texts("1. So:", "", "   ```sh", "   dchat status", "   ```"), ["dchat status"]);
  });
});
