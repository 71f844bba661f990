/*
crosschainTransfer
├── when the amount, or what is left of it without dust, is zero: ZeroAmount
├── when it is more than a transfer may have: AmountTooLarge
├── when the recipient is malformed, zero or the counterpart itself: InvalidTokenRecipient
├── when no bridge is linked on its chain: ChainNotLinked
├── when it was not approved, or is more than the balance: the token's refusal
├── on the minting side: burns whole shared units, the dust stays
└── on the locking side
    ├── takes whole shared units into custody, the dust stays
    ├── when the token takes a fee: sends what came, returns its dust
    ├── when nothing comes: ZeroAmount
    ├── when more comes than was asked for: sends what was asked for
    └── when returning dust takes from others: BalanceDelta
*/
import { expect } from "chai";
import { chainId } from "../../../../relayer/domain/ids.ts";
import {
  arrive,
  COUNTERPART,
  ethers,
  HERE,
  lastSent,
  MOST,
  onChain,
  SCALE,
  THERE,
  TokenMood,
  world,
} from "./fixture.ts";

const bob = "0x00000000000000000000000000000000000000b0";
const toBob = onChain(THERE, bob);

describe("TokenBridge: send", () => {
  it("locks whole shared units; the dust stays with the sender", async () => {
    const w = await world();
    const amount = 5n * SCALE + 123n;
    const id = await w.locking.crosschainTransfer.staticCall(toBob, amount);
    const sent = w.locking.crosschainTransfer(toBob, amount);
    await expect(sent)
      .to.emit(w.locking, "CrosschainFungibleTransferSent")
      .withArgs(id, w.owner.address, toBob, 5n * SCALE);
    await expect(sent).to.changeTokenBalances(
      ethers,
      w.token,
      [w.owner, w.locking],
      [-5n * SCALE, 5n * SCALE],
    );
    expect(await w.locking.locked()).to.equal(5n);
    expect(await lastSent(w)).to.include({
      from: onChain(HERE, w.owner.address),
      to: ethers.getAddress(bob),
      shared: 5n,
      recipient: onChain(THERE, COUNTERPART),
    });
  });

  it("burns whole shared units; the dust stays with the sender", async () => {
    const w = await world();
    await arrive(w, w.minting, 10n);
    await expect(w.minting.crosschainTransfer(toBob, 3n * SCALE + SCALE - 1n)).to.changeTokenBalance(
      ethers,
      w.bridged,
      w.owner,
      -3n * SCALE,
    );
    expect(await w.bridged.totalSupply()).to.equal(7n * SCALE);
    expect((await lastSent(w)).shared).to.equal(3n);
  });

  it("burns nobody's tokens but the caller's", async () => {
    const w = await world();
    await arrive(w, w.minting, 10n);
    await expect(
      w.minting.connect(w.stranger).crosschainTransfer(toBob, SCALE),
    ).to.be.revertedWithCustomError(w.bridged, "ERC20InsufficientBalance");
  });

  it("takes nothing without approval, nor more than the balance", async () => {
    const w = await world();
    await expect(
      w.locking.connect(w.stranger).crosschainTransfer(toBob, SCALE),
    ).to.be.revertedWithCustomError(w.token, "ERC20InsufficientAllowance");
    await w.token.connect(w.stranger).approve(w.locking, SCALE);
    await expect(
      w.locking.connect(w.stranger).crosschainTransfer(toBob, SCALE),
    ).to.be.revertedWithCustomError(w.token, "ERC20InsufficientBalance");
  });

  for (const amount of [0n, 1n, SCALE - 1n])
    it(`refuses ${amount}, which is nothing without its dust`, async () => {
      const w = await world();
      for (const bridge of [w.locking, w.minting])
        await expect(bridge.crosschainTransfer(toBob, amount)).to.be.revertedWithCustomError(
          bridge,
          "ZeroAmount",
        );
    });

  it("refuses more shared units than a message may carry", async () => {
    const w = await world();
    for (const bridge of [w.locking, w.minting])
      await expect(bridge.crosschainTransfer(toBob, (MOST + 1n) * SCALE))
        .to.be.revertedWithCustomError(bridge, "AmountTooLarge")
        .withArgs(MOST + 1n, MOST);
  });

  const recipients: [string, string][] = [
    ["the zero address", onChain(THERE, ethers.ZeroAddress)],
    ["no address", `${toBob.slice(0, -42)}00`],
    ["no ERC-7930 address", "0x1234"],
    ["nothing", "0x"],
    ["an address with a byte after it", `${toBob}00`],
    ["an address of another kind of chain", toBob.replace("0x00010000", "0x00010002")],
    ["an address with leading zeros in its chain", `0x0001000003001e6114${bob.slice(2)}`],
    ["the counterpart itself", onChain(THERE, COUNTERPART)],
  ];
  for (const [what, to] of recipients)
    it(`refuses ${what} as recipient, before anything is taken`, async () => {
      const w = await world();
      for (const bridge of [w.locking, w.minting])
        await expect(bridge.crosschainTransfer(to, SCALE))
          .to.be.revertedWithCustomError(bridge, "InvalidTokenRecipient")
          .withArgs(to);
      expect(await w.gateway.count()).to.equal(0n);
    });

  for (const chain of [chainId.parse(9_999), HERE])
    it(`refuses chain ${chain}, where no bridge is linked`, async () => {
      const w = await world();
      await expect(w.locking.crosschainTransfer(onChain(chain, bob), SCALE))
        .to.be.revertedWithCustomError(w.locking, "ChainNotLinked")
        .withArgs(chain);
    });
});

