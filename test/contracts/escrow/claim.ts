/*
claim
├── when there is no credit: NothingToClaim
├── when `to` is zero, the escrow contract or the token: InvalidAccount
├── when the payment fails: ClaimFailed, and the credit stays
└── otherwise: pays all of it to `to`, emits Claimed; a second claim finds nothing
claimFor
├── when the signature is not the account's, is expired or used: refused
└── otherwise: pays the signed `to`, whoever sends it
*/
import { expect } from "chai";
import { claimTypedData } from "../../../relayer/escrow/core/actions.ts";
import { ZERO_ADDRESS } from "../../../relayer/escrow/core/types.ts";
import {
  AccountMood,
  AMOUNT,
  authorization,
  ethers,
  FOREVER,
  gains,
  locked,
  newAccount,
  signTyped,
  world,
  type World,
} from "./fixture.ts";

/** The seller is blacklisted while paid, and so credited. */
async function credited(w: World): Promise<void> {
  const { packed, id } = await locked(w);
  await w.token.setBlacklisted(w.seller.address, true);
  await expect(w.escrow.connect(w.buyer).release(packed))
    .to.emit(w.escrow, "Credited")
    .withArgs(id, w.tokenAddress, w.seller.address, AMOUNT);
  expect(await w.escrow.claimable(w.tokenAddress, w.seller.address)).to.equal(AMOUNT);
}

async function signClaim(w: World, signer: Parameters<typeof signTyped>[0], to: string, deadline = FOREVER) {
  const nonce = await w.escrow.nonces(w.seller);
  const fields = { account: w.seller.address, token: w.tokenAddress, to, nonce, deadline };
  return authorization(await signTyped(signer, claimTypedData(fields, w.deployment)), deadline);
}

describe("Escrow: claim", () => {
  it("refuses an account without credit", async () => {
    const w = await world();
    await credited(w);
    await expect(w.escrow.connect(w.buyer).claim(w.tokenAddress, w.buyer.address))
      .to.be.revertedWithCustomError(w.escrow, "NothingToClaim")
      .withArgs(w.tokenAddress, w.buyer.address);
  });

  it("refuses to pay zero, the contract and the token", async () => {
    const w = await world();
    await credited(w);
    for (const to of [ZERO_ADDRESS, w.deployment.escrow, w.tokenAddress])
      await expect(w.escrow.connect(w.seller).claim(w.tokenAddress, to))
        .to.be.revertedWithCustomError(w.escrow, "InvalidAccount")
        .withArgs(to);
  });

  it("keeps the credit when the payment fails", async () => {
    const w = await world();
    await credited(w);
    await expect(w.escrow.connect(w.seller).claim(w.tokenAddress, w.seller.address))
      .to.be.revertedWithCustomError(w.escrow, "ClaimFailed")
      .withArgs(w.tokenAddress, w.seller.address, AMOUNT);
    expect(await w.escrow.claimable(w.tokenAddress, w.seller.address)).to.equal(AMOUNT);
  });

  it("pays all of it elsewhere, once", async () => {
    const w = await world();
    await credited(w);
    const [gained] = await gains(w, [w.stranger.address], async () => {
      await expect(w.escrow.connect(w.seller).claim(w.tokenAddress, w.stranger.address))
        .to.emit(w.escrow, "Claimed")
        .withArgs(w.tokenAddress, w.seller.address, w.stranger.address, AMOUNT);
    });
    expect(gained).to.equal(AMOUNT);
    await expect(
      w.escrow.connect(w.seller).claim(w.tokenAddress, w.stranger.address),
    ).to.be.revertedWithCustomError(w.escrow, "NothingToClaim");
  });

  it("pays native currency", async () => {
    const w = await world();
    const payee = await newAccount(w, w.seller.address);
    const account = await payee.getAddress();
    await payee.setMood(AccountMood.Rejects);
    const { packed } = await locked(w, { token: ZERO_ADDRESS, payees: [{ account, share: 10_000n }] });
    await w.escrow.connect(w.buyer).release(packed);
    expect(await w.escrow.claimable(ZERO_ADDRESS, account)).to.equal(AMOUNT);
    const claim = w.escrow.interface.encodeFunctionData("claim", [ZERO_ADDRESS, w.stranger.address]);
    await expect(payee.execute(w.deployment.escrow, 0n, claim)).to.changeEtherBalances(
      ethers,
      [w.escrow, w.stranger],
      [-AMOUNT, AMOUNT],
    );
  });
});

describe("Escrow: claimFor", () => {
  it("refuses a signature that is somebody else's, late, or for another receiver", async () => {
    const w = await world();
    await credited(w);
    const to = w.payee1.address;
    const send = (proof: ReturnType<typeof authorization>) =>
      w.escrow.connect(w.stranger).claimFor(w.seller.address, w.tokenAddress, to, proof);
    await expect(send(await signClaim(w, w.stranger, to))).to.be.revertedWithCustomError(
      w.escrow,
      "InvalidSignature",
    );
    await expect(send(await signClaim(w, w.seller, w.payee2.address))).to.be.revertedWithCustomError(
      w.escrow,
      "InvalidSignature",
    );
    await expect(send(await signClaim(w, w.seller, to, w.start))).to.be.revertedWithCustomError(
      w.escrow,
      "SignatureExpired",
    );
  });

  it("pays the signed receiver, once", async () => {
    const w = await world();
    await credited(w);
    const to = w.payee1.address;
    const proof = await signClaim(w, w.seller, to);
    const send = () => w.escrow.connect(w.stranger).claimFor(w.seller.address, w.tokenAddress, to, proof);
    const [gained] = await gains(w, [to], send);
    expect(gained).to.equal(AMOUNT);
    await expect(send()).to.be.revertedWithCustomError(w.escrow, "InvalidSignature");
  });
});
