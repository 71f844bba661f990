/*
crosschainTransferWithPermit
├── when the permit is good: locks, without an approval before
├── when somebody else has used the permit: locks all the same
├── when the permit is for another amount, another's, or too old, and there is no allowance: the token's refusal
├── when the token knows no permits: takes what was approved
└── what is refused without a permit is refused with one, and nothing is allowed by it
*/
import { expect } from "chai";
import { Signature, type TypedDataField } from "ethers";
import { ethers, onChain, SCALE, THERE, world, type World } from "./fixture.ts";

const AMOUNT = 5n * SCALE;
const FOREVER = 2n ** 40n;
const toBob = onChain(THERE, "0x00000000000000000000000000000000000000b0");

/** A bridge whose token knows permits, and of which the owner has some. */
async function permitWorld() {
  const w = await world();
  const token = await ethers.deployContract("DemoToken", ["Permitted", "PER", 100n * AMOUNT]);
  const bridge = await ethers.deployContract("LockingTokenBridge", [token, w.config, w.links]);
  return { ...w, token, bridge };
}

type PermitWorld = Awaited<ReturnType<typeof permitWorld>>;

/** What `signer` signs, for the owner's next permit. */
async function sign({ token, bridge, owner }: PermitWorld, change: Change = {}) {
  const { chainId } = await ethers.provider.getNetwork();
  const domain = { name: "Permitted", version: "1", chainId, verifyingContract: await token.getAddress() };
  const fields = ["owner", "spender", "value", "nonce", "deadline"];
  const Permit: TypedDataField[] = fields.map((name, i) => ({ name, type: i < 2 ? "address" : "uint256" }));
  const { signer = owner, value = AMOUNT, deadline = FOREVER } = change;
  const nonce = await token.nonces(owner);
  const message = { owner: owner.address, spender: await bridge.getAddress(), value, nonce, deadline };
  const { v, r, s } = Signature.from(await signer.signTypedData(domain, { Permit }, message));
  return [deadline, v, r, s] as const;
}
type Change = { readonly signer?: World["owner"]; readonly value?: bigint; readonly deadline?: bigint };

describe("TokenBridge: permit", () => {
  it("locks by a signature, and leaves no allowance behind", async () => {
    const w = await permitWorld();
    const sent = w.bridge.crosschainTransferWithPermit(toBob, AMOUNT, ...(await sign(w)));
    await expect(sent).to.emit(w.bridge, "CrosschainFungibleTransferSent");
    await expect(sent).to.changeTokenBalances(ethers, w.token, [w.owner, w.bridge], [-AMOUNT, AMOUNT]);
    expect(await w.token.allowance(w.owner, w.bridge)).to.equal(0n);
  });

  it("locks by a permit that somebody else has used before", async () => {
    const w = await permitWorld();
    const permit = await sign(w);
    await w.token.connect(w.stranger).permit(w.owner, w.bridge, AMOUNT, ...permit);
    await w.bridge.crosschainTransferWithPermit(toBob, AMOUNT, ...permit);
    expect(await w.bridge.locked()).to.equal(5n);
  });

  it("takes nothing by a permit that is for less, another's, or too old", async () => {
    const w = await permitWorld();
    for (const change of [{ value: AMOUNT - 1n }, { signer: w.stranger }, { deadline: 1n }])
      await expect(
        w.bridge.crosschainTransferWithPermit(toBob, AMOUNT, ...(await sign(w, change))),
      ).to.be.revertedWithCustomError(w.token, "ERC20InsufficientAllowance");
    expect(await w.token.balanceOf(w.bridge)).to.equal(0n);
  });

  it("takes from its caller alone, whoever signed", async () => {
    const w = await permitWorld();
    const permit = await sign(w);
    await expect(
      w.bridge.connect(w.stranger).crosschainTransferWithPermit(toBob, AMOUNT, ...permit),
    ).to.be.revertedWithCustomError(w.token, "ERC20InsufficientAllowance");
  });

  it("takes what was approved where the token knows no permits, or swallows them", async () => {
    const w = await permitWorld();
    const nothing = [FOREVER, 27, ethers.ZeroHash, ethers.ZeroHash] as const;
    await w.locking.crosschainTransferWithPermit(toBob, AMOUNT, ...nothing);
    expect(await w.locking.locked()).to.equal(5n);
    // Wrapped native currency answers every call that it does not know.
    await expect(w.native.crosschainTransferWithPermit(toBob, AMOUNT, ...nothing)).to.be.revert(ethers);
  });

  it("is refused while the bridge is paused, and the permit stays unused", async () => {
    const w = await permitWorld();
    await w.bridge.connect(w.guardian).pause();
    const permit = await sign(w);
    await expect(
      w.bridge.crosschainTransferWithPermit(toBob, AMOUNT, ...permit),
    ).to.be.revertedWithCustomError(w.bridge, "Paused");
    expect(await w.token.nonces(w.owner)).to.equal(0n);
  });
});
