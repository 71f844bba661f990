/*
limits
├── outgoing and incoming: by lane, and over all lanes
│   ├── when it is more than a bucket ever holds: AboveCapacity
│   ├── when it is more than is left: LimitExceeded, and nothing is taken or paid
│   └── otherwise: uses the bucket, which refills with time
└── setLimits
    ├── when the caller is not governance: NotGovernance; when a window is zero: ZeroWindow
    └── otherwise: what is used stays used
*/
import { expect } from "chai";
import {
  arrive,
  at,
  CAPACITY,
  deliver,
  ELSEWHERE,
  ethers,
  limits,
  message,
  MOST,
  networkHelpers,
  onChain,
  SCALE,
  THERE,
  WINDOW,
  type World,
  world,
} from "./fixture.ts";

const bob = "0x00000000000000000000000000000000000000b0";

/** Nothing waits, so that whole buckets can be paid. */
async function withoutDelay(): Promise<World> {
  const w = await world();
  for (const bridge of [w.locking, w.minting]) await bridge.connect(w.governance).setDelayThreshold(MOST);
  return w;
}

const later = async (seconds: bigint) => at(BigInt(await networkHelpers.time.latest()) + seconds);

describe("TokenBridge: limits", () => {
  it("says of an amount above the capacity that it can never pass", async () => {
    const w = await withoutDelay();
    await expect(w.locking.crosschainTransfer(onChain(THERE, bob), (CAPACITY + 1n) * SCALE))
      .to.be.revertedWithCustomError(w.locking, "AboveCapacity")
      .withArgs(CAPACITY + 1n, CAPACITY);
    await expect(arrive(w, w.minting, CAPACITY + 1n))
      .to.be.revertedWithCustomError(w.minting, "AboveCapacity")
      .withArgs(CAPACITY + 1n, CAPACITY);
  });

  it("lets a whole bucket leave, nothing more, and then what has refilled", async () => {
    const w = await withoutDelay();
    const to = onChain(THERE, bob);
    await w.locking.crosschainTransfer(to, CAPACITY * SCALE);
    const start = BigInt(await networkHelpers.time.latest());
    expect(await w.locking.available(THERE)).to.deep.equal([0n, CAPACITY]);
    await at(start + 10n);
    await expect(w.locking.crosschainTransfer(to, 100_001n * SCALE))
      .to.be.revertedWithCustomError(w.locking, "LimitExceeded")
      .withArgs(100_001n, 100_000n);
    await at(start + 20n);
    await w.locking.crosschainTransfer(to, 200_000n * SCALE);
    expect(await w.locking.locked()).to.equal(CAPACITY + 200_000n);
  });

  it("keeps an arrival above the limit for a later retry", async () => {
    const w = await withoutDelay();
    await arrive(w, w.minting, CAPACITY);
    const m = await message(w, w.minting, CAPACITY / 2n);
    await expect(deliver(w, m)).to.be.revertedWithCustomError(w.minting, "LimitExceeded");
    expect(await w.bridged.totalSupply()).to.equal(CAPACITY * SCALE);
    await later(WINDOW / 2n);
    await deliver(w, m);
    expect(await w.bridged.totalSupply()).to.equal((CAPACITY * SCALE * 3n) / 2n);
  });

  it("counts each lane, and the whole token over all lanes", async () => {
    const w = await withoutDelay();
    const lanes = {
      ...limits(),
      outgoing: { capacity: 15n, window: WINDOW },
      outgoingLane: { capacity: 10n, window: WINDOW },
    };
    const both = { ...lanes, incoming: lanes.outgoing, incomingLane: lanes.outgoingLane };
    for (const bridge of [w.locking, w.minting]) await bridge.connect(w.governance).setLimits(both);

    await networkHelpers.time.setNextBlockTimestamp(BigInt(await networkHelpers.time.latest()) + WINDOW);
    await w.locking.crosschainTransfer(onChain(THERE, bob), 10n * SCALE);
    expect(await w.locking.available(THERE)).to.deep.equal([0n, 10n]);
    expect(await w.locking.available(ELSEWHERE)).to.deep.equal([5n, 10n]);
    await expect(w.locking.crosschainTransfer(onChain(ELSEWHERE, bob), 6n * SCALE))
      .to.be.revertedWithCustomError(w.locking, "LimitExceeded")
      .withArgs(6n, 5n);
    await w.locking.crosschainTransfer(onChain(ELSEWHERE, bob), 5n * SCALE);

    await arrive(w, w.minting, 10n);
    await expect(arrive(w, w.minting, 1n)).to.be.revertedWithCustomError(w.minting, "LimitExceeded");
    await arrive(w, w.minting, 5n, { chain: ELSEWHERE });
    await expect(arrive(w, w.minting, 1n, { chain: ELSEWHERE })).to.be.revertedWithCustomError(
      w.minting,
      "LimitExceeded",
    );
  });

  it("is set by governance alone, and forgets nothing that was used", async () => {
    const w = await withoutDelay();
    await expect(w.minting.setLimits(limits(1n))).to.be.revertedWithCustomError(w.minting, "NotGovernance");
    const governed = w.minting.connect(w.governance);
    const bad = { ...limits(), incoming: { capacity: 1n, window: 0n } };
    await expect(governed.setLimits(bad)).to.be.revertedWithCustomError(w.minting, "ZeroWindow");

    await arrive(w, w.minting, CAPACITY);
    const start = BigInt(await networkHelpers.time.latest());
    await at(start + 100n);
    // A tenth has refilled at the old rate. A hundred times the capacity would refill it all in no time, had it counted backwards.
    await expect(governed.setLimits(limits(100n * CAPACITY, 1_000n * WINDOW))).to.emit(
      w.minting,
      "LimitsSet",
    );
    expect(await w.minting.available(THERE)).to.deep.equal([
      100n * CAPACITY,
      100n * CAPACITY - (CAPACITY * 9n) / 10n,
    ]);
    expect((await w.minting.limits()).outgoing).to.deep.equal([100n * CAPACITY, 1_000n * WINDOW]);
  });

  it("of zero closes a direction, and what waits at the other end passes after it opens", async () => {
    const w = await withoutDelay();
    const governed = w.minting.connect(w.governance);
    await governed.setLimits(limits(0n));
    const m = await message(w, w.minting, 1n);
    await expect(deliver(w, m)).to.be.revertedWithCustomError(w.minting, "AboveCapacity").withArgs(1n, 0n);
    await governed.setLimits(limits());
    await deliver(w, m);
    await expect(w.minting.crosschainTransfer(onChain(THERE, bob), SCALE)).to.changeTokenBalance(
      ethers,
      w.bridged,
      w.owner,
      -SCALE,
    );
  });
});
