import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { compressNetwork } from "../../../../relayer/domain/compressed-network.ts";
import { chainsOf, networkSchema } from "../../../../relayer/domain/network.ts";
import { compressed } from "../../../../relayer/domain/time-scale.ts";
import { queueTimes } from "../../../../relayer/platform/queue-times.ts";

const scale = fc.double({ min: 1, max: 100, noNaN: true });
const account = "0x00000000000000000000000000000000000000a1";
const configuration = (timeScale: number, chainIds = [31_337, 31_338]) => ({
  chains: Object.fromEntries(
    chainIds.map((chainId, i) => [
      `C${i}`,
      {
        ...{ chainId, rpcUrl: "http://127.0.0.1:1", finality: { depth: 0 }, outbox: account, inbox: account },
        ...{ deploymentBlock: 0, senderKeyFile: "key", batch: {} },
      },
    ]),
  ),
  ...{ redisUrl: "redis://127.0.0.1:1", dataFolder: "data", api: { port: 1 }, timeScale },
});

describe("the time scale of a fleet", () => {
  it("makes no time longer, and none shorter than what a busy machine needs", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), scale, fc.nat(10_000), (full, by, least) => {
        const short = compressed(full, by, least);
        assert(short <= full && short >= Math.min(full, least));
        assert.equal(compressed(full, 1, least), full);
      }),
    );
  });

  it("compresses the time-outs and intervals of a configuration together", () => {
    const full = compressNetwork(networkSchema.parse(configuration(1)));
    const tenth = compressNetwork(networkSchema.parse(configuration(10)));
    assert.equal(tenth.redriveMilliseconds, full.redriveMilliseconds / 10);
    assert.equal(tenth.replaceMilliseconds, full.replaceMilliseconds / 10);
    assert.equal(tenth.keyLockMilliseconds, 2_000, "renewed five times as often");
    const [chain] = chainsOf(tenth);
    assert.deepEqual([chain?.rpcTimeoutMilliseconds, chain?.pollMilliseconds], [1_000, 100]);
    assert.deepEqual(full, networkSchema.parse(configuration(1)), "1 changes nothing");
  });

  it("is for development chains alone", () => {
    const issues = networkSchema.safeParse(configuration(10, [1, 31_337])).error?.issues ?? [];
    assert.deepEqual(
      issues.map(({ path, message }) => [path, message]),
      [[["chains", "C0", "chainId"], "expected one of 31337, 31338, 1337 while timeScale is more than 1"]],
    );
    assert(networkSchema.safeParse(configuration(1, [1, 2])).success);
  });

  it("keeps a connection to Redis open for longer than a worker blocks", () => {
    fc.assert(
      fc.property(scale, (by) => {
        const { silence, block, mostBackoff, lock, renewal, stalledCheck } = queueTimes(by);
        assert(silence > block && silence > mostBackoff);
        assert(lock >= 3 * stalledCheck);
        assert(lock >= 4 * renewal);
      }),
    );
  });
});
