import { expect } from "chai";
import { getCreateAddress } from "ethers";
import { network } from "hardhat";
import { address, chainId } from "../../../relayer/domain/ids.ts";
import { interoperableAddress } from "../../../relayer/domain/interoperable-address.ts";
import { ORIGIN, OUTBOX, setOf, TestLane, testValidators } from "./fixture.ts";

const { ethers, networkHelpers } = await network.create();
const owner = await ethers.provider.getSigner(0);
const stranger = await ethers.provider.getSigner(1);
const alice = address.parse("0x00000000000000000000000000000000000000aa");
const COUNTERPART = address.parse("0x00000000000000000000000000000000000000B2");
const validators = testValidators(3);
const set = setOf(validators, 2);
const SUPPLY = 1_000_000n;
const toAlice = interoperableAddress(ORIGIN, alice);

async function deploy() {
  const verifier = await ethers.deployContract("Ed25519Verifier");
  const inbox = await ethers.deployContract("Inbox", [verifier, set, [{ chainId: ORIGIN, outbox: OUTBOX }]]);
  const outbox = await ethers.deployContract("Outbox");
  const links = [
    { gateway: await outbox.getAddress(), counterpart: interoperableAddress(ORIGIN, COUNTERPART) },
  ];
  const token = await ethers.deployContract("DemoToken", ["Demo", "DEMO", SUPPLY]);
  const locking = await ethers.deployContract("LockingTokenBridge", [token, inbox, links]);
  const fee = await ethers.deployContract("FeeOnTransferToken", [SUPPLY]);
  const lockingFee = await ethers.deployContract("LockingTokenBridge", [fee, inbox, links]);
  const minterAddress = getCreateAddress({
    from: await owner.getAddress(),
    nonce: (await owner.getNonce()) + 1,
  });
  const bridged = await ethers.deployContract("BridgedToken", ["Demo", "DEMO", 6, minterAddress]);
  const minting = await ethers.deployContract("MintingTokenBridge", [bridged, inbox, links]);
  return { inbox, outbox, links, token, locking, fee, lockingFee, bridged, minting };
}

async function load() {
  const contracts = await networkHelpers.loadFixture(deploy);
  return { ...contracts, lane: new TestLane(await contracts.inbox.getAddress(), validators) };
}

type Contracts = Awaited<ReturnType<typeof load>>;

/** A transfer of `amount` to `to` arrives from `sender` on the other chain. */
async function arrive(
  { inbox, lane }: Contracts,
  bridge: { getAddress: () => Promise<string> },
  to: string,
  amount: bigint,
  sender: string = COUNTERPART,
) {
  const from = interoperableAddress(ORIGIN, address.parse(sender));
  const payload = ethers.AbiCoder.defaultAbiCoder().encode(["bytes", "bytes", "uint256"], [from, to, amount]);
  const done = lane.ids.length;
  lane.send(await bridge.getAddress(), { payload, sender });
  await inbox.deliver(ORIGIN, done + 1, lane.messages.slice(done), [], set, lane.attest([0, 1]));
  return (await inbox.isFailed(lane.ids.at(-1) ?? "")) ? "failed" : "executed";
}

describe("LockingTokenBridge", () => {
  it("takes custody on the way out and gives back on the way home", async () => {
    const contracts = await load();
    const { token, locking, outbox } = contracts;
    await token.approve(locking, 500n);
    const call = locking.crosschainTransfer(toAlice, 500n);
    const id = await locking.crosschainTransfer.staticCall(toAlice, 500n);
    await expect(call)
      .to.emit(locking, "CrosschainFungibleTransferSent")
      .withArgs(id, owner.address, toAlice, 500n);
    await expect(call).to.emit(outbox, "LaneAdvanced");
    expect(await token.balanceOf(locking)).to.equal(500n);

    expect(await arrive(contracts, locking, alice, 200n)).to.equal("executed");
    expect(await token.balanceOf(alice)).to.equal(200n);
    expect(await token.balanceOf(locking)).to.equal(300n);
  });

  it("never gives back more than it holds", async () => {
    const contracts = await load();
    expect(await arrive(contracts, contracts.locking, alice, 1n)).to.equal("failed");
  });

  it("refuses a token that hands over less than it says", async () => {
    const { fee, lockingFee } = await load();
    await fee.approve(lockingFee, 1_000n);
    await expect(lockingFee.crosschainTransfer(toAlice, 1_000n))
      .to.be.revertedWithCustomError(lockingFee, "BalanceDelta")
      .withArgs(990n, 1_000n);
    expect(await fee.balanceOf(lockingFee)).to.equal(0n);
  });

  it("takes nothing without approval, nor more than the balance", async () => {
    const { token, locking } = await load();
    await expect(locking.crosschainTransfer(toAlice, 1n)).to.be.revertedWithCustomError(
      token,
      "ERC20InsufficientAllowance",
    );
    await token.approve(locking, SUPPLY + 1n);
    await expect(locking.crosschainTransfer(toAlice, SUPPLY + 1n)).to.be.revertedWithCustomError(
      token,
      "ERC20InsufficientBalance",
    );
  });
});

