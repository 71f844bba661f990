import { expect } from "chai";
import { domainOf } from "../../../../relayer/domain/attestation.ts";
import { encodeSet, setHash } from "../../../../relayer/domain/validator-set.ts";
import { address } from "../../../../relayer/domain/ids.ts";
import { interoperableAddress } from "../../../../relayer/domain/interoperable-address.ts";
import { HERE, ORIGIN, OUTBOX, setOf, type TestLane } from "../fixture.ts";
import { ethers, load, set, validators } from "./environment.ts";

const caller = await ethers.provider.getSigner(0);

describe("Inbox.deliver", () => {
  it("executes a batch in order, under one quorum, exactly once", async () => {
    const { inbox, counter, lane } = await load();
    lane.send(await counter.getAddress(), { count: 3 });
    const call = inbox.deliver(ORIGIN, 1, lane.messages, [], lane.attest([0, 2]));
    for (const [i, id] of lane.ids.entries())
      await expect(call)
        .to.emit(inbox, "MessageExecuted")
        .withArgs(id, ORIGIN, i + 1);
    await expect(call).to.emit(inbox, "LaneAccepted").withArgs(ORIGIN, 3, 1, lane.head().accumulator, 0b101);
    expect(await counter.count()).to.equal(3n);
    expect(await counter.lastReceiveId()).to.equal(lane.ids[2]);
    expect(await counter.lastSender()).to.equal(
      interoperableAddress(ORIGIN, address.parse(lane.messages[0]?.sender)),
    );
    expect(await counter.lastPayload()).to.equal("0x1234");
    expect(await inbox.lanes(ORIGIN)).to.deep.equal([3n, lane.head().accumulator]);

    await expect(inbox.deliver(ORIGIN, 1, lane.messages, [], lane.attest([0, 2])))
      .to.be.revertedWithCustomError(inbox, "NonceMismatch")
      .withArgs(1, 4);
    expect(await counter.count()).to.equal(3n);
  });

  it("delivers any first part of what was attested, given the ids of the rest", async () => {
    const { inbox, counter, lane } = await load();
    lane.send(await counter.getAddress(), { count: 5 });
    await inbox.deliver(ORIGIN, 1, lane.messages.slice(0, 2), lane.ids.slice(2), lane.attest([0, 1]));
    expect((await inbox.lanes(ORIGIN)).nonce).to.equal(2n);
    await inbox.deliver(ORIGIN, 3, lane.messages.slice(2), [], lane.attest([0, 1, 2]));
    expect(await inbox.lanes(ORIGIN)).to.deep.equal([5n, lane.head().accumulator]);
    expect(await counter.count()).to.equal(5n);
  });

  it("holds digest, domain and set hash to the TypeScript core", async () => {
    const { inbox } = await load();
    expect(await inbox.domain()).to.equal(domainOf(HERE, address.parse(await inbox.getAddress())));
    expect(await inbox.validatorSetHash(1)).to.equal(setHash(set));
  });

  it("takes the word of a member whose key has no table", async () => {
    const { deployInbox, counter, lane } = await load();
    const five = setOf(validators, 3);
    const inbox = await deployInbox(encodeSet(five));
    lane.send(await counter.getAddress());
    const quorum = lane.attest([1, 3, 4], { set: five, inbox: address.parse(await inbox.getAddress()) });
    await inbox.deliver(ORIGIN, 1, lane.messages, [], quorum);
    expect(await counter.count()).to.equal(1n);
  });

  const changed = (lane: TestLane, change: object) => lane.messages.map((m) => ({ ...m, ...change }));
  const tampered: [string, (lane: TestLane) => unknown[], string][] = [
    ["an empty batch", (lane) => [ORIGIN, 1, [], [], lane.attest([0, 1])], "EmptyBatch"],
    ["a gap", (lane) => [ORIGIN, 2, lane.messages.slice(1), [], lane.attest([0, 1])], "NonceMismatch"],
    [
      "another order",
      (lane) => [ORIGIN, 1, lane.messages.toReversed(), [], lane.attest([0, 1])],
      "InvalidMemberSignature",
    ],
    [
      "a message left out",
      (lane) => [ORIGIN, 1, lane.messages.slice(0, 1), [], lane.attest([0, 1])],
      "InvalidMemberSignature",
    ],
    [
      "a changed payload",
      (lane) => [ORIGIN, 1, changed(lane, { payload: "0x" }), [], lane.attest([0, 1])],
      "InvalidMemberSignature",
    ],
    [
      "a changed sender",
      (lane) => [ORIGIN, 1, changed(lane, { sender: OUTBOX }), [], lane.attest([0, 1])],
      "InvalidMemberSignature",
    ],
    [
      "a changed gas limit",
      (lane) => [ORIGIN, 1, changed(lane, { gasLimit: 1n }), [], lane.attest([0, 1])],
      "InvalidMemberSignature",
    ],
    ["too few signers", (lane) => [ORIGIN, 1, lane.messages, [], lane.attest([1])], "QuorumNotReached"],
    [
      "no signers",
      (lane) => [ORIGIN, 1, lane.messages, [], { ...lane.attest([1]), signers: 0n }],
      "QuorumNotReached",
    ],
    [
      "a duplicate signer: one signature in the place of two",
      (lane) => [ORIGIN, 1, lane.messages, [], { ...lane.attest([1, 1]), signers: 0b110n }],
      "InvalidMemberSignature",
    ],
    [
      "a duplicate signer: the same bit for two signatures",
      (lane) => [ORIGIN, 1, lane.messages, [], { ...lane.attest([1, 1]), signers: 0b010n }],
      "QuorumNotReached",
    ],
    [
      "signatures out of order",
      (lane) => [ORIGIN, 1, lane.messages, [], lane.attest([2, 1])],
      "InvalidMemberSignature",
    ],
    [
      "a signer beyond the set",
      (lane) => [ORIGIN, 1, lane.messages, [], { ...lane.attest([0, 1]), signers: 0b1001n }],
      "UnknownSigner",
    ],
    [
      "a signer far beyond the set",
      (lane) => [ORIGIN, 1, lane.messages, [], { ...lane.attest([0, 1]), signers: (1n << 255n) | 1n }],
      "UnknownSigner",
    ],
    [
      "a signature of another member",
      (lane) => [ORIGIN, 1, lane.messages, [], { ...lane.attest([0, 1]), signers: 0b110n }],
      "InvalidMemberSignature",
    ],
    [
      "a signature of somebody outside the set",
      (lane) => [ORIGIN, 1, lane.messages, [], { ...lane.attest([0, 3]), signers: 0b011n }],
      "InvalidMemberSignature",
    ],
    [
      "one bad signature among enough good ones",
      (lane) => {
        const quorum = lane.attest([0, 1]);
        const signature = ethers.concat([quorum.signature, new Uint8Array(96)]);
        return [ORIGIN, 1, lane.messages, [], { ...quorum, signers: 0b111n, signature }];
      },
      "InvalidMemberSignature",
    ],
    [
      "a truncated signature",
      (lane) => {
        const quorum = lane.attest([0, 1]);
        return [ORIGIN, 1, lane.messages, [], { ...quorum, signature: quorum.signature.slice(0, -2) }];
      },
      "InvalidSignatureLength",
    ],
    [
      "a signature too many",
      (lane) => [ORIGIN, 1, lane.messages, [], { ...lane.attest([0, 1, 2]), signers: 0b011n }],
      "InvalidSignatureLength",
    ],
    [
      "signatures for another epoch",
      (lane) => [
        ORIGIN,
        1,
        lane.messages,
        [],
        { ...lane.attest([0, 1], { set: { ...set, epoch: 2n } }), set: encodeSet(set) },
      ],
      "InvalidMemberSignature",
    ],
    [
      "signatures for another Inbox (replay across chain, fork and contract)",
      (lane) => [ORIGIN, 1, lane.messages, [], lane.attest([0, 1], { inbox: OUTBOX })],
      "InvalidMemberSignature",
    ],
    [
      "an epoch that never was",
      (lane) => [ORIGIN, 1, lane.messages, [], lane.attest([0, 1], { set: { ...set, epoch: 2n } })],
      "EpochNotActive",
    ],
    [
      "epoch 0, whose hash is unset (Nomad: a default root is accepted)",
      (lane) => [ORIGIN, 1, lane.messages, [], lane.attest([0, 1], { set: { ...set, epoch: 0n } })],
      "EpochNotActive",
    ],
    [
      "a set with a lower threshold",
      (lane) => [ORIGIN, 1, lane.messages, [], lane.attest([0], { set: { ...set, threshold: 1 } })],
      "UnknownValidatorSet",
    ],
    [
      "a set with another member",
      (lane) => [
        ORIGIN,
        1,
        lane.messages,
        [],
        lane.attest([0, 1], { set: { ...set, members: set.members.toReversed() } }),
      ],
      "UnknownValidatorSet",
    ],
    ["an unknown origin", (lane) => [8_888, 1, lane.messages, [], lane.attest([0, 1])], "UnknownOrigin"],
  ];
  for (const [what, args, error] of tampered)
    it(`refuses ${what}`, async () => {
      const { inbox, counter, lane } = await load();
      lane.send(await counter.getAddress(), { payload: "0xaa" });
      lane.send(await counter.getAddress(), { payload: "0xbb" });
      const data = inbox.interface.encodeFunctionData("deliver", args(lane) as never);
      await expect(caller.sendTransaction({ to: inbox, data })).to.be.revertedWithCustomError(inbox, error);
      expect(await inbox.lanes(ORIGIN)).to.deep.equal([0n, ethers.ZeroHash]);
      expect(await counter.count()).to.equal(0n);
    });
});
