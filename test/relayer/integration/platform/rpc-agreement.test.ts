import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { JsonRpcProvider, type JsonRpcSigner } from "ethers";
import { network } from "hardhat";
import { z } from "zod";
import { OutboxReader } from "../../../../relayer/bridge/adapters/origin.ts";
import { Watcher } from "../../../../relayer/bridge/worker/watcher.ts";
import type { Point } from "../../../../relayer/domain/bridge.ts";
import type { DomainEvent } from "../../../../relayer/domain/events.ts";
import { ConfigurationError, RetryableError } from "../../../../relayer/domain/errors.ts";
import { address, chainId } from "../../../../relayer/domain/ids.ts";
import { interoperableAddress } from "../../../../relayer/domain/interoperable-address.ts";
import type { ChainConfig } from "../../../../relayer/domain/network.ts";
import { systemClock } from "../../../../relayer/platform/clock.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { Rpc } from "../../../../relayer/platform/rpc.ts";
import type { Outbox } from "../../../../types/ethers-contracts/bridge/Outbox.ts";
import { Outbox__factory } from "../../../../types/ethers-contracts/factories/bridge/Outbox__factory.ts";
import { DemoToken__factory } from "../../../../types/ethers-contracts/factories/mocks/DemoToken__factory.ts";
import { B, hashOf } from "../../support/bridge.ts";
import { FakeCursors, FakeDestination, FakeRequests } from "../../support/fakes.ts";
import { chainWith } from "../../support/fake-node.ts";
import { FaultyProxy, type Lie } from "../../support/faulty-proxy.ts";

const HERE = chainId.parse(31_337);
const TIMEOUT_MILLISECONDS = 3_000;
const recipient = interoperableAddress(B, address.parse("0x00000000000000000000000000000000000000C3"));
const signal = new AbortController().signal;

let server: Awaited<ReturnType<typeof network.createServer>>;
let node: JsonRpcProvider;
let signer: JsonRpcSigner;
let outbox: Outbox;
let contract: string;
let proxies: readonly FaultyProxy[];
let events: DomainEvent[];
let rpc: Rpc;

const proxy = (i: number) => proxies[i] ?? assert.fail();
const chain = (change: Partial<ChainConfig> = {}): ChainConfig =>
  chainWith(1, {
    chainId: HERE,
    rpcUrl: proxy(0).url,
    rpcUrls: proxies.map(({ url }) => url),
    rpcTimeoutMilliseconds: TIMEOUT_MILLISECONDS,
    outbox: address.parse(contract),
    inbox: address.parse(contract),
    ...change,
  });

before(async () => {
  server = await network.createServer();
  const { address: host, port } = await server.listen();
  const url = `http://${host}:${port}`;
  node = new JsonRpcProvider(url, 31_337, { staticNetwork: true, cacheTimeout: -1 });
  signer = await node.getSigner(0);
  const governance = await (
    await new DemoToken__factory(signer).deploy("Demo", "DEMO", 1n)
  ).waitForDeployment();
  outbox = await new Outbox__factory(signer).deploy(await governance.getAddress(), signer.address);
  contract = await (await outbox.waitForDeployment()).getAddress();
  proxies = await Promise.all([1, 2, 3].map(() => FaultyProxy.inFrontOf(url)));
});
beforeEach(() => {
  for (const each of proxies) each.mend();
  const told: DomainEvent[] = []; // a late answer of one test is no event of the next
  events = told;
  rpc = new Rpc(chain(), { emit: (event) => told.push(event) });
});
afterEach(() => {
  rpc.close();
});
after(async () => {
  node.destroy();
  for (const each of proxies) await each[Symbol.asyncDispose]();
  await server.close();
});

async function send(payload: string): Promise<void> {
  await (await outbox.sendMessage(recipient, payload, [])).wait(1);
}

const mine = (blocks: number) => node.send("hardhat_mine", [`0x${blocks.toString(16)}`]);

/** Changes the accumulator in the logs, each proxy in its own way. */
const forge =
  (byte: string): Lie =>
  (method, result) =>
    method !== "eth_getLogs"
      ? result
      : z
          .array(z.looseObject({ data: z.string() }))
          .parse(result)
          .map((log) => ({ ...log, data: `0x${byte.repeat(32)}` }));

const lag: Lie = (method, result, [tag]) => {
  if (method === "eth_blockNumber") return "0x1";
  if (method === "eth_getBlockByNumber") return Number(tag) > 1 ? null : result;
  return method === "eth_getLogs" ? [] : result;
};

/** Every advance so far, as the chain's reader gives it. */
const advances = async () => {
  const origin = new OutboxReader(rpc, [HERE, B]);
  return origin.advances(0, await origin.finalBlock());
};

