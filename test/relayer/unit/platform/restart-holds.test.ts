import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { holdFile, holdRestarts, untilReleased } from "../../../../relayer/platform/restart-holds.ts";

void describe("holds of restarts", () => {
  let folder: string;
  const never = new AbortController().signal;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "dchat-holds-"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** Whether a child of this name is held back now. */
  async function isHeld(child: string): Promise<boolean> {
    const stop = new AbortController();
    const released = untilReleased(folder, child, stop.signal).then(() => !stop.signal.aborted);
    setImmediate(() => {
      stop.abort();
    });
    return !(await released);
  }

  void it("hold back the child that they name, and no other", async () => {
    holdRestarts(holdFile(folder, "signer-1"), Date.now() + 60_000);
    assert.equal(await isHeld("signer-1"), true);
    assert.equal(await isHeld("signer-2"), false);
  });

  void it("are over when the file is gone", async () => {
    const file = holdFile(folder, "sender-A");
    holdRestarts(file, Date.now() + 60_000);
    const released = untilReleased(folder, "sender-A", never);
    rmSync(file);
    await released;
  });

  void it("are over at their time", async () => {
    holdRestarts(holdFile(folder, "sender-B"), Date.now() + 100);
    await untilReleased(folder, "sender-B", never);
  });

  for (const text of ["", "forever", "-1", "1e99", String(Date.now() + 90_000_000)]) {
    void it(`are none with "${text}" for a time`, async () => {
      writeFileSync(holdFile(folder, "odd"), text);
      assert.equal(await isHeld("odd"), false);
    });
  }
});
