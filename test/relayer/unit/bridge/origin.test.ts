import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { zeroPadValue } from "ethers";
import { OutboxReader } from "../../../../relayer/bridge/adapters/origin.ts";
import { address } from "../../../../relayer/domain/ids.ts";
import { interoperableAddress } from "../../../../relayer/domain/interoperable-address.ts";
import { messageIdOf, readSent } from "../../../../relayer/domain/message.ts";
import { Rpc } from "../../../../relayer/platform/rpc.ts";
import { Outbox__factory } from "../../../../types/ethers-contracts/factories/bridge/Outbox__factory.ts";
import { B, hashOf } from "../../support/bridge.ts";
import { chainWith, FakeNode } from "../../support/fake-node.ts";

const MESSAGES = 200;
const outbox = Outbox__factory.createInterface();
const account = address.parse(zeroPadValue("0xbb", 20));

describe("the reader of an Outbox", () => {
  it("reads a full batch as it is, and lets others have their turns meanwhile", async () => {
    const chain = chainWith(1);
    const node = new FakeNode(MESSAGES);
    const reader = new OutboxReader(new Rpc(chain, { connect: () => node }), [B]);
    const lane = reader.lanes[0] ?? assert.fail();
    const sender = interoperableAddress(chain.chainId, account);
    const recipient = interoperableAddress(B, account);
    const content = (nonce: bigint) =>
      readSent({ sender, recipient, payload: "0x0102", attributes: [] }, nonce) ?? assert.fail();
    node.logs = Array.from({ length: MESSAGES }, (_, i) => {
      const nonce = i + 1;
      const id = messageIdOf(lane.id, content(BigInt(nonce)));
      const sent = outbox.encodeEventLog("MessageSent", [id, sender, recipient, "0x0102", 0n, []]);
      const advanced = outbox.encodeEventLog("LaneAdvanced", [B, nonce, id, hashOf(`accumulator ${nonce}`)]);
      return [advanced, sent].map((log) => ({ block: nonce, ...log }));
    }).flat();

    let turns = 0;
    let isOver = false;
    const others = (): void => {
      turns++;
      if (!isOver) setTimeout(others, 0);
    };
    const read = reader.messages(lane.id, 11n, 190n, { first: 1, last: MESSAGES });
    others();
    const messages = await read;
    isOver = true;
    assert.deepEqual(
      messages.map(({ nonce }) => nonce),
      Array.from({ length: 180 }, (_, i) => BigInt(i) + 11n),
    );
    for (const { id, nonce } of messages) assert.equal(id, messageIdOf(lane.id, content(nonce)));
    assert(turns >= 4, `others had ${turns} turns`);
  });
});
