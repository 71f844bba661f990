import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { JsonRpcProvider, toQuantity } from "ethers";
import { network } from "hardhat";
import { Leases } from "../../../../relayer/chaos/adapters/leases.ts";
import { portableInjector } from "../../../../relayer/chaos/adapters/portable-injector.ts";
import { faultSchema } from "../../../../relayer/chaos/core/fault.ts";
import { systemClock } from "../../../../relayer/platform/clock.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { ChaosScene, NO_REDIS } from "../../support/chaos-scene.ts";
import { until } from "../../support/processes.ts";

const services = { clock: systemClock, logger: createLogger("silent", {}) };
const DEPTH = 3;
const reorg = faultSchema.parse({ type: "Reorg", depth: DEPTH });

void describe("a reorganisation", () => {
  let server: Awaited<ReturnType<typeof network.createServer>>;
  let node: JsonRpcProvider;
  let url: string;

  before(async () => {
    server = await network.createServer();
    const { address: host, port } = await server.listen();
    url = `http://${host}:${port}`;
    node = new JsonRpcProvider(url, 31_337, { staticNetwork: true, cacheTimeout: -1, batchStallTime: 0 });
  });
  after(async () => {
    node.destroy();
    await server.close();
  });

  async function inject(milliseconds: number): Promise<void> {
    await using scene = new ChaosScene();
    await using leases = await Leases.open(join(scene.folder, "leases.sqlite"), services);
    const target = await scene.target("chain-A");
    const options = { toxiproxy: url, holdFolder: scene.folder, redisUrl: NO_REDIS, chainUrl: () => url };
    const injector = portableInjector(options, { leases, clock: systemClock });
    await injector.inject(reorg, [target], Date.now() + milliseconds);
  }

  void it("takes the blocks that came after its beginning, and what was in them", async () => {
    await node.send("hardhat_mine", ["0x5"]);
    const start = await node.getBlockNumber();
    const before = await node.getBlock(start);
    const done = inject(60_000);
    const { address } = await node.getSigner(0);
    let [height, mined] = [start, ""];
    // Each transaction is a block: the chain grows until it is reorganised. A signer of ethers would wait for one that vanished.
    await until("the chain is shorter", async () => {
      const transaction = { from: address, to: address, value: "0x1" };
      const hash = String(await node.send("eth_sendTransaction", [transaction]));
      const now = await node.getBlockNumber();
      if (now <= height) return true;
      [height, mined] = [now, hash];
      return false;
    });
    await done;
    // One transaction may have come right after it.
    assert((await node.getBlockNumber()) <= height - DEPTH + 1);
    assert.equal((await node.getBlock(start))?.hash, before?.hash);
    assert.equal(await node.getTransactionReceipt(mined), null);
  });

  void it("fails when the chain does not grow by the depth", async () => {
    await node.send("hardhat_mine", [toQuantity(1)]);
    const start = await node.getBlockNumber();
    await assert.rejects(inject(1_500), { code: "NO_BLOCKS" });
    assert.equal(await node.getBlockNumber(), start);
  });
});
