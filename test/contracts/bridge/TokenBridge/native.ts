/*
NativeTokenBridge
├── crosschainTransferNative: wraps and locks whole shared units, returns the dust (wrapped, to who refuses it)
│   └── refuses what crosschainTransfer refuses
├── crosschainTransfer: takes the wrapped token by approval
├── receiveMessage: pays native currency
│   └── when the recipient refuses it, burns its gas or returns a bomb: pays the wrapped token
├── release: likewise, and refuses a caller who leaves the recipient too little gas
└── receive: takes native currency from the wrapper only
*/
import { expect } from "chai";
import {
  AccountMood,
  arrive,
  at,
  delayed,
  ethers,
  lastSent,
  limits,
  onChain,
  SCALE,
  THERE,
  type World,
  world,
} from "./fixture.ts";

const bob = ethers.getAddress("0x00000000000000000000000000000000000000b0");
const toBob = onChain(THERE, bob);

async function account(w: World, mood: keyof typeof AccountMood) {
  const contract = await ethers.deployContract("MisbehavingAccount", [w.owner]);
  await contract.setMood(AccountMood[mood]);
  return contract;
}

describe("NativeTokenBridge: send", () => {
  it("wraps and locks whole shared units, and returns the dust", async () => {
    const w = await world();
    const value = 3n * SCALE + 77n;
    const id = await w.native.crosschainTransferNative.staticCall(toBob, { value });
    const sent = w.native.crosschainTransferNative(toBob, { value });
    await expect(sent).to.changeEtherBalances(
      ethers,
      [w.owner, w.wrapped, w.native],
      [-3n * SCALE, 3n * SCALE, 0n],
    );
    await expect(sent)
      .to.emit(w.native, "CrosschainFungibleTransferSent")
      .withArgs(id, w.owner.address, toBob, 3n * SCALE);
    expect(await w.wrapped.balanceOf(w.native)).to.equal(3n * SCALE);
    expect(await w.native.locked()).to.equal(3n);
    expect((await lastSent(w)).shared).to.equal(3n);
  });

  it("returns dust wrapped to a sender that takes no native currency", async () => {
    const w = await world();
    const sender = await account(w, "Rejects");
    const data = w.native.interface.encodeFunctionData("crosschainTransferNative", [toBob]);
    await expect(sender.execute(w.native, SCALE + 5n, data, { value: SCALE + 5n }))
      .to.emit(w.native, "PaidWrapped")
      .withArgs(await sender.getAddress(), 5n);
    expect(await w.wrapped.balanceOf(sender)).to.equal(5n);
  });

  it("refuses nothing, dust, and a malformed recipient", async () => {
    const w = await world();
    for (const value of [0n, SCALE - 1n])
      await expect(w.native.crosschainTransferNative(toBob, { value })).to.be.revertedWithCustomError(
        w.native,
        "ZeroAmount",
      );
    await expect(
      w.native.crosschainTransferNative(`${toBob}00`, { value: SCALE }),
    ).to.be.revertedWithCustomError(w.native, "InvalidTokenRecipient");
  });

  it("keeps to the outgoing limits", async () => {
    const w = await world();
    await w.native.connect(w.governance).setLimits(limits(1n));
    await expect(w.native.crosschainTransferNative(toBob, { value: 2n * SCALE }))
      .to.be.revertedWithCustomError(w.native, "AboveCapacity")
      .withArgs(2n, 1n);
  });

  it("takes the wrapped token by approval as well", async () => {
    const w = await world();
    await w.wrapped.deposit({ value: 10n * SCALE });
    await w.wrapped.approve(w.native, 2n * SCALE);
    await expect(w.native.crosschainTransfer(toBob, 2n * SCALE)).to.changeTokenBalances(
      ethers,
      w.wrapped,
      [w.owner, w.native],
      [-2n * SCALE, 2n * SCALE],
    );
    await expect(arrive(w, w.native, 2n, { to: bob })).to.changeEtherBalance(ethers, bob, 2n * SCALE);
  });

  it("takes native currency from the wrapper only", async () => {
    const w = await world();
    await expect(w.owner.sendTransaction({ to: w.native, value: 1n }))
      .to.be.revertedWithCustomError(w.native, "NotTheWrapper")
      .withArgs(w.owner.address, await w.wrapped.getAddress());
  });
});

describe("NativeTokenBridge: receive", () => {
  it("pays native currency, and never more than is locked", async () => {
    const w = await world();
    await w.native.crosschainTransferNative(toBob, { value: 5n * SCALE });
    await expect(arrive(w, w.native, 2n, { to: bob })).to.changeEtherBalance(ethers, bob, 2n * SCALE);
    expect(await w.native.locked()).to.equal(3n);
    await networkGift(w);
    await expect(arrive(w, w.native, 4n))
      .to.be.revertedWithCustomError(w.native, "AboveLocked")
      .withArgs(4n, 3n);
  });

  for (const mood of ["Rejects", "BurnsGas", "ReturnBombs"] as const)
    it(`pays the wrapped token to a recipient that ${mood}`, async () => {
      const w = await world();
      await w.native.crosschainTransferNative(toBob, { value: 5n * SCALE });
      const recipient = await account(w, mood);
      const to = await recipient.getAddress();
      const arrived = arrive(w, w.native, 2n, { to });
      await expect(arrived)
        .to.emit(w.native, "PaidWrapped")
        .withArgs(to, 2n * SCALE)
        .and.to.emit(w.native, "CrosschainFungibleTransferReceived");
      expect(await w.wrapped.balanceOf(to)).to.equal(2n * SCALE);
      expect((await (await arrived).wait())?.gasUsed).to.be.lessThan(300_000n);
    });

  it("lets nobody turn a payment into the wrapped token by leaving too little gas", async () => {
    const w = await world();
    await w.native.crosschainTransferNative(toBob, { value: 2_000_000n * SCALE });
    const recipient = await account(w, "Good");
    const m = await delayed(w, w.native, 1_000_000n, { to: await recipient.getAddress() });
    await at(m.releaseAt);
    for (let gasLimit = 60_000n; gasLimit < 180_000n; gasLimit += 10_000n) {
      const released = w.native.release(m.id, { gasLimit });
      const succeeded = await released.then(
        async (response) => (await response.wait().catch(() => null))?.status === 1,
        () => false,
      );
      expect(await w.wrapped.balanceOf(recipient)).to.equal(0n);
      if (succeeded) break;
    }
    expect(await ethers.provider.getBalance(recipient)).to.equal(1_000_000n * SCALE);
  });
});

/** Wrapped tokens that came in beside the bridge. */
async function networkGift(w: World): Promise<void> {
  await w.wrapped.deposit({ value: 100n * SCALE });
  await w.wrapped.transfer(w.native, 100n * SCALE);
}
