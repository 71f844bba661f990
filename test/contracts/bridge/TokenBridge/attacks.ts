/*
What was done to other bridges, tried on this one. Elsewhere: pauses and keys (guard.ts), forged payloads (receive.ts).
*/
import { expect } from "chai";
import { chainId } from "../../../../relayer/domain/ids.ts";
import {
  AccountMood,
  arrive,
  at,
  CAPACITY,
  COUNTERPART,
  delayed,
  deliver,
  deployLocking,
  deployMinting,
  ELSEWHERE,
  ethers,
  lastSent,
  limits,
  message,
  MOST,
  networkHelpers,
  onChain,
  payloadOf,
  SCALE,
  THERE,
  THRESHOLD,
  TokenMood,
  type World,
  world,
} from "./fixture.ts";

const thief = ethers.getAddress("0x000000000000000000000000000000000000dEaD");
const toThief = onChain(THERE, thief);

/** A contract that does `call` to `target` whenever it is paid, and is told by the token. */
async function reentrant(w: World, target: { getAddress: () => Promise<string> }, call: string) {
  const account = await ethers.deployContract("MisbehavingAccount", [w.owner]);
  await account.setCall(await target.getAddress(), call);
  await account.setMood(AccountMood.Calls);
  await w.token.setHooked(account, true);
  return account;
}

