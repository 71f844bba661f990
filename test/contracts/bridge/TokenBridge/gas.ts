import { expect } from "chai";
import {
  AccountMood,
  ethers,
  message,
  networkHelpers,
  onChain,
  payloadOf,
  THERE,
  THRESHOLD,
  type World,
  world,
} from "./fixture.ts";

/** What a message may spend that names no gas limit: Outbox.DEFAULT_GAS_LIMIT. */
const DEFAULT_GAS_LIMIT = 200_000n;

/** What each of ten transfers costs on arrival, in one transaction, to as many recipients who have some of the token. */
async function batch(w: World, bridge: World["minting"] | World["locking"]): Promise<readonly bigint[]> {
  const recipients = Array.from({ length: 10 }, (_, i) => ethers.getAddress(ethers.toBeHex(0xb0 + i, 20)));
  const deliverAll = w.gateway.getFunction("deliverAll");
  const args = async (round: number) => {
    const { sender, from } = await message(w, bridge, 1n);
    return [
      await bridge.getAddress(),
      recipients.map((to) => ethers.id(`${round} ${to}`)),
      sender,
      recipients.map((to) => payloadOf(from, to, 5n)),
    ] as const;
  };
  await deliverAll.send(...(await args(1)));
  await networkHelpers.mine(1);
  return await deliverAll.staticCall(...(await args(2)));
}

/** What the first transfer of all costs on arrival, in an untouched bridge. */
async function first(w: World, bridge: World["minting" | "native"], shared: bigint, to: string) {
  const m = await message(w, bridge, shared, { to });
  const [gas] = await w.gateway.deliverAll.staticCall(m.bridge, [m.id], m.sender, [m.payload]);
  return gas ?? 0n;
}

const averageOf = (gas: readonly bigint[]) => gas.reduce((sum, each) => sum + each) / BigInt(gas.length);

describe("TokenBridge: gas of an arrival", () => {
  it("leaves the Inbox more than 17,000 of 45,000 for a mint to a known recipient in a batch of ten", async () => {
    const w = await world();
    const gas = await batch(w, w.minting);
    expect(averageOf(gas)).to.be.lessThan(27_500n);
    expect(gas.at(0)).to.be.lessThan(56_000n);
    expect(gas.at(-1)).to.be.lessThan(24_500n);
  });

  it("leaves it 10,000 for what comes home", async () => {
    const w = await world();
    await w.locking.crosschainTransfer(onChain(THERE, w.alice.address), 1_000n * 10n ** 12n);
    const gas = await batch(w, w.locking);
    expect(averageOf(gas)).to.be.lessThan(35_000n);
  });

  it("is within a message's default gas limit, at the worst", async () => {
    const w = await world();
    await w.native.crosschainTransferNative(onChain(THERE, w.alice.address), { value: 10n ** 18n });
    const hostile = await ethers.deployContract("MisbehavingAccount", [w.owner]);
    await hostile.setMood(AccountMood.BurnsGas);
    const worst = {
      minted: await first(w, w.minting, 5n, w.alice.address),
      delayed: await first(w, w.minting, THRESHOLD, w.alice.address),
      native: await first(w, w.native, 5n, ethers.getAddress(ethers.toBeHex(0xb0, 20))),
      refused: await first(w, w.native, 5n, await hostile.getAddress()),
    };
    for (const [what, gas] of Object.entries(worst)) expect(gas, what).to.be.lessThan(DEFAULT_GAS_LIMIT);
  });
});
