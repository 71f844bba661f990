/*
a transfer of at least the threshold arrives
├── waits, uses the incoming limits, is not paid; below the threshold: is paid at once
├── release: by anybody
│   ├── before its time: NotReleasable; of nothing that waits: NotPending
│   ├── when the recipient cannot be paid: reverts, and it waits on
│   └── otherwise: pays once
├── hold: by the guardian, once, by HOLD from its time, or from now where that has passed
├── reject: by governance; it is never paid, and what it claimed stays locked
└── returnToSender: by governance; goes to the account that sent it, on the chain where it did, within the outgoing limits
*/
import { expect } from "chai";
import {
  arrive,
  at,
  CAPACITY,
  DAY,
  delayed,
  deliver,
  ELSEWHERE,
  ethers,
  HERE,
  lastSent,
  limits,
  message,
  onChain,
  SCALE,
  THERE,
  THRESHOLD,
  world,
} from "./fixture.ts";

const bob = ethers.getAddress("0x00000000000000000000000000000000000000b0");
const AMOUNT = THRESHOLD * SCALE;
const NOTHING = [ethers.ZeroAddress, 0n, false, ethers.ZeroAddress, 0n, 0n];

describe("TokenBridge: delay", () => {
  it("keeps a transfer of the threshold, and pays one just below it", async () => {
    const w = await world();
    const m = await message(w, w.minting, THRESHOLD, { to: bob });
    const arrived = deliver(w, m);
    const releaseAt = BigInt((await (await arrived).getBlock())?.timestamp ?? 0) + DAY;
    await expect(arrived)
      .to.emit(w.minting, "TransferDelayed")
      .withArgs(m.id, bob, AMOUNT, releaseAt)
      .and.not.to.emit(w.minting, "CrosschainFungibleTransferReceived");
    expect(await w.bridged.totalSupply()).to.equal(0n);
    expect(await w.minting.pending(m.id)).to.deep.equal([
      ...[bob, releaseAt, false],
      ...[w.owner.address, BigInt(THERE), THRESHOLD],
    ]);
    expect(await w.minting.available(THERE)).to.deep.equal([CAPACITY, CAPACITY - THRESHOLD]);

    await arrive(w, w.minting, THRESHOLD - 1n, { to: bob });
    expect(await w.bridged.balanceOf(bob)).to.equal((THRESHOLD - 1n) * SCALE);
  });

  it("keeps two of one id apart by refusing the second", async () => {
    const w = await world();
    const m = await delayed(w, w.minting);
    await expect(deliver(w, m)).to.be.revertedWithCustomError(w.minting, "AlreadyPending").withArgs(m.id);
  });

  it("is changed by governance alone", async () => {
    const w = await world();
    await expect(w.minting.connect(w.guardian).setDelayThreshold(1n))
      .to.be.revertedWithCustomError(w.minting, "NotGovernance")
      .withArgs(w.guardian.address, w.governance.address);
    await expect(w.minting.connect(w.governance).setDelayThreshold(5n))
      .to.emit(w.minting, "DelayThresholdSet")
      .withArgs(5n);
    await expect(arrive(w, w.minting, 5n)).to.emit(w.minting, "TransferDelayed");
  });
});

describe("TokenBridge: release", () => {
  it("pays once, by anybody's hand, and not a second early", async () => {
    const w = await world();
    const m = await delayed(w, w.minting, THRESHOLD, { to: bob });
    const anybody = w.minting.connect(w.stranger);
    await at(m.releaseAt - 1n);
    await expect(anybody.release(m.id))
      .to.be.revertedWithCustomError(w.minting, "NotReleasable")
      .withArgs(m.releaseAt);
    await at(m.releaseAt);
    await expect(anybody.release(m.id))
      .to.emit(w.minting, "CrosschainFungibleTransferReceived")
      .withArgs(m.id, m.from, bob, AMOUNT);
    expect(await w.bridged.balanceOf(bob)).to.equal(AMOUNT);
    expect(await w.minting.pending(m.id)).to.deep.equal(NOTHING);
    await expect(anybody.release(m.id)).to.be.revertedWithCustomError(w.minting, "NotPending").withArgs(m.id);
  });

  it("does not use the limits a second time", async () => {
    const w = await world();
    const m = await delayed(w, w.minting, CAPACITY);
    await w.minting.connect(w.governance).setLimits(limits(0n));
    await at(m.releaseAt);
    await w.minting.release(m.id);
    expect(await w.bridged.totalSupply()).to.equal(CAPACITY * SCALE);
  });

  it("leaves it waiting while the recipient cannot be paid", async () => {
    const w = await world();
    await w.locking.crosschainTransfer(onChain(THERE, bob), AMOUNT);
    const m = await delayed(w, w.locking, THRESHOLD, { to: bob });
    await w.token.setBlacklisted(bob, true);
    await at(m.releaseAt);
    await expect(w.locking.release(m.id)).to.be.revertedWithCustomError(w.token, "Blacklisted");
    expect((await w.locking.pending(m.id)).amount).to.equal(THRESHOLD);
    await w.token.setBlacklisted(bob, false);
    await w.locking.release(m.id);
    expect(await w.token.balanceOf(bob)).to.equal(AMOUNT);
    expect(await w.locking.locked()).to.equal(0n);
  });
});

