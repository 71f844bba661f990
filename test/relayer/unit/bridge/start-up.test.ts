import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AbiCoder, Interface, zeroPadValue } from "ethers";
import { InboxReader } from "../../../../relayer/bridge/adapters/destination.ts";
import { OutboxReader } from "../../../../relayer/bridge/adapters/origin.ts";
import { encodeSet, setHash } from "../../../../relayer/domain/validator-set.ts";
import { Watcher } from "../../../../relayer/bridge/worker/watcher.ts";
import { chainId } from "../../../../relayer/domain/ids.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { Rpc } from "../../../../relayer/platform/rpc.ts";
import { Inbox__factory } from "../../../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import { Outbox__factory } from "../../../../types/ethers-contracts/factories/bridge/Outbox__factory.ts";
import { B, ed25519Set, hashOf, messageIdOfText, publicKeyOfText } from "../../support/bridge.ts";
import { chainWith, FakeNode, nodeError } from "../../support/fake-node.ts";
import { FakeCursors, FakeDestination, FakeRequests, ManualClock } from "../../support/fakes.ts";

const signal = new AbortController().signal;
const outbox = new Interface(Outbox__factory.abi);
const inbox = new Interface(Inbox__factory.abi);
const set = ed25519Set([publicKeyOfText("v1"), publicKeyOfText("v2")].sort(), 2);
const here = chainId.parse(4_321);

/** Which node: whether it grants wide ranges, and whether it still has the state of old blocks. */
type Kind = { readonly mostBlocks: number; readonly isArchive: boolean };

/**
 * A chain whose contracts, validator set and one message are in block 5, and which has been empty ever since.
 * `nonceAt` says how far its lane had come.
 */
function chainOf(blocks: number, { mostBlocks, isArchive }: Kind) {
  const node = new FakeNode(blocks);
  node.mostBlocks = mostBlocks;
  const activated = inbox.encodeEventLog("ValidatorSetActivated", [1n, setHash(set), encodeSet(set)]);
  const advanced = outbox.encodeEventLog("LaneAdvanced", [B, 1n, messageIdOfText("m"), hashOf("acc 1")]);
  node.logs = [activated, advanced].map((log) => ({ ...log, block: 5 }));
  node.call = (data, block) => {
    if (!isArchive && block < blocks - 128) throw nodeError("missing trie node 0xabc (path )");
    if (block < 5) return "0x";
    switch (data.slice(0, 10)) {
      case inbox.getFunction("currentEpoch")?.selector:
        return AbiCoder.defaultAbiCoder().encode(["uint64"], [1n]);
      case inbox.getFunction("validatorSetHash")?.selector:
        return setHash(set);
      default:
        return AbiCoder.defaultAbiCoder().encode(["uint64", "bytes32"], [1n, hashOf("acc 1")]);
    }
  };
  const rpc = new Rpc(chainWith(1), { connect: () => node });
  return { node, rpc };
}

/** How many requests a first start takes until the oldest message, undelivered, is asked for. */
async function requestsAtStart(blocks: number, kind: Kind): Promise<number> {
  const { node, rpc } = chainOf(blocks, kind);
  const [origin, destination] = [new OutboxReader(rpc, [here, B]), new InboxReader(rpc)];
  assert.deepEqual(await destination.validatorSet(), set);
  const first = await origin.advance(origin.lanes[0]?.id ?? assert.fail(), 1n);
  assert.equal(first?.position.blockNumber, 5);
  assert.equal(await origin.advance(first.lane, 2n), undefined);
  return node.asked.length;
}

describe("start-up", () => {
  const kinds: Record<string, Kind> = {
    "a node that grants any range": { mostBlocks: Number.POSITIVE_INFINITY, isArchive: false },
    "a provider that grants 2,000 blocks": { mostBlocks: 2_000, isArchive: true },
    "a provider that grants 10 blocks": { mostBlocks: 10, isArchive: true },
  };
  for (const [what, kind] of Object.entries(kinds))
    it(`does not grow with the chain's past: ${what}`, async (context) => {
      const [short, long] = [await requestsAtStart(1_000, kind), await requestsAtStart(100_000, kind)];
      context.diagnostic(`requests: ${short} for 1,000 blocks, ${long} for 100,000`);
      // Two searches by halves of 100,000 blocks are 2 × 17.
      assert(long <= short + 2 * 18, `${short} for 1,000 blocks, ${long} for 100,000`);
    });

  it("with everything delivered takes as many requests on a chain of any length", async (context) => {
    const counts: number[] = [];
    for (const blocks of [1_000, 100_000]) {
      const { node, rpc } = chainOf(blocks, { mostBlocks: 2_000, isArchive: false });
      const delivered = new FakeDestination();
      delivered.accepted = { nonce: 1n, accumulator: hashOf("acc 1") };
      const watcher = new Watcher(
        { redriveMilliseconds: 1_000 },
        {
          origin: new OutboxReader(rpc, [here, B]),
          destinations: new Map([[B, delivered]]),
          cursors: new FakeCursors(),
          requests: new FakeRequests(),
          requestAttestations: () => assert.fail("nothing waits"),
          withdraw: () => assert.fail("nothing is gone"),
          emit: () => assert.fail("nothing is wrong"),
          clock: new ManualClock(),
          logger: createLogger("silent", {}),
        },
      );
      await watcher.tick(signal);
      counts.push(node.asked.length);
    }
    context.diagnostic(`requests: ${counts.join(" and ")}`);
    assert.equal(counts[0], counts[1]);
  });

  it("reads a validator set once, then only asks which epoch it is", async () => {
    const { node, rpc } = chainOf(100_000, { mostBlocks: 2_000, isArchive: true });
    const destination = new InboxReader(rpc);
    await Promise.all(Array.from({ length: 16 }, () => destination.validatorSet()));
    node.asked.length = 0;
    for (let i = 0; i < 5; i++) assert.deepEqual(await destination.validatorSet(), set);
    assert.deepEqual(
      node.asked,
      Array.from({ length: 5 }, () => "eth_call"),
    );
  });

  it("looks for a message without an outcome in vain only once", async () => {
    const { node, rpc } = chainOf(100_000, { mostBlocks: 2_000, isArchive: false });
    const destination = new InboxReader(rpc);
    const id = messageIdOfText("m");
    assert.equal(await destination.outcome(id), undefined);
    node.asked.length = 0;
    assert.equal(await destination.outcome(id), undefined);
    assert.equal(node.asked.length, 3);
    node.newest += 10;
    const log = inbox.encodeEventLog("MessageExecuted", [id, zeroPadValue("0x01", 32), 1n]);
    node.logs = [{ ...log, block: node.newest - 3 }];
    assert.deepEqual((await destination.outcome(id))?.kind, "executed");
  });
});
