import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { id, parseEther } from "ethers";
import { Inbox__factory } from "../../../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import { CREATE_X } from "../../../../relayer/deployment/core/create3.ts";
import { asRecord } from "../../../../relayer/platform/json-settings.ts";
import { jsonOf } from "../../../e2e/support/cli.ts";
import type { Anvil } from "../../support/anvil.ts";
import { until } from "../../support/processes.ts";
import { twoChains } from "../../support/two-chains.ts";

const BOND = parseEther("1");

/** How often each address was created on a chain. */
async function creations({ provider }: Anvil): Promise<ReadonlyMap<string, number>> {
  const topics = [id("ContractCreation(address)")];
  const logs = await provider.getLogs({ address: CREATE_X, topics, fromBlock: 0 });
  const counts = new Map<string, number>();
  for (const { topics: words } of logs) counts.set(words[1] ?? "", (counts.get(words[1] ?? "") ?? 0) + 1);
  return counts;
}

describe("a deployment that is killed", () => {
  it("goes on wherever it was, deploys nothing twice, and ends with all of it", async () => {
    // Blocks of a second: at every kill something is on its way.
    await using world = await twoChains({ blockSeconds: 1, hardfork: "cancun" }, { blockSeconds: 1 });
    const { a, b, nodes, deployer, key } = world;
    for (const { operator } of deployer.validators) await a.fund(operator.address, parseEther("10"));

    const created = async () =>
      (await Promise.all(nodes.map(creations))).reduce((sum, counts) => sum + counts.size, 0);
    /** Starts a run and kills it when this many more contracts are there, or lets it end. */
    const killAfter = async (more: number) => {
      const before = await created();
      const running = deployer.start("run", key);
      const ended = running.ended.then(() => true);
      await until(
        "some more contracts are there",
        async () =>
          (await Promise.race([ended, Promise.resolve(false)])) || (await created()) >= before + more,
        120_000,
      );
      running.child.kill("SIGKILL");
      return (await running.ended).signal === "SIGKILL";
    };
    // In the first batch, and in a later one.
    for (const more of [1, 8]) assert(await killAfter(more));
    const waiting = await deployer.deploy("run", key);
    assert.equal(waiting.code, 0, waiting.stderr);
    await deployer.formSet(deployer.at("A", "registry"), a.provider, BOND);
    const formed = await a.provider.getBlockNumber();
    await until("the set is final", async () => (await a.provider.getBlockNumber()) > formed + 1);
    await killAfter(1);
    const last = await deployer.deploy("run", key);
    assert.equal(last.code, 0, last.stderr);
    assert.equal(asRecord(jsonOf(last))["isComplete"], true, last.stdout);

    const { chains } = deployer.addresses();
    for (const [i, { contracts }] of Object.values(chains).entries()) {
      const node = nodes[i];
      assert(node !== undefined);
      const counts = await creations(node);
      assert.deepEqual(new Set(counts.values()), new Set([1]), "no address was created twice");
      assert.equal(counts.size, Object.keys(contracts).length, "and nothing beside them");
      for (const { transaction } of Object.values(contracts)) assert(transaction !== undefined);
    }
    const checked = await deployer.deploy("check");
    assert.equal(checked.code, 0, checked.stdout);
    // Chain B has Cancun's rules only.
    const inbox = Inbox__factory.connect(deployer.at("B", "inbox"), b.provider);
    const { bls, batch } = await inbox.verifiers();
    assert.deepEqual([bls, batch], [`0x${"00".repeat(20)}`, deployer.at("B", "batch")]);
  });
});
