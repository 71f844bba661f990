import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { hash, messageId } from "../../relayer/domain/ids.ts";
import { exitCodes } from "../../relayer/platform/exit-codes.ts";
import { Instance } from "./support/instance.ts";

/** The ports that a local network takes when they are free: chain A, chain B, the API. */
const PREFERRED = [8_545, 8_546, 8_080];

/** The last line of `npm start -- --once`. */
const report = z.object({
  transfers: z.array(
    z.object({
      lane: z.string(),
      messageId,
      sourceTx: hash,
      destinationTx: hash,
      milliseconds: z.number().int().positive(),
      executions: z.literal(1),
    }),
  ),
});

/** Sees `npm start -- --once` to its end, and asserts that it did its work and left nothing behind. */
async function assertOnce(instance: Instance): Promise<void> {
  await instance.untilReady();
  const { code, signal, stdout, stderr } = await instance.running.ended;
  assert.deepEqual([code, signal], [exitCodes.success, null], stderr);
  const lines = stdout.split("\n");
  assert.equal(lines.at(-1), "", "the last line is complete");
  const { transfers } = report.parse(JSON.parse(lines.at(-2) ?? ""));
  assert.deepEqual(
    transfers.map(({ lane }) => lane),
    ["A-B", "B-A"],
  );
  const transactions = transfers.flatMap(({ sourceTx, destinationTx }) => [sourceTx, destinationTx]);
  assert.equal(new Set(transactions).size, 4);
  await instance.untilGone();
  assert(!instance.hasFolder());
}

describe("npm start -- --once", () => {
  it("makes two transfers, says so in one line of JSON, and leaves nothing behind; so do two at once", async () => {
    await using one = new Instance(["--once"]);
    await using other = new Instance(["--once"]);
    await Promise.all([assertOnce(one), assertOnce(other)]);
  });

  it("refuses an option that it does not know, in one sentence", async () => {
    await using instance = new Instance(["--twice"]);
    const { code, stderr } = await instance.running.ended;
    assert.equal(code, exitCodes.usage);
    assert.match(stderr, /^error: Unknown option '--twice'.* Nothing was started: .*--once/m);
  });
});

describe("npm start", () => {
  const dummies: Server[] = [];
  before(async () => {
    for (const port of PREFERRED) {
      const server = createServer((_, response) => response.end("not dchat")).listen(port, "127.0.0.1");
      const isOurs = await once(server, "listening").then(
        () => true,
        () => false, // somebody else has it: all the better
      );
      if (isOurs) dummies.push(server);
    }
  });
  after(async () => {
    for (const server of dummies) {
      server.close();
      await once(server, "close");
    }
  });

  /** The folders of killed runs; the next start removes them. */
  const abandoned: Instance[] = [];

  it("stays up on other ports than those in use, and starts again what crashed, until Ctrl-C", async () => {
    await using instance = new Instance();
    const network = await instance.untilUp();
    for (const port of PREFERRED) assert(!instance.ports.includes(port));
    await using other = new Instance(["--once"]);
    await assertOnce(other);
    for (const port of other.ports) assert(!instance.ports.includes(port));

    const watcher = instance.pid("--role", "watcher", "--chain", "A");
    assert(watcher !== undefined);
    process.kill(watcher, "SIGKILL");
    await instance.untilSays("watcher-A ended (SIGKILL) and is started again");
    await instance.untilSays("watcher-A runs again");
    assert.notEqual(instance.pid("--role", "watcher", "--chain", "A"), undefined);
    assert.equal((await fetch(`http://${network.api.host}:${network.api.port}/readyz`)).status, 200);

    instance.interrupt();
    instance.interrupt(); // as impatient people do
    await instance.running.ended;
    await instance.untilGone();
    assert(!instance.hasFolder());
  });

  it("leaves no process and no port when the bootstrap is killed", async () => {
    await using instance = new Instance();
    await instance.untilUp();
    process.kill(instance.bootstrapPid(), "SIGKILL");
    await instance.running.ended;
    await instance.untilGone();
  });

  it("leaves no process and no port when it is killed itself, in the middle of the transfers", async () => {
    await using instance = new Instance();
    await instance.untilReady();
    await instance.untilSays("sending 100 DEMO");
    process.kill(instance.startPid(), "SIGKILL");
    await instance.running.ended;
    await instance.untilGone();
    assert(instance.hasFolder(), "nobody was left to remove it");
    abandoned.push(instance.keep());
  });

  it("leaves nothing when SIGTERM reaches what npm runs, in the middle of the start; and clears up after others", async () => {
    await using instance = new Instance();
    await instance.untilFolder();
    assert.deepEqual(
      abandoned.filter((killed) => killed.hasFolder()),
      [],
    );
    await instance.untilSays("deploying the contracts");
    process.kill(instance.bootstrapPid(), "SIGTERM");
    await instance.running.ended;
    await instance.untilGone();
    assert(!instance.hasFolder());
  });

  it("says why when a part of it cannot run, and leaves nothing but the logs", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dchat-start-"));
    try {
      const server = join(folder, "redis-server");
      writeFileSync(server, "#!/bin/sh\necho the disk is full >&2\nexit 78\n");
      chmodSync(server, 0o755);
      await using instance = new Instance([], { DCHAT_REDIS_SERVER: server });
      await instance.untilFolder();
      const { code, stderr } = await instance.running.ended;
      assert.equal(code, exitCodes.failure);
      assert.match(
        stderr,
        /\nerror: redis cannot run with this configuration: the disk is full\nThe logs are in /,
      );
      await instance.untilGone();
      assert(instance.hasFolder());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
