import { expect } from "chai";
import { domainOf } from "../../../../relayer/bridge/core/attestation.ts";
import { setHash } from "../../../../relayer/bridge/core/quorum.ts";
import { address } from "../../../../relayer/domain/ids.ts";
import { interoperableAddress } from "../../../../relayer/domain/interoperable-address.ts";
import { HERE, ORIGIN, OUTBOX, type TestLane } from "../fixture.ts";
import { ethers, load, set } from "./environment.ts";

const caller = await ethers.provider.getSigner(0);

describe("Inbox.deliver", () => {
  it("executes a batch in order, under one quorum, exactly once", async () => {
    const { inbox, counter, lane } = await load();
    lane.send(await counter.getAddress(), { count: 3 });
    const call = inbox.deliver(ORIGIN, 1, lane.messages, [], set, lane.attest([0, 2]));
    for (const [i, id] of lane.ids.entries())
      await expect(call)
        .to.emit(inbox, "MessageExecuted")
        .withArgs(id, ORIGIN, i + 1);
    await expect(call).to.emit(inbox, "LaneAccepted").withArgs(ORIGIN, 3, 1, lane.head().accumulator);
    expect(await counter.count()).to.equal(3n);
    expect(await counter.lastReceiveId()).to.equal(lane.ids[2]);
    expect(await counter.lastSender()).to.equal(
      interoperableAddress(ORIGIN, address.parse(lane.messages[0]?.sender)),
    );
    expect(await counter.lastPayload()).to.equal("0x1234");
    expect(await inbox.lanes(ORIGIN)).to.deep.equal([3n, lane.head().accumulator]);

    await expect(inbox.deliver(ORIGIN, 1, lane.messages, [], set, lane.attest([0, 2])))
      .to.be.revertedWithCustomError(inbox, "NonceMismatch")
      .withArgs(1, 4);
    expect(await counter.count()).to.equal(3n);
  });

  it("delivers any first part of what was attested, given the ids of the rest", async () => {
    const { inbox, counter, lane } = await load();
    lane.send(await counter.getAddress(), { count: 5 });
    await inbox.deliver(ORIGIN, 1, lane.messages.slice(0, 2), lane.ids.slice(2), set, lane.attest([0, 1]));
    expect((await inbox.lanes(ORIGIN)).nonce).to.equal(2n);
    await inbox.deliver(ORIGIN, 3, lane.messages.slice(2), [], set, lane.attest([1, 2]));
    expect(await inbox.lanes(ORIGIN)).to.deep.equal([5n, lane.head().accumulator]);
    expect(await counter.count()).to.equal(5n);
  });

  it("holds digest, domain and set hash to the TypeScript core", async () => {
    const { inbox } = await load();
    expect(await inbox.domain()).to.equal(domainOf(HERE, address.parse(await inbox.getAddress())));
    expect(await inbox.validatorSetHash(1)).to.equal(setHash(set));
  });

  const tampered: [string, (lane: TestLane) => unknown[], string][] = [
    ["an empty batch", (lane) => [ORIGIN, 1, [], [], set, lane.attest([0, 1])], "EmptyBatch"],
    ["a gap", (lane) => [ORIGIN, 2, lane.messages.slice(1), [], set, lane.attest([0, 1])], "NonceMismatch"],
    [
      "another order",
      (lane) => [ORIGIN, 1, lane.messages.toReversed(), [], set, lane.attest([0, 1])],
      "InvalidMemberSignature",
    ],
    [
      "a message left out",
      (lane) => [ORIGIN, 1, lane.messages.slice(0, 1), [], set, lane.attest([0, 1])],
      "InvalidMemberSignature",
    ],
    [
      "a changed payload",
      (lane) => [
        ORIGIN,
        1,
        lane.messages.map((m) => ({ ...m, payload: "0x" })),
        [],
        set,
        lane.attest([0, 1]),
      ],
      "InvalidMemberSignature",
    ],
    [
      "a changed sender",
      (lane) => [
        ORIGIN,
        1,
        lane.messages.map((m) => ({ ...m, sender: OUTBOX })),
        [],
        set,
        lane.attest([0, 1]),
      ],
      "InvalidMemberSignature",
    ],
    [
      "a changed gas limit",
      (lane) => [ORIGIN, 1, lane.messages.map((m) => ({ ...m, gasLimit: 1n })), [], set, lane.attest([0, 1])],
      "InvalidMemberSignature",
    ],
    [
      "too few signatures",
      (lane) => [ORIGIN, 1, lane.messages, [], set, lane.attest([1])],
      "QuorumNotReached",
    ],
    ["no signatures", (lane) => [ORIGIN, 1, lane.messages, [], set, []], "QuorumNotReached"],
    [
      "one signer twice",
      (lane) => [ORIGIN, 1, lane.messages, [], set, lane.attest([1, 1])],
      "SignersNotAscending",
    ],
    [
      "signers out of order",
      (lane) => [ORIGIN, 1, lane.messages, [], set, lane.attest([2, 1])],
      "SignersNotAscending",
    ],
    [
      "a signer beyond the set",
      (lane) => [
        ORIGIN,
        1,
        lane.messages,
        [],
        set,
        lane.attest([0, 1]).map((s, i) => ({ ...s, index: s.index + 3 * i })),
      ],
      "UnknownSigner",
    ],
    [
      "a signature of another member",
      (lane) => [
        ORIGIN,
        1,
        lane.messages,
        [],
        set,
        lane.attest([0, 1]).map((s) => ({ ...s, index: s.index + 1 })),
      ],
      "InvalidMemberSignature",
    ],
    [
      "one bad signature among enough good ones",
      (lane) => [
        ORIGIN,
        1,
        lane.messages,
        [],
        set,
        [...lane.attest([0, 1]), { index: 2, signature: `0x${"00".repeat(64)}` }],
      ],
      "InvalidMemberSignature",
    ],
    [
      "a truncated signature",
      (lane) => [
        ORIGIN,
        1,
        lane.messages,
        [],
        set,
        lane.attest([0, 1]).map((s) => ({ ...s, signature: s.signature.slice(0, -2) })),
      ],
      "InvalidMemberSignature",
    ],
    [
      "signatures for another epoch",
      (lane) => [ORIGIN, 1, lane.messages, [], set, lane.attest([0, 1], 2, 2n)],
      "InvalidMemberSignature",
    ],
    [
      "signatures for another Inbox",
      (lane) => [ORIGIN, 1, lane.messages, [], set, lane.attest([0, 1], 2, 1n, OUTBOX)],
      "InvalidMemberSignature",
    ],
    [
      "an epoch that never was",
      (lane) => [ORIGIN, 1, lane.messages, [], { ...set, epoch: 2n }, lane.attest([0, 1], 2, 2n)],
      "UnknownValidatorSet",
    ],
    [
      "a set with a lower threshold",
      (lane) => [ORIGIN, 1, lane.messages, [], { ...set, threshold: 1 }, lane.attest([0])],
      "UnknownValidatorSet",
    ],
    [
      "a set with another member",
      (lane) => [
        ORIGIN,
        1,
        lane.messages,
        [],
        { ...set, validators: set.validators.toReversed() },
        lane.attest([0, 1]),
      ],
      "UnknownValidatorSet",
    ],
    ["an unknown origin", (lane) => [8_888, 1, lane.messages, [], set, lane.attest([0, 1])], "UnknownOrigin"],
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