describe("MintingTokenBridge", () => {
  it("mints what arrives and burns what goes back", async () => {
    const contracts = await load();
    const { bridged, minting } = contracts;
    expect(await arrive(contracts, minting, owner.address, 700n)).to.equal("executed");
    expect(await bridged.totalSupply()).to.equal(700n);
    await minting.crosschainTransfer(toAlice, 300n);
    expect(await bridged.totalSupply()).to.equal(400n);
    expect(await bridged.balanceOf(owner)).to.equal(400n);
    expect(await bridged.decimals()).to.equal(6n);
  });

  it("burns nobody's tokens but the caller's", async () => {
    const contracts = await load();
    await arrive(contracts, contracts.minting, owner.address, 700n);
    await expect(
      contracts.minting.connect(stranger).crosschainTransfer(toAlice, 1n),
    ).to.be.revertedWithCustomError(contracts.bridged, "ERC20InsufficientBalance");
  });

  it("is the only one that mints and burns", async () => {
    const { bridged } = await load();
    await expect(bridged.crosschainMint(owner, 1n)).to.be.revertedWithCustomError(bridged, "NotTheBridge");
    await expect(bridged.crosschainBurn(owner, 1n)).to.be.revertedWithCustomError(bridged, "NotTheBridge");
  });
});

describe("TokenBridge", () => {
  it("believes only its counterpart, and only through the Inbox", async () => {
    const contracts = await load();
    const { minting, bridged, outbox } = contracts;
    expect(await arrive(contracts, minting, alice, 5n, OUTBOX)).to.equal("failed");
    const sender = interoperableAddress(ORIGIN, COUNTERPART);
    for (const caller of [owner, await ethers.getImpersonatedSigner(await outbox.getAddress())]) {
      await networkHelpers.setBalance(caller.address, ethers.parseEther("1"));
      await expect(
        minting.connect(caller).receiveMessage(ethers.ZeroHash, sender, "0x"),
      ).to.be.revertedWithCustomError(minting, "ERC7786RecipientUnauthorizedGateway");
    }
    expect(await bridged.totalSupply()).to.equal(0n);
  });

  const refusals: [string, string, bigint, string][] = [
    ["a zero amount", toAlice, 0n, "ZeroAmount"],
    [
      "the zero address",
      interoperableAddress(ORIGIN, address.parse(ethers.ZeroAddress)),
      1n,
      "InvalidTokenRecipient",
    ],
    [
      "a recipient without address",
      interoperableAddress(ORIGIN, alice).slice(0, -42) + "00",
      1n,
      "InvalidTokenRecipient",
    ],
    ["a recipient that is no ERC-7930 address", "0x1234", 1n, "InvalidTokenRecipient"],
  ];
  for (const [what, to, amount, error] of refusals)
    it(`refuses ${what} before anything is taken`, async () => {
      const { token, locking } = await load();
      await token.approve(locking, 1n);
      await expect(locking.crosschainTransfer(to, amount)).to.be.revertedWithCustomError(locking, error);
      expect(await token.balanceOf(locking)).to.equal(0n);
    });

  it("refuses a chain that it is not linked to", async () => {
    const { token, locking } = await load();
    await token.approve(locking, 1n);
    const nowhere = interoperableAddress(chainId.parse(9_999), alice);
    await expect(locking.crosschainTransfer(nowhere, 1n)).to.revert(ethers);
    expect(await token.balanceOf(locking)).to.equal(0n);
  });

  it("is not deployed with a token or an Inbox without code", async () => {
    const { locking, inbox, token, links } = await load();
    const factory = await ethers.getContractFactory("LockingTokenBridge");
    await expect(factory.deploy(alice, inbox, links)).to.be.revertedWithCustomError(
      locking,
      "AddressWithoutCode",
    );
    await expect(factory.deploy(token, alice, links)).to.be.revertedWithCustomError(
      locking,
      "AddressWithoutCode",
    );
  });
});
