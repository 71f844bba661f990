/*
who may do what, and what a pause does
├── every function of every bridge, tried by the guardian, by governance and by a stranger: done or refused as the table says,
│   and nobody gains anything by it, whatever comes after
├── a pause: stops sending, executing, releasing and returning; takes nothing; ends by itself; cannot follow at once upon another
└── governance, by setting everything as it likes, still cannot mint or withdraw
*/
import { expect } from "chai";
import type { Signer } from "ethers";
import {
  arrive,
  at,
  DAY,
  delayed,
  deliver,
  ethers,
  limits,
  message,
  MOST,
  networkHelpers,
  onChain,
  payloadOf,
  SCALE,
  THERE,
  COUNTERPART,
  THRESHOLD,
  type World,
  world,
} from "./fixture.ts";

const bob = ethers.getAddress("0x00000000000000000000000000000000000000b0");
const toBob = onChain(THERE, bob);
const NAMES = ["locking", "minting", "native"] as const;

/** Who of the guardian, governance and a stranger can do it at all. Whatever else the contracts can be told is missing here, and fails. */
const ALLOWED: Record<string, readonly Role[]> = {
  crosschainTransfer: [],
  crosschainTransferNative: [],
  crosschainTransferWithPermit: [],
  hold: ["guardian"],
  pause: ["guardian"],
  receiveMessage: [],
  reject: ["governance"],
  release: [],
  returnToSender: ["governance"],
  setDelayThreshold: ["governance"],
  setGuardian: ["governance"],
  setLimits: ["governance"],
  unpause: ["guardian", "governance"],
};
/** What not every bridge has. */
const MISSING: Record<(typeof NAMES)[number], readonly string[]> = {
  locking: ["crosschainTransferNative"],
  minting: ["crosschainTransferNative", "crosschainTransferWithPermit"],
  native: [],
};
type Role = "guardian" | "governance" | "stranger";
const ROLES: readonly Role[] = ["guardian", "governance", "stranger"];

/** Somebody's tokens are locked, somebody has bridged tokens, and on each bridge a large transfer to Bob waits. */
async function inUse() {
  const w = await world();
  await w.locking.crosschainTransfer(toBob, 5n * THRESHOLD * SCALE);
  await w.native.crosschainTransferNative(toBob, { value: 5n * THRESHOLD * SCALE });
  await arrive(w, w.minting, 5n);
  const waiting = {
    locking: await delayed(w, w.locking, THRESHOLD, { to: bob }),
    minting: await delayed(w, w.minting, THRESHOLD, { to: bob }),
    native: await delayed(w, w.native, THRESHOLD, { to: bob }),
  };
  return { w, waiting };
}

/** Everything of value that there is, and what `signer` has of it. */
async function holdings(w: World, signer: Signer): Promise<bigint[]> {
  return Promise.all([
    w.token.balanceOf(w.locking),
    w.locking.locked(),
    w.wrapped.balanceOf(w.native),
    w.native.locked(),
    w.bridged.totalSupply(),
    w.token.balanceOf(signer),
    w.wrapped.balanceOf(signer),
    w.bridged.balanceOf(signer),
    ...NAMES.map((name) => ethers.provider.getBalance(w[name])),
  ]);
}

function functionsOf(w: World, name: (typeof NAMES)[number]): string[] {
  const names: string[] = [];
  w[name].interface.forEachFunction((fragment) => {
    if (!fragment.constant) names.push(fragment.name);
  });
  return names.toSorted();
}

/** Calls the function in favour of the caller, where it lets one say so. */
async function attempt(w: World, name: (typeof NAMES)[number], fn: string, signer: Signer, id: string) {
  const self = await signer.getAddress();
  const transfer = payloadOf(onChain(THERE, self), self, 5n);
  const args: Record<string, unknown[]> = {
    crosschainTransfer: [onChain(THERE, self), SCALE],
    crosschainTransferNative: [onChain(THERE, self)],
    crosschainTransferWithPermit: [onChain(THERE, self), SCALE, MOST, 27, ethers.ZeroHash, ethers.ZeroHash],
    hold: [id],
    receiveMessage: [ethers.id("forged"), onChain(THERE, COUNTERPART), transfer],
    reject: [id],
    release: [id],
    returnToSender: [id],
    setDelayThreshold: [MOST],
    setGuardian: [self],
    setLimits: [limits(MOST, 1n)],
  };
  const call = w[name].connect(signer).getFunction(fn);
  try {
    await (await call.send(...(args[fn] ?? []))).wait();
    return true;
  } catch {
    return false;
  }
}