describe("three providers of a real node, of which two must agree", () => {
  before(async () => {
    await send("0x01");
    await send("0x02");
  });

  it("pass the checks at the start", async () => {
    await rpc.verify();
    const wrong = new Rpc(chain({ chainId: chainId.parse(1) }));
    await assert.rejects(
      wrong.verify(),
      (error) => error instanceof ConfigurationError && error.code === "CHAIN_ID",
    );
    wrong.close();
  });

  it("find what no contract is at, of all that are configured", async () => {
    const nobody = address.parse(`0x${"12".repeat(20)}`);
    const escrow = { contract: nobody, leastTip: 0 };
    for (const [key, change] of Object.entries({ inbox: { inbox: nobody }, "escrow.contract": { escrow } })) {
      const wrong = new Rpc(chain(change));
      await assert.rejects(
        wrong.verify(),
        (error) =>
          error instanceof ConfigurationError &&
          error.code === "NO_CONTRACT" &&
          error.message.includes(`.${key} (${nobody})`),
      );
      wrong.close();
    }
  });

  it("give what the chain says while one forges logs, and tell of it", async () => {
    const honest = await advances();
    assert.equal(honest.length, 2);
    for (const i of [0, 1, 2]) {
      proxy(i).lie = forge("66");
      assert.deepEqual(await advances(), honest);
      proxy(i).mend();
    }
    assert(events.some((event) => event.kind === "rpc-outvoted"));
  });

  it("give what the chain says while one lags, without calling it a liar", async () => {
    const honest = await advances();
    proxy(0).lie = lag;
    await rpc.finalBlock();
    assert.deepEqual(await advances(), honest);
    assert.deepEqual(events, []);
  });

  it("fail closed when two lie differently, with an event", async () => {
    proxy(0).lie = forge("66");
    proxy(1).lie = forge("77");
    await assert.rejects(
      advances(),
      (error) => error instanceof RetryableError && error.code === "RPC_DISAGREEMENT",
    );
    const event = events.find(({ kind }) => kind === "rpc-no-agreement");
    assert(event?.kind === "rpc-no-agreement" && event.reason === "disagreement");
    proxy(1).mend();
    assert.equal((await advances()).length, 2, "as soon as two agree again, it goes on");
  });

  it("are not slowed down by one that hangs", async () => {
    proxy(0).isHanging = true;
    const began = performance.now();
    assert.equal((await advances()).length, 2);
    const took = performance.now() - began;
    assert(took < TIMEOUT_MILLISECONDS / 2, `it took ${took} ms`);
  });

  it("are refused at the start when too few know the finality tag", async () => {
    const tagged = new Rpc(chain({ finality: { tag: "finalized" } }));
    await tagged.verify();
    assert((await tagged.finalBlock()) >= 0);
    for (const i of [0, 1])
      proxy(i).refuse = (method, [tag]) =>
        method === "eth_getBlockByNumber" && tag === "finalized"
          ? "invalid argument 0: hex string without 0x prefix"
          : undefined;
    await assert.rejects(
      tagged.verify(),
      (error) => error instanceof ConfigurationError && error.code === "NO_FINALITY_TAG",
    );
    tagged.close();
  });

  it("let a watcher withdraw what a deep reorganisation took, and ask for what took its place", async () => {
    const requests: Point[] = [];
    const withdrawn: Point[] = [];
    const alarms: DomainEvent[] = [];
    const deep = new Rpc(chain({ finality: { depth: 1 } }));
    const destination = new FakeDestination();
    destination.accepted = { nonce: 2n, accumulator: hashOf("acc 2") };
    const watcher = new Watcher(
      { redriveMilliseconds: 1_000_000 },
      {
        origin: new OutboxReader(deep, [HERE, B]),
        destinations: new Map([[B, destination]]),
        cursors: new FakeCursors(),
        requests: new FakeRequests(),
        requestAttestations: (point) => Promise.resolve(void requests.push(point)),
        withdraw: (point) => Promise.resolve(void withdrawn.push(point)),
        emit: (event) => alarms.push(event),
        clock: systemClock,
        logger: createLogger("silent", {}),
      },
    );
    await mine(1);
    await watcher.tick(signal);
    for (const [i, depth] of [1, 7, 30].entries()) {
      const snapshot: unknown = await node.send("evm_snapshot", []);
      await send(`0xaa0${i}`);
      await mine(depth);
      await watcher.tick(signal);
      const [orphan] = requests.splice(0);
      assert.equal(await node.send("evm_revert", [snapshot]), true);
      await send(`0xbb0${i}`);
      await mine(depth + 2);
      await watcher.tick(signal);
      assert(orphan !== undefined);
      // What still stands below it may be asked for again.
      const replacement = requests.splice(0).find(({ nonce }) => nonce === orphan.nonce);
      assert(replacement !== undefined);
      assert.notEqual(orphan.accumulator, replacement.accumulator);
      assert.deepEqual(withdrawn.splice(0), [orphan]);
      assert.deepEqual(
        alarms.splice(0).map((alarm) => alarm.kind === "deep-reorg" && alarm.points),
        [[orphan]],
      );
    }
    deep.close();
  });
});
