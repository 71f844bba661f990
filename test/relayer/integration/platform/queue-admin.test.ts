import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { FatalError, UsageError } from "../../../../relayer/domain/errors.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { QueueAdmin } from "../../../../relayer/platform/queue-admin.ts";
import { Queues } from "../../../../relayer/platform/queues.ts";
import { PrivateRedis } from "../../support/private-redis.ts";
import { until } from "../../support/processes.ts";

const schema = z.object({ value: z.number() });

describe("dead letters", () => {
  let server: PrivateRedis;
  let queues: Queues;
  let admin: QueueAdmin;
  const broken = { isBroken: true };
  before(async () => {
    server = await PrivateRedis.start();
    queues = new Queues(server.connect(), createLogger("silent", {}));
    admin = new QueueAdmin(server.connect());
    const handler = () =>
      broken.isBroken ? Promise.reject(new FatalError("NO", "the reason")) : Promise.resolve();
    queues.work("deliver-a", schema, handler, { concurrency: 1 });
    for (const value of [1, 2, 3]) await queues.add("deliver-a", `job-${value}`, schema, { value });
    await until("all failed", async () => (await queues.counts("deliver-a"))["failed"] === 3);
  });
  after(async () => {
    await admin.close();
    await queues.close();
    await server.stop();
  });

  it("are listed with their reasons and what they are about", async () => {
    const [queue] = await admin.list();
    assert.deepEqual(queue, {
      queue: "deliver-a",
      isPaused: false,
      waiting: 0,
      active: 0,
      delayed: 0,
      failed: 3,
    });
    const letters = await admin.failed(undefined);
    assert.deepEqual(letters.map(({ id, reason, data }) => [id, reason, data]).sort(), [
      ["job-1", "the reason", { value: 1 }],
      ["job-2", "the reason", { value: 2 }],
      ["job-3", "the reason", { value: 3 }],
    ]);
  });

  it("are removed, and retried: one of them, and then all", async () => {
    assert.equal(await admin.remove("deliver-a", "job-3"), 1);
    broken.isBroken = false;
    assert.equal(await admin.retry("deliver-a", "job-1"), 1);
    await until("it is done", async () => (await admin.failed("deliver-a")).length === 1);
    assert.equal(await admin.retry("deliver-a", undefined), 1);
    await until("all are done", async () => (await admin.failed("deliver-a")).length === 0);
  });

  it("of a queue or an id that nobody knows are refused; so is a job that is none", async () => {
    await assert.rejects(admin.retry("nothing", undefined), (error) => error instanceof UsageError);
    await assert.rejects(admin.retry("deliver-a", "nothing"), (error) => error instanceof UsageError);
    await admin.setPaused("deliver-a", true);
    await queues.add("deliver-a", "waits", schema, { value: 4 });
    await assert.rejects(
      admin.remove("deliver-a", "waits"),
      (error) => error instanceof FatalError && error.message.includes("is no dead letter"),
    );
    assert.equal((await admin.list())[0]?.isPaused, true);
    await admin.setPaused("deliver-a", false);
    await until("it ran", async () => (await queues.depth("deliver-a")) === 0);
  });
});