describe("TokenBridge: no single key can mint or withdraw", () => {
  for (const name of NAMES) {
    it(`names every function of the ${name} bridge`, async () => {
      const w = await world();
      const expected = Object.keys(ALLOWED).filter((fn) => !MISSING[name].includes(fn));
      expect(functionsOf(w, name)).to.deep.equal(expected.toSorted());
    });

    for (const role of ROLES)
      it(`lets the ${role} do on the ${name} bridge what it may, and gain nothing`, async () => {
        const { w } = await inUse();
        for (const fn of functionsOf(w, name)) {
          const fresh = await inUse();
          const signer = fresh.w[role];
          const before = await holdings(fresh.w, signer);
          const done = await attempt(fresh.w, name, fn, signer, fresh.waiting[name].id);
          expect(done, `${role}: ${fn}`).to.equal(ALLOWED[fn]?.includes(role));
          expect(await holdings(fresh.w, signer), `${role}: ${fn}`).to.deep.equal(before);
        }
      });
  }

  it("names every function of the bridged token, of which two are the bridge's alone", async () => {
    const w = await world();
    const names: string[] = [];
    w.bridged.interface.forEachFunction((fragment) => {
      if (!fragment.constant) names.push(fragment.name);
    });
    const users = ["approve", "permit", "transfer", "transferFrom"];
    expect(names.toSorted()).to.deep.equal([...users, "crosschainBurn", "crosschainMint"].toSorted());
    for (const role of ROLES)
      for (const fn of ["crosschainBurn", "crosschainMint"])
        await expect(w.bridged.connect(w[role]).getFunction(fn).send(w[role], 1n))
          .to.be.revertedWithCustomError(w.bridged, "NotTheBridge")
          .withArgs(w[role].address, await w.minting.getAddress());
  });

  it("nor can all of them together, having set everything as they like", async () => {
    const { w, waiting } = await inUse();
    const roles = ROLES.map((role) => w[role]);
    const before = await Promise.all(roles.map(async (signer) => holdings(w, signer)));
    // Without pauses, which would only hide what comes after them. The second round meets what the first has set.
    for (const name of [...NAMES, ...NAMES])
      for (const fn of functionsOf(w, name).filter((each) => each !== "pause"))
        for (const signer of roles) await attempt(w, name, fn, signer, waiting[name].id);
    expect(await Promise.all(roles.map(async (signer) => holdings(w, signer)))).to.deep.equal(before);
  });
});

describe("TokenBridge: a pause never takes funds", () => {
  it("stops sending, executing, releasing and returning; and all goes on when it has run out, by itself", async () => {
    const { w, waiting } = await inUse();
    const arrival = await message(w, w.locking, 3n, { to: bob });
    for (const name of NAMES) await w[name].connect(w.guardian).pause();
    const until = await w.native.pausedUntil();
    const before = await holdings(w, w.owner);
    await w.wrapped.approve(w.native, SCALE);

    const refused = [
      ...NAMES.map((name) => ({ on: w[name], act: () => w[name].crosschainTransfer(toBob, SCALE) })),
      ...NAMES.map((name) => ({ on: w[name], act: () => w[name].release(waiting[name].id) })),
      ...NAMES.map((name) => ({
        on: w[name],
        act: () => w[name].connect(w.governance).returnToSender(waiting[name].id),
      })),
      ...NAMES.map((name) => ({ on: w[name], act: () => arrive(w, w[name], 1n) })),
      { on: w.native, act: () => w.native.crosschainTransferNative(toBob, { value: SCALE }) },
      { on: w.locking, act: () => deliver(w, arrival) },
    ];
    for (const { on, act } of refused) await expect(act()).to.be.revertedWithCustomError(on, "Paused");
    expect(await holdings(w, w.owner)).to.deep.equal(before);

    await at(until);
    for (const name of NAMES) await w[name].release(waiting[name].id);
    await deliver(w, arrival);
    expect(await w.token.balanceOf(bob)).to.equal((THRESHOLD + 3n) * SCALE);
    expect(await w.bridged.balanceOf(bob)).to.equal(THRESHOLD * SCALE);
    expect(await ethers.provider.getBalance(bob)).to.equal(THRESHOLD * SCALE);
  });

  it("cannot be renewed at once, and lets the guardian hold and governance reject meanwhile", async () => {
    const { w, waiting } = await inUse();
    const guarded = w.minting.connect(w.guardian);
    await guarded.pause();
    const until = await w.minting.pausedUntil();
    expect(until).to.equal(BigInt(await networkHelpers.time.latest()) + 3n * DAY);
    await guarded.hold(waiting.minting.id);
    await w.minting.connect(w.governance).reject(waiting.minting.id);
    await at(until + 3n * DAY - 1n);
    await expect(guarded.pause())
      .to.be.revertedWithCustomError(w.minting, "PauseTooSoon")
      .withArgs(until + 3n * DAY);
    await arrive(w, w.minting, 1n);
  });

  it("ends early by governance", async () => {
    const w = await world();
    await w.minting.connect(w.guardian).pause();
    await w.minting.connect(w.governance).unpause();
    await arrive(w, w.minting, 1n);
  });
});
