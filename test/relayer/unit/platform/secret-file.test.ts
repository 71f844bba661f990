import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isPrivate } from "../../../../relayer/platform/secret-file.ts";

const ROOT = 0;
const US = 10_001;
const OTHER = 10_002;

describe("the rights of a file with a secret", () => {
  for (const [what, file, reader, isGood] of [
    ["one's own, for oneself", { mode: 0o100600, uid: US }, US, true],
    ["one's own, that the group may read", { mode: 0o100640, uid: US }, US, false],
    ["one's own, that everybody may read", { mode: 0o100604, uid: US }, US, false],
    [
      "root's, that the group may read, as Kubernetes and systemd hand it out",
      { mode: 0o100440, uid: ROOT },
      US,
      true,
    ],
    ["root's, that the group may write", { mode: 0o100460, uid: ROOT }, US, false],
    ["root's, that everybody may read", { mode: 0o100444, uid: ROOT }, US, false],
    ["root's own to root, that the group may read", { mode: 0o100440, uid: ROOT }, ROOT, false],
    ["somebody else's, that the group may read", { mode: 0o100440, uid: OTHER }, US, false],
  ] as const)
    it(`${isGood ? "suffice" : "do not suffice"}: ${what}`, () => {
      assert.equal(isPrivate(file, reader), isGood);
    });
});
