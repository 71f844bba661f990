/*
createWithPermit
├── when the sender is not the buyer: Unauthorized
├── when the permit is good: locks
├── when the permit was used by somebody else before: locks all the same
└── when there is neither permit nor allowance: the token's error
createFor
├── when the buyer's signature has expired: SignatureExpired
├── when somebody else signed: InvalidSignature
├── when the terms differ from the signed ones: InvalidSignature
├── when the escrow exists or has existed: AlreadyExists
├── with an allowance, with a permit: locks the buyer's money
└── in native currency: locks the sender's money for the buyer
createWithAuthorization
├── when the authorization has another nonce: the token's error
├── when the terms differ: the token's error
├── when the token is native: TokenWithoutCode
├── with an EOA's signature, sent by a stranger: locks
└── with an ERC-1271 wallet's signature: locks
*/
import { expect } from "chai";
import { packTerms } from "../../../relayer/escrow/core/terms.ts";
import { State, type Terms, ZERO_ADDRESS } from "../../../relayer/escrow/core/types.ts";
import {
  AMOUNT,
  FOREVER,
  NO_PERMIT,
  ethers,
  expectState,
  idOf,
  locked,
  makeTerms,
  newAccount,
  signCreate,
  signPermit,
  signReceive,
  world,
  type Changes,
  type World,
} from "./fixture.ts";

/** Terms in the token that knows permits and authorizations, for which the buyer has approved nothing. */
async function permitTerms(w: World, changes: Changes = {}): Promise<Terms> {
  await w.authorizationToken.connect(w.buyer).approve(w.escrow, 0n);
  return makeTerms(w, { token: await w.authorizationToken.getAddress(), ...changes });
}

describe("Escrow: createWithPermit", () => {
  it("refuses a sender who is not the buyer", async () => {
    const w = await world();
    const terms = await permitTerms(w);
    const permit = await signPermit(w, w.buyer, AMOUNT);
    await expect(w.escrow.connect(w.stranger).createWithPermit(packTerms(terms), permit))
      .to.be.revertedWithCustomError(w.escrow, "Unauthorized")
      .withArgs(w.stranger.address, w.buyer.address);
  });

  it("locks with a permit", async () => {
    const w = await world();
    const terms = await permitTerms(w);
    await w.escrow.connect(w.buyer).createWithPermit(packTerms(terms), await signPermit(w, w.buyer, AMOUNT));
    await expectState(w, idOf(w, terms), State.Locked, AMOUNT);
  });

  it("locks with a permit that somebody else has used already", async () => {
    const w = await world();
    const terms = await permitTerms(w);
    const permit = await signPermit(w, w.buyer, AMOUNT);
    const { value, deadline, v, r, s } = permit;
    await w.authorizationToken
      .connect(w.stranger)
      .permit(w.buyer.address, w.escrow, value, deadline, v, r, s);
    await w.escrow.connect(w.buyer).createWithPermit(packTerms(terms), permit);
    await expectState(w, idOf(w, terms), State.Locked, AMOUNT);
  });

  it("refuses a bad permit without an allowance", async () => {
    const w = await world();
    const terms = await permitTerms(w);
    const permit = await signPermit(
      w,
      { address: w.buyer.address, signTypedData: w.stranger.signTypedData.bind(w.stranger) },
      AMOUNT,
    );
    await expect(
      w.escrow.connect(w.buyer).createWithPermit(packTerms(terms), permit),
    ).to.be.revertedWithCustomError(w.authorizationToken, "ERC20InsufficientAllowance");
  });

  it("refuses a permit for native currency", async () => {
    const w = await world();
    const permit = await signPermit(w, w.buyer, AMOUNT);
    await expect(
      w.escrow.connect(w.buyer).createWithPermit(packTerms(makeTerms(w, { token: ZERO_ADDRESS })), permit),
    ).to.be.revertedWithCustomError(w.escrow, "TokenWithoutCode");
  });
});

