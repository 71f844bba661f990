import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { AbiCoder, type JsonRpcSigner } from "ethers";
import { Registry } from "prom-client";
import { TokenBridgeReader } from "../../../../relayer/bridge/adapters/token-bridge.ts";
import { createTokenMetrics } from "../../../../relayer/bridge/metrics.ts";
import { TokenMeter } from "../../../../relayer/bridge/worker/token-meter.ts";
import { address, type Address, chainId } from "../../../../relayer/domain/ids.ts";
import { interoperableAddress } from "../../../../relayer/domain/interoperable-address.ts";
import { deployed, nextAddress } from "../../../../scripts/local/deploy/account.ts";
import { BridgedToken__factory } from "../../../../types/ethers-contracts/factories/bridge/BridgedToken__factory.ts";
import { MintingTokenBridge__factory } from "../../../../types/ethers-contracts/factories/bridge/MintingTokenBridge__factory.ts";
import { LoopbackGateway__factory } from "../../../../types/ethers-contracts/factories/mocks/LoopbackGateway__factory.ts";
import { hashOf } from "../../support/bridge.ts";
import { SenderScene } from "../../support/sender-scene.ts";

const HERE = chainId.parse(4_391);
const THERE = chainId.parse(4_392);
const COUNTERPART = address.parse("0x00000000000000000000000000000000000000b2");
const DAY = 86_400;
/** The lane's bucket is the smaller one. In shared units, which are the token's smallest here. */
const limit = (capacity: bigint) => ({ capacity, window: 10 * DAY });
const limits = {
  outgoing: limit(1_000n),
  outgoingLane: limit(500n),
  incoming: limit(1_000n),
  incomingLane: limit(400n),
};
const THRESHOLD = 100n;

describe("a meter of a token's bridge, on a chain", () => {
  let scene: SenderScene;
  let rich: JsonRpcSigner;
  let gateway: Address;
  let bridge: Address;
  const registry = new Registry();
  /** Seconds from the machine's time to the chain's. */
  let ahead = 0;
  let meter: TokenMeter;

  before(async () => {
    scene = await SenderScene.start(HERE);
    rich = await scene.rpc.provider.getSigner(0);
    gateway = await deployed(new LoopbackGateway__factory(rich).deploy());
    const token = await deployed(
      new BridgedToken__factory(rich).deploy("Bridged", "BRI", 6, await nextAddress(rich, 1)),
    );
    const guardian = await rich.getAddress();
    const parties = { inbox: gateway, governance: gateway, guardian };
    const config = { ...parties, sharedDecimals: 6, delayThreshold: THRESHOLD, limits };
    const links = [{ gateway, counterpart: interoperableAddress(THERE, COUNTERPART) }];
    bridge = await deployed(new MintingTokenBridge__factory(rich).deploy(token, config, links));
    meter = newMeter();
  });
  after(async () => {
    await scene.stop();
  });

  function newMeter(): TokenMeter {
    registry.clear();
    return new TokenMeter(
      { token: "BRI", chain: "here", deploymentBlock: 0, counterparts: new Map([["there", THERE]]) },
      {
        bridge: new TokenBridgeReader(bridge, scene.rpc),
        metrics: createTokenMetrics(registry),
        clock: { now: () => Date.now() + ahead * 1_000 },
      },
    );
  }

  async function arrive(id: string, amount: bigint): Promise<void> {
    const [from, to] = [interoperableAddress(THERE, COUNTERPART), await rich.getAddress()];
    const payload = AbiCoder.defaultAbiCoder().encode(["bytes", "bytes", "uint256"], [from, to, amount]);
    const sending = LoopbackGateway__factory.connect(gateway, rich).deliver(
      bridge,
      hashOf(id),
      interoperableAddress(THERE, COUNTERPART),
      payload,
    );
    await (await sending).wait();
  }

  async function pass(seconds: number): Promise<void> {
    await scene.rpc.provider.send("evm_increaseTime", [seconds]);
    await scene.rpc.provider.send("evm_mine", []);
    ahead += seconds;
  }

  async function shown(): Promise<Readonly<Record<string, number>>> {
    await meter.measure();
    const metrics = await registry.getMetricsAsJSON();
    return Object.fromEntries(
      metrics.flatMap(({ name, values }) =>
        values.map(({ value, labels }) => [`${name} ${String(labels["direction"] ?? "")}`.trim(), value]),
      ),
    );
  }

  it("shows nothing used and nothing held before anything came", async () => {
    assert.deepEqual(await shown(), {
      "dchat_token_limit_used_ratio outgoing": 0,
      "dchat_token_limit_used_ratio incoming": 0,
      dchat_transfers_held: 0,
      dchat_transfer_held_oldest_seconds: 0,
    });
  });

  it("shows which part of the tighter bucket is used, each way, as it refills", async () => {
    await arrive("small", 80n);
    // It has refilled by the seconds since; a bucket takes ten days.
    const { [incoming]: first = 0, [outgoing]: other } = await shown();
    assert(first > 0.19 && first <= 0.2, String(first));
    assert.equal(other, 0);
    await pass(DAY);
    const { [incoming]: later = 0 } = await shown();
    assert(later > 0.09 && later <= 0.1, String(later));
  });

  it("counts what is held, and since when, until it is released", async () => {
    await arrive("large 1", THRESHOLD);
    await pass(DAY / 2);
    await arrive("large 2", THRESHOLD);
    await arrive("not large", THRESHOLD - 1n);
    const two = await shown();
    assert.equal(two["dchat_transfers_held"], 2);
    assertNear(two["dchat_transfer_held_oldest_seconds"], DAY / 2);

    meter = newMeter(); // a restart knows what its predecessor knew
    assert.equal((await shown())["dchat_transfers_held"], 2);

    await pass(DAY / 2);
    const minting = MintingTokenBridge__factory.connect(bridge, rich);
    await (await minting.release(hashOf("large 1"))).wait();
    const one = await shown();
    assert.equal(one["dchat_transfers_held"], 1);
    assertNear(one["dchat_transfer_held_oldest_seconds"], DAY / 2);

    await (await minting.hold(hashOf("large 2"))).wait();
    await pass(DAY);
    const held = await shown();
    assert.equal(held["dchat_transfers_held"], 1);
    assertNear(held["dchat_transfer_held_oldest_seconds"], 1.5 * DAY);
  });
});

const incoming = "dchat_token_limit_used_ratio incoming";
const outgoing = "dchat_token_limit_used_ratio outgoing";

/** Within ten minutes, for the clocks of chain and machine differ and the test itself takes time. */
function assertNear(actual: number | undefined, expected: number): void {
  assert(actual !== undefined && Math.abs(actual - expected) < 600, `${actual} is not near ${expected}`);
}
