import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { repository, start, until } from "../../support/processes.ts";

const FILES = 100;
const CONTENDERS = 2;
/** Takes every lock at its own time, which is the same for all, and keeps what it gets until everybody is through. */
const contender = `import { tryLock } from ${JSON.stringify(join(repository, "relayer/platform/process-lock.ts"))};
  const [folder, at] = process.argv.slice(1);
  const held = [];
  for (let index = 0; index < ${FILES}; index++) {
    while (Date.now() < Number(at) + index * 10);
    const release = tryLock(folder + "/" + index);
    if (release !== undefined) held.push({ index, release });
  }
  process.stdout.write(JSON.stringify(held.map(({ index }) => index)));
  process.stdin.resume();`;

void describe("a lock on a file", () => {
  void it("is had by one of two processes that ask at once, and never by nobody", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dchat-lock-"));
    const args = ["--input-type=module-typescript", "-e", contender, folder, String(Date.now() + 2_000)];
    const contenders = Array.from({ length: CONTENDERS }, () => start(process.execPath, args));
    const held = await Promise.all(
      contenders.map(async (contending) => {
        await until("it is through", () => contending.stdout() !== "");
        return contending.stdout();
      }),
    );
    for (const { child } of contenders) child.stdin?.end();
    await Promise.all(contenders.map(async ({ ended }) => ended));
    rmSync(folder, { recursive: true });
    const holders = held.flatMap((said) => JSON.parse(said) as number[]).sort((a, b) => a - b);
    assert.deepEqual(holders, [...Array(FILES).keys()]);
  });
});
