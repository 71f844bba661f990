import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Redis } from "ioredis";
import { RedisAttestations } from "../../../../relayer/bridge/adapters/redis-stores.ts";
import { startWatcher } from "../../../../relayer/commands/watcher.ts";
import type { Parts } from "../../../../relayer/commands/parts.ts";
import type { DomainEvent } from "../../../../relayer/domain/events.ts";
import { attestQueue, deliverQueue, pointJobId, pointSchema } from "../../../../relayer/domain/jobs.ts";
import { networkSchema } from "../../../../relayer/domain/network.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { createRegistry } from "../../../../relayer/platform/metrics.ts";
import { Readiness } from "../../../../relayer/platform/readiness.ts";
import { Queues } from "../../../../relayer/platform/queues.ts";
import { A, B, ed25519Set, hashOf, publicKeyOfText, signatureOf } from "../../support/bridge.ts";
import { chainWith } from "../../support/fake-node.ts";
import { FakeDestination, FakeOrigin } from "../../support/fakes.ts";
import { PrivateRedis } from "../../support/private-redis.ts";
import { until } from "../../support/processes.ts";

const validator = publicKeyOfText("v1");
const logger = createLogger("silent", {});
const entry = Object.fromEntries(Object.entries(chainWith(1)).filter(([key]) => key !== "name"));
const network = networkSchema.parse({
  chains: { A: { ...entry, chainId: A }, B: { ...entry, chainId: B } },
  redisUrl: "redis://127.0.0.1:1",
  dataFolder: "unused",
  api: { port: 1 },
});

let server: PrivateRedis;
let redis: Redis;
let queues: Queues;
before(async () => {
  server = await PrivateRedis.start();
  redis = server.connect();
  queues = new Queues(redis, logger);
});
after(async () => {
  await queues.close();
  await server.stop();
});

describe("the role watcher, with queues in Redis", () => {
  it("takes jobs and attestations back when the blocks that they came from are gone", async (context) => {
    const origin = new FakeOrigin();
    const destination = new FakeDestination(ed25519Set([validator], 1));
    const events: DomainEvent[] = [];
    const stopping = new AbortController();
    const unused = () => assert.fail("not used by a watcher");
    const parts: Parts = {
      chains: [],
      sets: undefined,
      redis,
      queues,
      registry: createRegistry("watcher"),
      emit: (event) => events.push(event),
      logger,
      origins: new Map([[A, origin]]),
      destinations: new Map([[B, destination]]),
      origin: () => origin,
      destination: () => destination,
      rpc: unused,
      readiness: new Readiness(),
      close: unused,
    };
    origin.mine(1);
    origin.final = 1;
    const output = { result: unused, step: unused, pause: unused };
    context.after(() => {
      stopping.abort();
    });
    await startWatcher({ ...chainWith(1), chainId: A, pollMilliseconds: 10 }, parts, {
      network,
      signal: stopping.signal,
      output,
    });
    const waiting = async (queue: string) => (await queues.counts(queue))["waiting"] ?? 0;
    await until("the first point is asked for", async () => (await waiting(attestQueue(validator))) === 1);
    // In one look, only the last point of a lane would be asked for.
    origin.mine(1);
    origin.final = 2;
    await until("both points are asked for", async () => (await waiting(attestQueue(validator))) === 2);

    // The second was attested to already, and waits for its delivery.
    const [kept, orphan] = await origin.advances(1, 2);
    assert(kept !== undefined && orphan !== undefined);
    const attestations = new RedisAttestations(redis);
    for (const point of [kept, orphan]) {
      const { lane, nonce, accumulator } = point;
      const statement = { domain: hashOf("domain"), lane, nonce, accumulator, epoch: 1n };
      await attestations.add(point, { ...statement, validator, signature: signatureOf("v1") });
    }
    await queues.add(deliverQueue(orphan.lane), pointJobId(orphan), pointSchema, orphan);

    origin.reorganise(1);
    origin.mine(0);
    await until("the alarm is raised", () => events.length > 0);
    await until("the job is gone", async () => (await waiting(attestQueue(validator))) === 1);
    await until("the delivery is gone", async () => (await waiting(deliverQueue(orphan.lane))) === 0);
    await until(
      "its attestations are gone",
      async () => (await attestations.signatures(orphan, 1n)).size === 0,
    );
    assert.deepEqual(await attestations.pointsAbove(kept.lane, 0n), [kept]);
    const [event] = events;
    assert(event?.kind === "deep-reorg");
    assert.deepEqual([event.depth, event.points], [1, [orphan]]);
  });
});