describe("TokenBridge: hold", () => {
  it("postpones once, by the guardian's hand only", async () => {
    const w = await world();
    const m = await delayed(w, w.minting);
    for (const signer of [w.owner, w.governance])
      await expect(w.minting.connect(signer).hold(m.id))
        .to.be.revertedWithCustomError(w.minting, "NotGuardian")
        .withArgs(signer.address, w.guardian.address);
    const until = m.releaseAt + 7n * DAY;
    await expect(w.minting.connect(w.guardian).hold(m.id))
      .to.emit(w.minting, "TransferHeld")
      .withArgs(m.id, until);
    const waiting = await w.minting.pending(m.id);
    expect([waiting.releaseAt, waiting.held]).to.deep.equal([until, true]);
    await expect(w.minting.connect(w.guardian).hold(m.id))
      .to.be.revertedWithCustomError(w.minting, "AlreadyHeld")
      .withArgs(m.id);
    await at(until - 1n);
    await expect(w.minting.release(m.id)).to.be.revertedWithCustomError(w.minting, "NotReleasable");
    await at(until);
    await w.minting.release(m.id);
  });

  it("postpones from now on what could have been released, and nothing that was", async () => {
    const w = await world();
    const m = await delayed(w, w.minting);
    await at(m.releaseAt + 100n);
    await w.minting.connect(w.guardian).hold(m.id);
    expect((await w.minting.pending(m.id)).releaseAt).to.equal(m.releaseAt + 100n + 7n * DAY);
    await at(m.releaseAt + 100n + 7n * DAY);
    await w.minting.release(m.id);
    await expect(w.minting.connect(w.guardian).hold(m.id)).to.be.revertedWithCustomError(
      w.minting,
      "NotPending",
    );
  });

  it("leaves room for a timelock to act", async () => {
    const w = await world();
    const m = await delayed(w, w.minting);
    await at(m.releaseAt - 1n);
    await w.minting.connect(w.guardian).hold(m.id);
    await at(m.releaseAt + 7n * DAY - 1n);
    await w.minting.connect(w.governance).reject(m.id);
  });
});

describe("TokenBridge: reject", () => {
  it("strikes a transfer out; what it claimed stays locked", async () => {
    const w = await world();
    await w.locking.crosschainTransfer(onChain(THERE, bob), AMOUNT);
    const m = await delayed(w, w.locking, THRESHOLD, { to: bob });
    for (const signer of [w.owner, w.guardian])
      await expect(w.locking.connect(signer).reject(m.id)).to.be.revertedWithCustomError(
        w.locking,
        "NotGovernance",
      );
    await expect(w.locking.connect(w.governance).reject(m.id))
      .to.emit(w.locking, "TransferRejected")
      .withArgs(m.id, bob, AMOUNT);
    expect(await w.locking.locked()).to.equal(THRESHOLD);
    expect(await w.token.balanceOf(w.locking)).to.equal(AMOUNT);
    await at(m.releaseAt);
    await expect(w.locking.release(m.id)).to.be.revertedWithCustomError(w.locking, "NotPending");
    await expect(w.locking.connect(w.governance).reject(m.id)).to.be.revertedWithCustomError(
      w.locking,
      "NotPending",
    );
  });
});

describe("TokenBridge: returnToSender", () => {
  it("sends the amount to its sender, on the chain where it came from", async () => {
    const w = await world();
    const m = await delayed(w, w.minting, THRESHOLD, {
      to: bob,
      chain: ELSEWHERE,
      from: onChain(ELSEWHERE, w.alice.address),
    });
    for (const signer of [w.owner, w.guardian])
      await expect(w.minting.connect(signer).returnToSender(m.id)).to.be.revertedWithCustomError(
        w.minting,
        "NotGovernance",
      );
    const governed = w.minting.connect(w.governance);
    const sendId = await governed.returnToSender.staticCall(m.id);
    await expect(governed.returnToSender(m.id))
      .to.emit(w.minting, "TransferReturned")
      .withArgs(m.id, sendId, m.from, AMOUNT)
      .and.to.emit(w.minting, "CrosschainFungibleTransferSent")
      .withArgs(sendId, bob, m.from, AMOUNT);
    expect(await lastSent(w)).to.include({
      from: onChain(HERE, bob),
      to: w.alice.address,
      shared: THRESHOLD,
      recipient: onChain(ELSEWHERE, "0x00000000000000000000000000000000000000B2"),
    });
    expect(await w.bridged.totalSupply()).to.equal(0n);
    await expect(governed.returnToSender(m.id)).to.be.revertedWithCustomError(w.minting, "NotPending");
    await expect(w.minting.release(m.id)).to.be.revertedWithCustomError(w.minting, "NotPending");
  });

  it("leaves locked at home what goes back abroad", async () => {
    const w = await world();
    await w.locking.crosschainTransfer(onChain(THERE, bob), AMOUNT);
    const m = await delayed(w, w.locking);
    await w.locking.connect(w.governance).returnToSender(m.id);
    expect(await w.locking.locked()).to.equal(THRESHOLD);
    expect((await lastSent(w)).shared).to.equal(THRESHOLD);
  });

  it("keeps to the outgoing limits", async () => {
    const w = await world();
    const m = await delayed(w, w.minting);
    const governed = w.minting.connect(w.governance);
    await governed.setLimits({ ...limits(), outgoing: { capacity: 1n, window: 1n } });
    await expect(governed.returnToSender(m.id)).to.be.revertedWithCustomError(w.minting, "AboveCapacity");
    expect((await w.minting.pending(m.id)).amount).to.equal(THRESHOLD);
    await governed.setLimits(limits());
    await governed.returnToSender(m.id);
  });
});
