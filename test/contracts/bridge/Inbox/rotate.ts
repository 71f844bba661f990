import { expect } from "chai";
import { encodeSet, setHash } from "../../../../relayer/domain/validator-set.ts";
import type { ValidatorSet } from "../../../../relayer/domain/bridge.ts";
import { type Ed25519Set, ORIGIN, quorumOf, rotationTo, setOf, type TestValidator } from "../fixture.ts";
import { ethers, load, networkHelpers, set, validators } from "./environment.ts";

const DAY = 24 * 3600;
/** Members 2, 3 and 4 of the five; the last has no table. */
const nextMembers = validators.slice(2, 5);
const next = setOf(nextMembers, 2, { epoch: 2n, overlap: DAY });

/** The word of `current` for `to`, by the members at `signers`. */
const wordFor = (
  inbox: string,
  to: ValidatorSet,
  signers: readonly number[] = [0, 1],
  current: ValidatorSet = set,
  members: readonly TestValidator[] = validators,
) => quorumOf(current, members, signers, rotationTo(to, inbox));

describe("Inbox.rotate", () => {
  it("activates the next set on the word of the current, whoever brings it", async () => {
    const { inbox, inboxAddress } = await load();
    const [, , stranger] = await ethers.getSigners();
    await expect(inbox.connect(stranger ?? null).rotate(encodeSet(next), wordFor(inboxAddress, next)))
      .to.emit(inbox, "ValidatorSetActivated")
      .withArgs(2, setHash(next), Object.values(encodeSet(next)));
    expect(await inbox.currentEpoch()).to.equal(2n);
    expect(await inbox.validatorSetHash(2)).to.equal(setHash(next));
    expect(await inbox.previousUntil()).to.equal(BigInt((await networkHelpers.time.latest()) + DAY));
  });

  const wrong: [string, Partial<Ed25519Set>, string][] = [
    ["skipping an epoch", { epoch: 3n }, "InvalidEpoch"],
    ["reusing an epoch", { epoch: 1n }, "InvalidEpoch"],
    ["going back", { epoch: 0n }, "InvalidEpoch"],
    ["an empty set", { members: [] }, "InvalidThreshold"],
    ["a set with a duplicate", { members: [next.members[0], next.members[0]] as never }, "KeysNotAscending"],
    ["a threshold of 1 (Ronin 2024, Kelp 2026)", { threshold: 1 }, "InvalidThreshold"],
    ["a threshold of 0, or unset", { threshold: 0 }, "InvalidThreshold"],
    ["a threshold above N", { threshold: 4 }, "InvalidThreshold"],
    ["half of the set", { members: setOf(validators.slice(0, 4), 2).members }, "InvalidThreshold"],
    ["a set that has expired", { expiresAt: 1n }, "SetExpired"],
    ["an unbounded overlap", { overlap: 2 * DAY + 1 }, "OverlapTooLong"],
    [
      "a key of small order",
      { members: [`0x01${"00".repeat(31)}`, ...next.members] as never, threshold: 3 },
      "InvalidKey",
    ],
  ];
  for (const [what, change, error] of wrong)
    it(`refuses ${what}, however signed`, async () => {
      const { inbox, inboxAddress } = await load();
      const to = { ...next, ...change };
      await expect(
        inbox.rotate(encodeSet(to), wordFor(inboxAddress, to, [0, 1, 2])),
      ).to.be.revertedWithCustomError(inbox, error);
      expect(await inbox.currentEpoch()).to.equal(1n);
    });

  it("refuses too few signers, signatures for another set, and signatures for another Inbox", async () => {
    const { inbox, inboxAddress, deployInbox } = await load();
    const other = await (await deployInbox(encodeSet(set))).getAddress();
    for (const [quorum, error] of [
      [wordFor(inboxAddress, next, [1]), "QuorumNotReached"],
      [wordFor(inboxAddress, { ...next, threshold: 3 }), "InvalidMemberSignature"],
      [wordFor(other, next), "InvalidMemberSignature"],
    ] as const)
      await expect(inbox.rotate(encodeSet(next), quorum)).to.be.revertedWithCustomError(inbox, error);
  });

  it("refuses a message's attestation in place of a rotation, and a rotation's in place of a message's", async () => {
    const { inbox, inboxAddress, counter, lane } = await load();
    lane.send(await counter.getAddress());
    await expect(inbox.rotate(encodeSet(next), lane.attest([0, 1]))).to.be.revertedWithCustomError(
      inbox,
      "InvalidMemberSignature",
    );
    await expect(
      inbox.deliver(ORIGIN, 1, lane.messages, [], wordFor(inboxAddress, next)),
    ).to.be.revertedWithCustomError(inbox, "InvalidMemberSignature");
  });

  it("does not let a set that is on its way out name a successor", async () => {
    const { inbox, inboxAddress } = await load();
    await inbox.rotate(encodeSet(next), wordFor(inboxAddress, next));
    const third = setOf(validators.slice(0, 3), 2, { epoch: 3n });
    await expect(inbox.rotate(encodeSet(third), wordFor(inboxAddress, third)))
      .to.be.revertedWithCustomError(inbox, "EpochNotActive")
      .withArgs(1, 2);
  });

  it("a rotation that is front-run or brought twice happens once", async () => {
    const { inbox, inboxAddress } = await load();
    const [, , thief] = await ethers.getSigners();
    const quorum = wordFor(inboxAddress, next);
    await inbox.connect(thief ?? null).rotate(encodeSet(next), quorum);
    await expect(inbox.rotate(encodeSet(next), quorum)).to.be.revertedWithCustomError(
      inbox,
      "EpochNotActive",
    );
    expect(await inbox.validatorSetHash(2)).to.equal(setHash(next));
  });

  it("rotates on while deliveries are paused", async () => {
    const { inbox, inboxAddress, guardian } = await load();
    await inbox.connect(guardian).pause();
    await inbox.rotate(encodeSet(next), wordFor(inboxAddress, next));
    expect(await inbox.currentEpoch()).to.equal(2n);
  });
});

