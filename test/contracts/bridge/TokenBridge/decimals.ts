/*
decimals: what leaves one chain is worth the same on another, whatever the decimals of the two tokens
├── 24 at home, 18 abroad, 6 shared; 18 and 18; 6 and 18; 0 and 0; 0 and 18
├── there and back: nothing is lost but the dust, which stays with its owner
└── more than 18 decimals and an amount near the end of a word
*/
import { expect } from "chai";
import {
  deliver,
  deployLocking,
  deployMinting,
  ethers,
  lastSent,
  limits,
  message,
  MOST,
  onChain,
  THERE,
  type World,
  world,
} from "./fixture.ts";

/** A bridge of its own on either side. Each believes that the other is on the other chain. */
async function pair(w: World, home: bigint, away: bigint, shared: bigint, supply: bigint) {
  const free = { limits: limits(MOST), delayThreshold: MOST, sharedDecimals: shared };
  return {
    ...(await deployLocking(w, home, supply, free)),
    ...(await deployMinting(w, away, free)),
  };
}

/** Brings the last message sent to `bridge`. */
async function carry(w: World, bridge: { getAddress: () => Promise<string> }) {
  const { to, shared } = await lastSent(w);
  return deliver(w, await message(w, bridge, shared, { to }));
}

describe("TokenBridge: decimals", () => {
  const cases: [bigint, bigint, bigint][] = [
    [24n, 18n, 6n],
    [18n, 18n, 18n],
    [18n, 18n, 0n],
    [6n, 18n, 6n],
    [18n, 6n, 6n],
    [0n, 0n, 0n],
    [0n, 18n, 0n],
    [24n, 24n, 24n],
  ];
  for (const [home, away, shared] of cases)
    it(`keeps the worth of a token of ${home} decimals at home and ${away} away, sharing ${shared}`, async () => {
      const w = await world();
      const one = 10n ** home;
      const { token, locking, bridged, minting } = await pair(w, home, away, shared, 1_000n * one);
      const dust = home > shared ? 1n : 0n;
      const to = onChain(THERE, w.owner.address);

      await locking.crosschainTransfer(to, 700n * one + dust);
      await carry(w, minting);
      expect(await token.balanceOf(w.owner)).to.equal(300n * one);
      expect(await bridged.balanceOf(w.owner)).to.equal(700n * 10n ** away);

      await minting.crosschainTransfer(to, 300n * 10n ** away + (away > shared ? 1n : 0n));
      await expect(carry(w, locking)).to.changeTokenBalance(ethers, token, w.owner, 300n * one);
      expect(await bridged.totalSupply()).to.equal(400n * 10n ** away);
      expect(await token.balanceOf(locking)).to.equal(400n * one);
    });

  it("carries the largest amount that need not wait", async () => {
    const w = await world();
    const { token, locking, bridged, minting } = await pair(w, 24n, 24n, 24n, MOST);
    await locking.crosschainTransfer(onChain(THERE, w.owner.address), MOST - 1n);
    await carry(w, minting);
    expect(await bridged.totalSupply()).to.equal(MOST - 1n);
    expect(await token.balanceOf(locking)).to.equal(MOST - 1n);
  });

  it("takes no more into custody than a counter can count", async () => {
    const w = await world();
    const { locking } = await pair(w, 24n, 24n, 24n, MOST + 1n);
    const to = onChain(THERE, w.owner.address);
    await locking.connect(w.governance).setLimits(limits(MOST, 1n));
    await locking.crosschainTransfer(to, MOST);
    await expect(locking.crosschainTransfer(to, 1n)).to.be.revertedWithPanic(0x11);
  });
});