describe("TokenBridge: attacks", () => {
  it("code-less or zero token, legacy deposit path (Qubit, Meter)", async () => {
    const w = await world();
    const factory = await ethers.getContractFactory("LockingTokenBridge");
    for (const token of [ethers.ZeroAddress, thief])
      await expect(factory.deploy(token, w.config, w.links))
        .to.be.revertedWithCustomError(factory, "AddressWithoutCode")
        .withArgs(token);
    await expect((await ethers.getContractFactory("NativeTokenBridge")).deploy(thief, w.config, w.links))
      .to.be.revertedWithCustomError(w.native, "AddressWithoutCode")
      .withArgs(thief);

    // The token was there at deployment, and is gone.
    await w.locking.crosschainTransfer(toThief, 2n * THRESHOLD * SCALE);
    const waiting = await delayed(w, w.locking, THRESHOLD, { to: thief });
    const code = (await w.token.getDeployedCode()) ?? "";
    for (const token of [w.token, w.bridged, w.wrapped])
      await networkHelpers.setCode(await token.getAddress(), "0x");
    for (const bridge of [w.locking, w.minting, w.native]) {
      await expect(bridge.crosschainTransfer(toThief, SCALE)).to.revert(ethers);
      await expect(arrive(w, bridge, 1n, { to: thief })).to.revert(ethers);
    }
    await expect(w.native.crosschainTransferNative(toThief, { value: SCALE })).to.revert(ethers);
    await at(waiting.releaseAt);
    await expect(w.locking.release(waiting.id)).to.revert(ethers);
    expect(await w.gateway.count()).to.equal(1n);
    expect(await w.locking.locked()).to.equal(2n * THRESHOLD);

    await networkHelpers.setCode(await w.token.getAddress(), code);
    await w.locking.release(waiting.id);
    expect(await w.token.balanceOf(thief)).to.equal(THRESHOLD * SCALE);
  });

  it("message that calls a privileged contract of the bridge (Poly)", async () => {
    const w = await world();
    await w.locking.crosschainTransfer(toThief, 10n * SCALE);
    const right = onChain(THERE, COUNTERPART);
    const unlinked = chainId.parse(9_999);
    for (const bridge of [w.locking, w.minting, w.native]) {
      // From another account, from the counterpart's address on a chain where it is nobody, and in another encoding of the right one.
      for (const sender of [
        onChain(THERE, thief),
        onChain(unlinked, COUNTERPART),
        `${right}00`,
        `0x0001000003001e6114${COUNTERPART.slice(2)}`,
        await bridge.getAddress(),
      ])
        await expect(arrive(w, bridge, 1n, { to: thief, sender })).to.revert(ethers);
      // Of a transfer that names another chain than its own, so as to be returned to somebody else.
      await expect(
        arrive(w, bridge, 1n, { sender: onChain(ELSEWHERE, COUNTERPART), from: onChain(THERE, thief) }),
      ).to.be.revertedWithCustomError(bridge, "MalformedTransfer");
      // Through another Inbox, or through none.
      const payload = payloadOf(onChain(THERE, thief), thief, 1n);
      const other = await ethers.deployContract("LoopbackGateway");
      await expect(other.deliver(bridge, ethers.id("forged"), right, payload)).to.be.revertedWithCustomError(
        bridge,
        "ERC7786RecipientUnauthorizedGateway",
      );
      await expect(bridge.receiveMessage(ethers.id("forged"), right, payload)).to.be.revertedWithCustomError(
        bridge,
        "ERC7786RecipientUnauthorizedGateway",
      );
    }
    // To the token, which knows no messages.
    const m = await message(w, w.bridged, 1n, { to: thief });
    await expect(deliver(w, m)).to.revert(ethers);
    expect(await w.bridged.totalSupply()).to.equal(0n);
    expect(await w.locking.locked()).to.equal(10n);
  });

  it("one party that controls everything (Multichain, Harmony, Ronin 2022, Orbit): rate limit, delay", async () => {
    const w = await world();
    await w.locking.crosschainTransfer(toThief, CAPACITY * SCALE);
    await at(BigInt(await networkHelpers.time.latest()) + 10_000n);
    await w.locking.crosschainTransfer(toThief, CAPACITY * SCALE);

    // It forges messages as it likes. Large ones wait; small ones end with the bucket.
    const stolen = THRESHOLD - 1n;
    const large = await delayed(w, w.locking, 5n * THRESHOLD, { to: thief });
    for (let i = 0; i < 5; i++) await arrive(w, w.locking, stolen, { to: thief });
    await expect(arrive(w, w.locking, stolen, { to: thief })).to.be.revertedWithCustomError(
      w.locking,
      "LimitExceeded",
    );
    expect(await w.token.balanceOf(thief)).to.equal(5n * stolen * SCALE);

    // Meanwhile people act: all stops, the large one never comes.
    await w.locking.connect(w.guardian).pause();
    await w.locking.connect(w.guardian).hold(large.id);
    await expect(arrive(w, w.locking, 1n, { to: thief })).to.be.revertedWithCustomError(w.locking, "Paused");
    await at(large.releaseAt + 5n * 86_400n);
    await w.locking.connect(w.governance).reject(large.id);
    await expect(w.locking.release(large.id)).to.be.revertedWithCustomError(w.locking, "NotPending");
    expect(await w.token.balanceOf(w.locking)).to.equal((2n * CAPACITY - 5n * stolen) * SCALE);
  });

  it("reentrancy through the token, so that one lock counts twice", async () => {
    const w = await world();
    const again = w.locking.interface.encodeFunctionData("crosschainTransfer", [toThief, 5n * SCALE]);
    const account = await reentrant(w, w.locking, again);
    await w.token.transfer(account, 20n * SCALE);
    const approve = w.token.interface.encodeFunctionData("approve", [
      await w.locking.getAddress(),
      ethers.MaxUint256,
    ]);
    await account.execute(w.token, 0n, approve);
    await w.token.setHooked(w.owner, false);
    await expect(account.execute(w.locking, 0n, again))
      .to.emit(account, "Called")
      .withArgs(false, ethers.id("ReentrancyGuardReentrantCall()").slice(0, 10));
    expect(await w.locking.locked()).to.equal(5n);
    expect(await w.token.balanceOf(w.locking)).to.equal(5n * SCALE);
    expect(await w.gateway.count()).to.equal(1n);
  });

  it("reentrancy through the recipient, into every function that moves tokens", async () => {
    const w = await world();
    await w.locking.crosschainTransfer(toThief, 10n * THRESHOLD * SCALE - SCALE);
    await w.native.crosschainTransferNative(toThief, { value: 9n * THRESHOLD * SCALE });
    for (const bridge of [w.locking, w.native]) {
      const waiting = await delayed(w, bridge, THRESHOLD, { to: thief });
      await at(waiting.releaseAt);
      const calls = [
        w.native.interface.encodeFunctionData("crosschainTransfer", [toThief, SCALE]),
        w.native.interface.encodeFunctionData("release", [waiting.id]),
        ...(bridge === w.native
          ? [w.native.interface.encodeFunctionData("crosschainTransferNative", [toThief])]
          : []),
      ];
      for (const call of calls) {
        const account = await reentrant(w, bridge, call);
        const to = await account.getAddress();
        const before = await bridge.locked();
        await expect(arrive(w, bridge, 5n, { to }))
          .to.emit(account, "Called")
          .withArgs(false, ethers.id("ReentrancyGuardReentrantCall()").slice(0, 10));
        expect(await bridge.locked()).to.equal(before - 5n);
      }
    }
  });

  it("reentrancy through the recipient, delivering the same message again", async () => {
    const w = await world();
    await w.locking.crosschainTransfer(toThief, 10n * SCALE);
    const account = await reentrant(w, w.gateway, "0x");
    const m = await message(w, w.locking, 5n, { to: await account.getAddress() });
    const again = w.gateway.interface.encodeFunctionData("deliver", [m.bridge, m.id, m.sender, m.payload]);
    await account.setCall(w.gateway, again);
    await expect(deliver(w, m))
      .to.emit(account, "Called")
      .withArgs(false, ethers.id("ReentrancyGuardReentrantCall()").slice(0, 10));
    expect(await w.locking.locked()).to.equal(5n);
  });

  it("tokens of more than 18 and of 0 decimals", async () => {
    const w = await world();
    const free = { limits: limits(MOST), delayThreshold: MOST };
    const home = await deployLocking(w, 24n, 10n ** 30n, { ...free, sharedDecimals: 6n });
    await home.locking.crosschainTransfer(toThief, 10n ** 24n + 10n ** 18n - 1n);
    expect((await lastSent(w)).shared).to.equal(10n ** 6n);
    await expect(home.locking.crosschainTransfer(toThief, 10n ** 18n - 1n)).to.be.revertedWithCustomError(
      home.locking,
      "ZeroAmount",
    );
    const away = await deployMinting(w, 0n, { ...free, sharedDecimals: 0n });
    await arrive(w, away.minting, 3n, { to: thief });
    expect(await away.bridged.balanceOf(thief)).to.equal(3n);
  });

  it("a fee or a rebase, so that more leaves than came", async () => {
    const w = await world();
    await w.token.setMood(TokenMood.TakesFee);
    await w.locking.crosschainTransfer(toThief, 100n * SCALE);
    expect((await lastSent(w)).shared).to.equal(99n);
    await expect(arrive(w, w.locking, 100n)).to.be.revertedWithCustomError(w.locking, "AboveLocked");
    await arrive(w, w.locking, 99n);
    expect(await w.token.balanceOf(w.locking)).to.equal(0n);
  });
});