describe("Inbox: who may attest when", () => {
  it("signatures of a retired set: good during its overlap, refused after", async () => {
    const { inbox, inboxAddress, counter, lane } = await load();
    lane.send(await counter.getAddress(), { count: 2 });
    await inbox.rotate(encodeSet(next), wordFor(inboxAddress, next));
    // A batch that was in the pool when the rotation came:
    await inbox.deliver(ORIGIN, 1, lane.messages.slice(0, 1), [], lane.attest([0, 1], { count: 1 }));
    await networkHelpers.time.setNextBlockTimestamp(await inbox.previousUntil());
    const rest = [ORIGIN, 2, lane.messages.slice(1), []] as const;
    await expect(inbox.deliver(ORIGIN, 2, lane.messages.slice(1), [], lane.attest([0, 1])))
      .to.be.revertedWithCustomError(inbox, "EpochNotActive")
      .withArgs(1, 2);
    await inbox.deliver(rest[0], rest[1], rest[2], [], quorumOf(next, nextMembers, [0, 2], lane.statement()));
    expect(await counter.count()).to.equal(2n);
  });

  it("a set that lost a member for an offence is refused at once: its successor has no overlap", async () => {
    const { inbox, inboxAddress, counter, lane } = await load();
    lane.send(await counter.getAddress());
    const strict = { ...next, overlap: 0 };
    await inbox.rotate(encodeSet(strict), wordFor(inboxAddress, strict));
    // The jailed member is in every quorum of the old set that one could make without the honest ones.
    await expect(
      inbox.deliver(ORIGIN, 1, lane.messages, [], lane.attest([0, 1])),
    ).to.be.revertedWithCustomError(inbox, "EpochNotActive");
  });

  it("signatures of the next set before its epoch are refused", async () => {
    const { inbox, counter, lane } = await load();
    lane.send(await counter.getAddress());
    await expect(
      inbox.deliver(ORIGIN, 1, lane.messages, [], quorumOf(next, nextMembers, [0, 1], lane.statement())),
    )
      .to.be.revertedWithCustomError(inbox, "EpochNotActive")
      .withArgs(2, 1);
  });

  it("only one set before the current may attest, whatever the overlaps", async () => {
    const { inbox, inboxAddress, counter, lane } = await load();
    lane.send(await counter.getAddress());
    const third = setOf(validators.slice(0, 3), 2, { epoch: 3n, overlap: DAY });
    await inbox.rotate(encodeSet(next), wordFor(inboxAddress, next));
    await inbox.rotate(encodeSet(third), wordFor(inboxAddress, third, [0, 1], next, nextMembers));
    await expect(inbox.deliver(ORIGIN, 1, lane.messages, [], lane.attest([0, 1])))
      .to.be.revertedWithCustomError(inbox, "EpochNotActive")
      .withArgs(1, 3);
    await inbox.deliver(ORIGIN, 1, lane.messages, [], quorumOf(next, nextMembers, [1, 2], lane.statement()));
  });

  it("expired signers are refused, for messages and for rotations", async () => {
    const { deployInbox, counter, lane } = await load();
    const expiresAt = BigInt((await networkHelpers.time.latest()) + DAY);
    const short = { ...set, expiresAt };
    const inbox = await deployInbox(encodeSet(short));
    const here = (await inbox.getAddress()) as never;
    lane.send(await counter.getAddress());
    await networkHelpers.time.setNextBlockTimestamp(expiresAt);
    await expect(
      inbox.deliver(ORIGIN, 1, lane.messages, [], lane.attest([0, 1], { set: short, inbox: here })),
    )
      .to.be.revertedWithCustomError(inbox, "SetExpired")
      .withArgs(1, expiresAt);
    await expect(
      inbox.rotate(encodeSet(next), wordFor(here, next, [0, 1], short)),
    ).to.be.revertedWithCustomError(inbox, "SetExpired");
  });

  it("messages in flight continue through any number of rotations", async () => {
    const { inbox, inboxAddress, counter, lane } = await load();
    let current: { set: Ed25519Set; members: readonly TestValidator[] } = { set, members: validators };
    for (let epoch = 2n; epoch <= 12n; epoch++) {
      // Sent and attested under one epoch, delivered under the one after the next rotation or the one after that.
      lane.send(await counter.getAddress(), { count: 2 });
      const members = validators.slice(Number(epoch % 3n), Number(epoch % 3n) + 3);
      const to = setOf(members, 2, { epoch, overlap: epoch % 2n === 0n ? DAY : 0 });
      await inbox.rotate(encodeSet(to), wordFor(inboxAddress, to, [0, 2], current.set, current.members));
      const before = current;
      current = { set: to, members };
      const by = to.overlap > 0 ? before : current;
      const { nonce } = await inbox.lanes(ORIGIN);
      const waiting = lane.messages.slice(Number(nonce), Number(nonce) + 1);
      await inbox.deliver(
        ORIGIN,
        nonce + 1n,
        waiting,
        lane.ids.slice(Number(nonce) + 1),
        quorumOf(by.set, by.members, [0, 1], lane.statement()),
      );
    }
    const { nonce } = await inbox.lanes(ORIGIN);
    await inbox.deliver(
      ORIGIN,
      nonce + 1n,
      lane.messages.slice(Number(nonce)),
      [],
      quorumOf(current.set, current.members, [1, 2], lane.statement()),
    );
    expect(await counter.count()).to.equal(22n);
  });
});
