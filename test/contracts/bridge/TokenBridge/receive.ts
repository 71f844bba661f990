/*
receiveMessage
├── when the caller is not the Inbox, or the sender not the counterpart on its chain: refused (see attacks.ts)
├── when the payload is not an exact transfer: MalformedTransfer
├── when the recipient is the bridge: InvalidTokenRecipient
├── when the amount has more than 128 bits, or cannot be scaled: AmountTooLarge
├── when the recipient cannot be paid: reverts, so that the Inbox keeps it
├── on the minting side: mints the amount, scaled
└── on the locking side: unlocks it, never more than is locked
*/
import { expect } from "chai";
import {
  arrive,
  deliver,
  deployMinting,
  ELSEWHERE,
  ethers,
  limits,
  message,
  MOST,
  onChain,
  payloadOf,
  SCALE,
  THERE,
  world,
} from "./fixture.ts";

const bob = ethers.getAddress("0x00000000000000000000000000000000000000b0");

describe("TokenBridge: receive", () => {
  it("mints what arrives, scaled, and says who sent it", async () => {
    const w = await world();
    const m = await message(w, w.minting, 7n, { to: bob });
    await expect(deliver(w, m))
      .to.emit(w.minting, "CrosschainFungibleTransferReceived")
      .withArgs(m.id, m.from, bob, 7n * SCALE);
    expect(await w.bridged.balanceOf(bob)).to.equal(7n * SCALE);
    expect(await w.bridged.totalSupply()).to.equal(7n * SCALE);
  });

  it("unlocks what comes home, from whichever chain", async () => {
    const w = await world();
    await w.locking.crosschainTransfer(onChain(THERE, bob), 10n * SCALE);
    const m = await message(w, w.locking, 4n, { to: bob, chain: ELSEWHERE });
    await expect(deliver(w, m))
      .to.emit(w.locking, "CrosschainFungibleTransferReceived")
      .withArgs(m.id, m.from, bob, 4n * SCALE);
    expect(await w.token.balanceOf(bob)).to.equal(4n * SCALE);
    expect(await w.locking.locked()).to.equal(6n);
  });

  it("never unlocks more than was locked, whatever it holds", async () => {
    const w = await world();
    await w.token.transfer(w.locking, 100n * SCALE);
    await w.locking.crosschainTransfer(onChain(THERE, bob), 3n * SCALE);
    await expect(arrive(w, w.locking, 4n))
      .to.be.revertedWithCustomError(w.locking, "AboveLocked")
      .withArgs(4n, 3n);
    await arrive(w, w.locking, 3n);
    expect(await w.locking.locked()).to.equal(0n);
  });

  it("fails, and so stays with the Inbox, where a rebase has left too little", async () => {
    const w = await world();
    await w.locking.crosschainTransfer(onChain(THERE, bob), 3n * SCALE);
    await w.token.rebaseDown(w.locking, 1n);
    const m = await message(w, w.locking, 3n);
    await expect(deliver(w, m)).to.be.revertedWithCustomError(w.token, "ERC20InsufficientBalance");
    await w.token.transfer(w.locking, 1n);
    await deliver(w, m);
    expect(await w.token.balanceOf(w.locking)).to.equal(0n);
  });

  it("fails, and so stays with the Inbox, while the token refuses the recipient", async () => {
    const w = await world();
    await w.locking.crosschainTransfer(onChain(THERE, bob), 3n * SCALE);
    await w.token.setBlacklisted(bob, true);
    const m = await message(w, w.locking, 3n, { to: bob });
    await expect(deliver(w, m)).to.be.revertedWithCustomError(w.token, "Blacklisted");
    expect(await w.locking.locked()).to.equal(3n);
    await w.token.setBlacklisted(bob, false);
    await deliver(w, m);
    expect(await w.token.balanceOf(bob)).to.equal(3n * SCALE);
  });

  it("refuses the bridge itself as recipient", async () => {
    const w = await world();
    const to = await w.minting.getAddress();
    await expect(arrive(w, w.minting, 1n, { to }))
      .to.be.revertedWithCustomError(w.minting, "InvalidTokenRecipient")
      .withArgs(to.toLowerCase());
  });

  it("refuses an amount that no bucket can hold", async () => {
    const w = await world();
    for (const amount of [MOST + 1n, 2n ** 208n, 2n ** 256n - 1n])
      await expect(arrive(w, w.minting, amount))
        .to.be.revertedWithCustomError(w.minting, "AmountTooLarge")
        .withArgs(amount, MOST);
  });

  it("refuses an amount that overflows when it is scaled up", async () => {
    const w = await world();
    const free = { limits: limits(MOST), delayThreshold: MOST };
    const { minting, bridged } = await deployMinting(w, 60n, { ...free, sharedDecimals: 0n });
    const most = (2n ** 256n - 1n) / 10n ** 60n;
    await expect(arrive(w, minting, most + 1n))
      .to.be.revertedWithCustomError(minting, "AmountTooLarge")
      .withArgs(most + 1n, most);
    await arrive(w, minting, most);
    expect(await bridged.totalSupply()).to.equal(most * 10n ** 60n);
  });

  const from = onChain(THERE, bob);
  const word = (value: bigint) => ethers.toBeHex(value, 32);
  const tail = (bytes: string) =>
    ethers.concat([
      word(BigInt(ethers.dataLength(bytes))),
      bytes,
      "0x" + "00".repeat((32 - (ethers.dataLength(bytes) % 32)) % 32),
    ]);
  const exact = payloadOf(from, bob, 5n);
  const payloads: [string, string][] = [
    ["nothing", "0x"],
    ["a byte less", exact.slice(0, -2)],
    ["a byte more", `${exact}00`],
    ["a word more", `${exact}${"00".repeat(32)}`],
    ["an amount of zero", payloadOf(from, bob, 0n)],
    ["the zero address as recipient", payloadOf(from, ethers.ZeroAddress, 5n)],
    ["a recipient of 19 bytes", payloadOf(from, bob.slice(0, -2), 5n)],
    ["a recipient of 21 bytes", payloadOf(from, `${bob}00`, 5n)],
    ["a recipient of 32 bytes", payloadOf(from, ethers.zeroPadValue(bob, 32), 5n)],
    ["no recipient", payloadOf(from, "0x", 5n)],
    ["a sender of another chain", payloadOf(onChain(ELSEWHERE, bob), bob, 5n)],
    ["the zero address as sender", payloadOf(onChain(THERE, ethers.ZeroAddress), bob, 5n)],
    ["a sender that is a bare address", payloadOf(bob, bob, 5n)],
    ["a sender with a byte after it", payloadOf(`${from}00`, bob, 5n)],
    ["dirt behind the recipient", `${exact.slice(0, -2)}01`],
    [
      "its parts in another order",
      ethers.concat([word(0xa0n), word(0x60n), word(5n), tail(bob), tail(from)]),
    ],
    ["one part for two", ethers.concat([word(0x60n), word(0x60n), word(5n), tail(from), tail(bob)])],
  ];
  for (const [what, payload] of payloads)
    it(`refuses a payload with ${what}`, async () => {
      const w = await world();
      await expect(arrive(w, w.minting, 0n, { payload }))
        .to.be.revertedWithCustomError(w.minting, "MalformedTransfer")
        .withArgs(payload.toLowerCase());
    });
});
