import { expect } from "chai";
import { encodeSet, setHash } from "../../../../relayer/domain/validator-set.ts";
import { address } from "../../../../relayer/domain/ids.ts";
import { ORIGIN, quorumOf, rotationTo, setOf } from "../fixture.ts";
import { asGovernance, ethers, load, networkHelpers, set, validators } from "./environment.ts";

const DAY = 24 * 3600;

/** An Inbox whose set expires in a day, and a set that governance might put in its place. */
async function loadExpiring() {
  const { deployInbox, governance, ...rest } = await load();
  const expiresAt = BigInt((await networkHelpers.time.latest()) + DAY);
  const current = { ...set, expiresAt };
  const inbox = await deployInbox(encodeSet(current));
  const next = setOf(validators.slice(1, 4), 2, { epoch: 5n });
  const inboxAddress = address.parse(await inbox.getAddress());
  return { ...rest, inbox, inboxAddress, current, next, expiresAt, timelock: await asGovernance(governance) };
}

describe("Inbox: the way out of a lost quorum", () => {
  it("is governance's, only once the set has expired, and on view for fourteen days", async () => {
    const { inbox, inboxAddress, current, next, expiresAt, timelock, counter, lane } = await loadExpiring();
    await networkHelpers.time.setNextBlockTimestamp(expiresAt);
    const proposing = inbox.connect(timelock).proposeRecovery(encodeSet(current), encodeSet(next));
    const executableAt = expiresAt + BigInt(14 * DAY);
    await expect(proposing)
      .to.emit(inbox, "RecoveryProposed")
      .withArgs(5, setHash(next), executableAt, Object.values(encodeSet(next)));
    expect(await inbox.recovery()).to.deep.equal([setHash(next), executableAt]);

    await networkHelpers.time.setNextBlockTimestamp(executableAt - 1n);
    await expect(inbox.executeRecovery(encodeSet(next))).to.be.revertedWithCustomError(
      inbox,
      "RecoveryTooSoon",
    );
    await networkHelpers.time.setNextBlockTimestamp(executableAt);
    await expect(inbox.executeRecovery(encodeSet(next)))
      .to.emit(inbox, "ValidatorSetActivated")
      .withArgs(5, setHash(next), Object.values(encodeSet(next)));
    expect(await inbox.recovery()).to.deep.equal([ethers.ZeroHash, 0n]);

    lane.send(await counter.getAddress());
    const statement = lane.statement(1, inboxAddress);
    await expect(
      inbox.deliver(ORIGIN, 1, lane.messages, [], quorumOf(current, validators, [0, 1], statement)),
    ).to.be.revertedWithCustomError(inbox, "EpochNotActive");
    await inbox.deliver(
      ORIGIN,
      1,
      lane.messages,
      [],
      quorumOf(next, validators.slice(1, 4), [0, 1], statement),
    );
    expect(await counter.count()).to.equal(1n);
  });

  it("is closed while the quorum lives", async () => {
    const { inbox, current, next, expiresAt, timelock } = await loadExpiring();
    await networkHelpers.time.setNextBlockTimestamp(expiresAt - 1n);
    await expect(inbox.connect(timelock).proposeRecovery(encodeSet(current), encodeSet(next)))
      .to.be.revertedWithCustomError(inbox, "QuorumNotLost")
      .withArgs(expiresAt);
  });

  it("is closed to everybody else", async () => {
    const { inbox, current, next, expiresAt, guardian } = await loadExpiring();
    await networkHelpers.time.setNextBlockTimestamp(expiresAt);
    await expect(
      inbox.connect(guardian).proposeRecovery(encodeSet(current), encodeSet(next)),
    ).to.be.revertedWithCustomError(inbox, "NotGovernance");
    await expect(inbox.connect(guardian).cancelRecovery()).to.be.revertedWithCustomError(
      inbox,
      "NotGovernance",
    );
    await expect(inbox.executeRecovery(encodeSet(next))).to.be.revertedWithCustomError(inbox, "NoRecovery");
  });

  it("takes no set that could not follow: old epochs, bad thresholds, one that expires meanwhile, a forged current", async () => {
    const { inbox, current, next, expiresAt, timelock } = await loadExpiring();
    await networkHelpers.time.setNextBlockTimestamp(expiresAt);
    for (const [from, to, error] of [
      [current, { ...next, epoch: 1n }, "InvalidEpoch"],
      [current, { ...next, threshold: 1 }, "InvalidThreshold"],
      [current, { ...next, expiresAt: expiresAt + BigInt(14 * DAY) }, "SetExpired"],
      [{ ...current, expiresAt: 1n }, next, "UnknownValidatorSet"],
      [{ ...current, epoch: 2n }, next, "EpochNotActive"],
    ] as const)
      await expect(
        inbox.connect(timelock).proposeRecovery(encodeSet(from), encodeSet(to)),
      ).to.be.revertedWithCustomError(inbox, error);
  });

  it("can be called off, and executes nothing but what was proposed", async () => {
    const { inbox, current, next, expiresAt, timelock } = await loadExpiring();
    await networkHelpers.time.setNextBlockTimestamp(expiresAt);
    await inbox.connect(timelock).proposeRecovery(encodeSet(current), encodeSet(next));
    await networkHelpers.time.increase(15 * DAY);
    await expect(inbox.executeRecovery(encodeSet({ ...next, threshold: 3 }))).to.be.revertedWithCustomError(
      inbox,
      "NoRecovery",
    );
    await expect(inbox.connect(timelock).cancelRecovery())
      .to.emit(inbox, "RecoveryCancelled")
      .withArgs(setHash(next));
    await expect(inbox.executeRecovery(encodeSet(next))).to.be.revertedWithCustomError(inbox, "NoRecovery");
    await expect(inbox.connect(timelock).cancelRecovery()).to.be.revertedWithCustomError(inbox, "NoRecovery");
  });

  it("cannot be used by the expired set itself", async () => {
    const { inbox, inboxAddress, current, next, expiresAt } = await loadExpiring();
    const to = { ...next, epoch: 2n };
    await networkHelpers.time.setNextBlockTimestamp(expiresAt);
    await expect(
      inbox.rotate(encodeSet(to), quorumOf(current, validators, [0, 1, 2], rotationTo(to, inboxAddress))),
    ).to.be.revertedWithCustomError(inbox, "SetExpired");
  });
});