describe("Escrow: createFor", () => {
  it("refuses an expired signature", async () => {
    const w = await world();
    const terms = makeTerms(w);
    const authorization = await signCreate(w, w.buyer, terms, w.start);
    await expect(
      w.escrow.connect(w.stranger).createFor(packTerms(terms), NO_PERMIT, authorization),
    ).to.be.revertedWithCustomError(w.escrow, "SignatureExpired");
  });

  it("refuses somebody else's signature", async () => {
    const w = await world();
    const terms = makeTerms(w);
    const authorization = await signCreate(w, w.stranger, terms);
    await expect(
      w.escrow.connect(w.stranger).createFor(packTerms(terms), NO_PERMIT, authorization),
    ).to.be.revertedWithCustomError(w.escrow, "InvalidSignature");
  });

  it("refuses other terms than the signed ones", async () => {
    const w = await world();
    const authorization = await signCreate(w, w.buyer, makeTerms(w));
    const others = packTerms(makeTerms(w, { rules: { salt: 2n } }));
    await expect(
      w.escrow.connect(w.stranger).createFor(others, NO_PERMIT, authorization),
    ).to.be.revertedWithCustomError(w.escrow, "InvalidSignature");
  });

  it("refuses a second use, even after the escrow has closed", async () => {
    const w = await world();
    const { terms, packed } = await locked(w);
    const authorization = await signCreate(w, w.buyer, terms);
    await w.escrow.connect(w.seller).refund(packed);
    await expect(
      w.escrow.connect(w.stranger).createFor(packed, NO_PERMIT, authorization),
    ).to.be.revertedWithCustomError(w.escrow, "AlreadyExists");
  });

  it("refuses unsound terms with their own error", async () => {
    const w = await world();
    const terms = makeTerms(w);
    const packed = { ...packTerms(terms), payees: [] };
    const authorization = await signCreate(w, w.buyer, terms);
    await expect(
      w.escrow.connect(w.stranger).createFor(packed, NO_PERMIT, authorization),
    ).to.be.revertedWithCustomError(w.escrow, "NoPayee");
  });

  it("locks the buyer's allowance", async () => {
    const w = await world();
    const terms = makeTerms(w);
    const before = await w.token.balanceOf(w.buyer);
    await w.escrow
      .connect(w.stranger)
      .createFor(packTerms(terms), NO_PERMIT, await signCreate(w, w.buyer, terms));
    await expectState(w, idOf(w, terms), State.Locked, AMOUNT);
    expect(before - (await w.token.balanceOf(w.buyer))).to.equal(AMOUNT);
  });

  it("locks with the buyer's permit, so that the buyer sends nothing", async () => {
    const w = await world();
    const terms = await permitTerms(w);
    const permit = await signPermit(w, w.buyer, AMOUNT);
    await w.escrow
      .connect(w.stranger)
      .createFor(packTerms(terms), permit, await signCreate(w, w.buyer, terms));
    await expectState(w, idOf(w, terms), State.Locked, AMOUNT);
  });

  it("locks the sender's native currency", async () => {
    const w = await world();
    const terms = makeTerms(w, { token: ZERO_ADDRESS });
    const authorization = await signCreate(w, w.buyer, terms);
    const sent = w.escrow
      .connect(w.stranger)
      .createFor(packTerms(terms), NO_PERMIT, authorization, { value: AMOUNT });
    await expect(sent).to.changeEtherBalances(ethers, [w.stranger, w.buyer, w.escrow], [-AMOUNT, 0n, AMOUNT]);
  });
});

describe("Escrow: createWithAuthorization", () => {
  it("refuses an authorization with another nonce than the id", async () => {
    const w = await world();
    const terms = await permitTerms(w);
    const signature = await signReceive(w, w.buyer, terms, ethers.id("another"));
    await expect(
      w.escrow.connect(w.stranger).createWithAuthorization(packTerms(terms), 0n, FOREVER, signature),
    ).to.be.revertedWithCustomError(w.authorizationToken, "ERC3009InvalidSignature");
  });

  it("refuses other terms than the authorized ones", async () => {
    const w = await world();
    const terms = await permitTerms(w);
    const signature = await signReceive(w, w.buyer, terms, idOf(w, terms));
    const others = packTerms(
      await permitTerms(w, { payees: [{ account: w.stranger.address, share: 10_000n }] }),
    );
    await expect(
      w.escrow.connect(w.stranger).createWithAuthorization(others, 0n, FOREVER, signature),
    ).to.be.revertedWithCustomError(w.authorizationToken, "ERC3009InvalidSignature");
  });

  it("refuses native currency", async () => {
    const w = await world();
    const packed = packTerms(makeTerms(w, { token: ZERO_ADDRESS }));
    await expect(
      w.escrow.connect(w.stranger).createWithAuthorization(packed, 0n, FOREVER, "0x"),
    ).to.be.revertedWithCustomError(w.escrow, "TokenWithoutCode");
  });

  it("locks with an account's signature, whoever sends it", async () => {
    const w = await world();
    const terms = await permitTerms(w);
    const signature = await signReceive(w, w.buyer, terms, idOf(w, terms));
    await w.escrow.connect(w.stranger).createWithAuthorization(packTerms(terms), 0n, FOREVER, signature);
    await expectState(w, idOf(w, terms), State.Locked, AMOUNT);
  });

  it("locks with a wallet's signature", async () => {
    const w = await world();
    const wallet = await newAccount(w, w.buyer.address);
    await w.authorizationToken.connect(w.buyer).transfer(wallet, AMOUNT);
    const terms = await permitTerms(w, { buyer: await wallet.getAddress() });
    const signature = await signReceive(w, w.buyer, terms, idOf(w, terms));
    await w.escrow.connect(w.stranger).createWithAuthorization(packTerms(terms), 0n, FOREVER, signature);
    await expectState(w, idOf(w, terms), State.Locked, AMOUNT);
  });
});
