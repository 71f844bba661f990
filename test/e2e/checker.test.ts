import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { JsonRpcProvider, JsonRpcSigner, toBeHex } from "ethers";
import { collectEvidence, type Sources } from "../../relayer/chaos/adapters/checker/collect.ts";
import { check } from "../../relayer/chaos/core/checker/check.ts";
import { chainsOf } from "../../relayer/domain/network.ts";
import { BridgedToken__factory } from "../../types/ethers-contracts/factories/bridge/BridgedToken__factory.ts";
import { Fleet } from "./support/fleet.ts";

describe("the checker, of a whole fleet", () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await Fleet.start();
    await fleet.send(fleet.home, fleet.away, 12);
    await fleet.untilAllArrived();
    await fleet.send(fleet.away, fleet.home, 6);
    await fleet.untilAllArrived();
  });
  after(() => fleet.stop());

  const filesIn = (folder: string, ending: string) =>
    readdirSync(folder, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith(ending))
      .map((name) => join(folder, name));

  /** All that there is to be read of it, as the fleet itself wrote it. */
  function sources(): Sources {
    const { network } = fleet.local;
    return {
      chains: chainsOf(network).map((chain) => ({ ...chain, url: chain.rpcUrl })),
      home: network.home,
      tokens: network.tokens,
      signingFiles: filesIn(network.dataFolder, "signing-records.sqlite"),
      alerting: {
        memory: join(network.dataFolder, "alerting", "alerting.sqlite"),
        logs: filesIn(fleet.folder, ".log"),
      },
    };
  }

  async function judge() {
    const now = Date.now();
    const limits = { executedWithin: 60_000, since: 0, alertedWithin: 120_000, notifiedWithin: 60_000 };
    return check(await collectEvidence(sources()), { checkedAt: now + 1e9, healedAt: now, ...limits });
  }

  it("has evidence of everybody, and finds nothing", async () => {
    const { chains, records, home } = await collectEvidence(sources());
    assert.deepEqual(
      chains.map(({ deposits, outcomes }) => [deposits.length, outcomes.length]),
      [
        [12, 6],
        [6, 12],
      ],
    );
    assert.equal(new Set(records.map(({ validator }) => validator)).size, 3);
    assert.equal(home?.sets.length, 1);
    assert.deepEqual(await judge(), []);
  });

  it("finds what was minted past the bridge", async () => {
    const side = fleet.local.network.tokens["DEMO"]?.sides[fleet.away.name];
    assert.ok(side !== undefined);
    const provider = new JsonRpcProvider(fleet.away.rpcUrl, fleet.away.chainId, { staticNetwork: true });
    try {
      await provider.send("hardhat_impersonateAccount", [side.bridge]);
      await provider.send("hardhat_setBalance", [side.bridge, toBeHex(10n ** 18n)]);
      const token = BridgedToken__factory.connect(side.token, new JsonRpcSigner(provider, side.bridge));
      await (await token.crosschainMint(side.bridge, 1n)).wait();
    } finally {
      provider.destroy();
    }
    assert.deepEqual(
      (await judge()).map(({ rule }) => rule),
      ["conservation"],
    );
  });
});