describe("LockingTokenBridge: tokens that move other amounts", () => {
  it("sends what a fee on transfer leaves, and returns its dust", async () => {
    const w = await world();
    await w.token.setMood(TokenMood.TakesFee);
    const id = await w.locking.crosschainTransfer.staticCall(toBob, 150n * SCALE);
    // Of 150 arrive 148.5; of which half a unit is dust, and a hundredth of that is the fee of its return.
    const sent = w.locking.crosschainTransfer(toBob, 150n * SCALE);
    await expect(sent)
      .to.emit(w.locking, "CrosschainFungibleTransferSent")
      .withArgs(id, w.owner.address, toBob, 148n * SCALE);
    const returned = SCALE / 2n - SCALE / 200n;
    await expect(sent).to.changeTokenBalances(
      ethers,
      w.token,
      [w.owner, w.locking],
      [returned - 150n * SCALE, 148n * SCALE],
    );
    expect(await w.locking.locked()).to.equal(148n);
    expect((await lastSent(w)).shared).to.equal(148n);
  });

  it("refuses a token that says it paid and did not, or returns false", async () => {
    const w = await world();
    await w.token.setMood(TokenMood.Pretends);
    await expect(w.locking.crosschainTransfer(toBob, SCALE)).to.be.revertedWithCustomError(
      w.locking,
      "ZeroAmount",
    );
    await w.token.setMood(TokenMood.ReturnsFalse);
    await expect(w.locking.crosschainTransfer(toBob, SCALE)).to.be.revertedWithCustomError(
      w.locking,
      "SafeERC20FailedOperation",
    );
  });

  it("takes and gives back a token that returns nothing", async () => {
    const w = await world();
    await w.token.setMood(TokenMood.ReturnsNothing);
    await w.locking.crosschainTransfer(toBob, 2n * SCALE);
    await expect(arrive(w, w.locking, 2n)).to.changeTokenBalance(ethers, w.token, w.owner, 2n * SCALE);
  });

  it("counts nothing that comes beside the transfer", async () => {
    const w = await world();
    await w.token.transfer(w.locking, 7n * SCALE);
    await w.locking.crosschainTransfer(toBob, SCALE);
    expect(await w.locking.locked()).to.equal(1n);
    await expect(arrive(w, w.locking, 2n))
      .to.be.revertedWithCustomError(w.locking, "AboveLocked")
      .withArgs(2n, 1n);
  });

  it("counts no more than was asked for when the token adds to it", async () => {
    const w = await world();
    await w.token.setMood(TokenMood.Inflates);
    await w.locking.crosschainTransfer(toBob, 100n * SCALE);
    expect(await w.token.balanceOf(w.locking)).to.equal(101n * SCALE);
    expect(await w.locking.locked()).to.equal(100n);
    expect((await lastSent(w)).shared).to.equal(100n);
  });

  it("refuses a token that charges the bridge for returning the dust", async () => {
    const w = await world();
    await w.token.setMood(TokenMood.ChargesBoth);
    await expect(w.locking.crosschainTransfer(toBob, 150n * SCALE))
      .to.be.revertedWithCustomError(w.locking, "BalanceDelta")
      .withArgs(148n * SCALE - SCALE / 200n, 148n * SCALE);
  });

  it("lets out no more than was asked for, nor nothing", async () => {
    const w = await world();
    await w.locking.crosschainTransfer(toBob, 200n * SCALE);
    await w.token.setMood(TokenMood.ChargesBoth);
    await expect(arrive(w, w.locking, 100n))
      .to.be.revertedWithCustomError(w.locking, "BalanceDelta")
      .withArgs(101n * SCALE, 100n * SCALE);
    await w.token.setMood(TokenMood.Pretends);
    await expect(arrive(w, w.locking, 100n))
      .to.be.revertedWithCustomError(w.locking, "BalanceDelta")
      .withArgs(0n, 100n * SCALE);
    expect(await w.locking.locked()).to.equal(200n);
  });
});
