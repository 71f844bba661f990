/*
who may sign
├── an ERC-1271 wallet: its owner of now
├── an EIP-7702 account: its key, whether its delegate knows ERC-1271 or not
├── a key that the account has authorised, until its last second, and not another
├── the arbiter that is a bare key: that key, and not another
└── any other party that is a bare key: nobody
authorizeKey, authorizeKeyFor
├── by the account: KeyAuthorized; zero revokes
├── with the account's signature: the same, once
└── with another signature, or an authorised key's: InvalidSignature
*/
import { expect } from "chai";
import { concat, getAddress, dataSlice, keccak256, Wallet } from "ethers";
import { KeyVerifier__factory } from "../../../types/ethers-contracts/factories/mocks/KeyVerifier__factory.ts";
import { keyTypedData, type SignableAction } from "../../../relayer/escrow/core/actions.ts";
import { packTerms } from "../../../relayer/escrow/core/terms.ts";
import { ActionKind, type Hex, State } from "../../../relayer/escrow/core/types.ts";
import {
  AMOUNT,
  at,
  authorization,
  buyerAccount,
  disputed,
  ethers,
  execute,
  expectState,
  FOREVER,
  idOf,
  locked,
  makeTerms,
  networkHelpers,
  newAccount,
  releaseSignedBy,
  signAction,
  signTyped,
  world,
  type Changes,
  type Opened,
  type SignedAction,
  type World,
} from "./fixture.ts";

/** An ERC-7913 signer, which has no address, and the key behind it. */
async function newKey(w: World) {
  const verifier = await new KeyVerifier__factory(w.deployer).deploy();
  const wallet = Wallet.createRandom();
  const signer = concat([await verifier.getAddress(), dataSlice(wallet.signingKey.publicKey, 1)]);
  return { wallet, signer };
}

/** An action of `account`, signed by a key. */
async function signWithKey(
  w: World,
  { wallet, signer }: Awaited<ReturnType<typeof newKey>>,
  account: Hex,
  fields: Omit<SignableAction, "deadline">,
): Promise<SignedAction> {
  const signed = await signAction(w, wallet, account, fields);
  return { ...signed, authorization: { ...signed.authorization, signer } };
}

describe("Escrow: signers", () => {
  it("takes the signature of a wallet's owner of now, not of then", async () => {
    const w = await world();
    const wallet = await buyerAccount(w);
    const buyer = await wallet.getAddress();
    const terms = { buyer };
    await wallet.execute(
      w.deployment.escrow,
      0n,
      w.escrow.interface.encodeFunctionData("create", [(await termsOf(w, terms)).packed]),
    );
    const opened = await termsOf(w, terms);
    const signed = await releaseSignedBy(w, opened, w.buyer);
    await wallet.setOwner(w.stranger.address);
    await expect(execute(w, opened, signed)).to.be.revertedWithCustomError(w.escrow, "InvalidSignature");
    await wallet.setOwner(w.buyer.address);
    await execute(w, opened, signed);
    await expectState(w, opened.id, State.Released, 0n);
  });

  for (const delegate of ["a wallet", "something that knows no ERC-1271"])
    it(`takes the key's signature of an EIP-7702 account delegated to ${delegate}`, async () => {
      const w = await world();
      const opened = await locked(w);
      const to = delegate === "a wallet" ? await newAccount(w, w.stranger.address) : w.token;
      await delegateTo(w, await to.getAddress());
      expect(await ethers.provider.getCode(w.buyer)).to.match(/^0xef0100/);
      await execute(w, opened, await releaseSignedBy(w, opened, w.buyer));
      await expectState(w, opened.id, State.Released, 0n);
    });

  it("takes the signature of a key that the account has authorised, while it is", async () => {
    const w = await world();
    const opened = await locked(w);
    const key = await newKey(w);
    const validUntil = w.start + 1_000n;
    const fields = { kind: ActionKind.ReleasePartial, id: opened.id, amount: 1n };
    const first = await signWithKey(w, key, w.buyer.address, { ...fields, sequence: 0n });
    await expect(execute(w, opened, first))
      .to.be.revertedWithCustomError(w.escrow, "KeyNotAuthorized")
      .withArgs(w.buyer.address, keccak256(key.signer), 0n);
    await w.escrow.connect(w.buyer).authorizeKey(key.signer, validUntil);
    await at(validUntil);
    await execute(w, opened, first);
    await at(validUntil + 1n);
    const second = await signWithKey(w, key, w.buyer.address, { ...fields, sequence: 1n });
    await expect(execute(w, opened, second)).to.be.revertedWithCustomError(w.escrow, "KeyNotAuthorized");
  });

  it("refuses an authorised key's bad signature", async () => {
    const w = await world();
    const opened = await locked(w);
    const key = await newKey(w);
    await w.escrow.connect(w.buyer).authorizeKey(key.signer, FOREVER);
    const forged = { ...key, wallet: Wallet.createRandom() };
    const signed = await signWithKey(w, forged, w.buyer.address, {
      kind: ActionKind.Release,
      id: opened.id,
      sequence: 0n,
    });
    await expect(execute(w, opened, signed)).to.be.revertedWithCustomError(w.escrow, "InvalidSignature");
  });

  it("takes the ruling of an arbiter that is a bare key", async () => {
    const w = await world();
    const key = await newKey(w);
    const arbiter = getAddress(dataSlice(keccak256(key.signer), 12));
    const opened = await disputed(w, { arbiter });
    const fields = { kind: ActionKind.Resolve, id: opened.id, sequence: 0n, amount: AMOUNT };
    const forged = await signWithKey(w, { ...key, wallet: Wallet.createRandom() }, arbiter, fields);
    await expect(execute(w, opened, forged)).to.be.revertedWithCustomError(w.escrow, "InvalidSignature");
    await execute(w, opened, await signWithKey(w, key, arbiter, fields));
    await expectState(w, opened.id, State.Refunded, 0n);
  });

  it("takes a bare key for nobody but the arbiter, for its address could not be paid", async () => {
    const w = await world();
    const key = await newKey(w);
    const seller = getAddress(dataSlice(keccak256(key.signer), 12));
    const opened = await locked(w, { payees: [{ account: seller, share: 10_000n }] });
    const signed = await signWithKey(w, key, seller, {
      kind: ActionKind.Refund,
      id: opened.id,
      sequence: 0n,
    });
    await expect(execute(w, opened, signed)).to.be.revertedWithCustomError(w.escrow, "KeyNotAuthorized");
  });
});

describe("Escrow: authorizeKey", () => {
  it("authorises and revokes", async () => {
    const w = await world();
    const { signer } = await newKey(w);
    await expect(w.escrow.connect(w.buyer).authorizeKey(signer, FOREVER))
      .to.emit(w.escrow, "KeyAuthorized")
      .withArgs(w.buyer.address, signer, FOREVER);
    expect(await w.escrow.keyValidUntil(w.buyer, keccak256(signer))).to.equal(FOREVER);
    await w.escrow.connect(w.buyer).authorizeKey(signer, 0n);
    expect(await w.escrow.keyValidUntil(w.buyer, keccak256(signer))).to.equal(0n);
  });

  it("authorises with the account's signature, once", async () => {
    const w = await world();
    const { signer } = await newKey(w);
    const fields = { account: w.buyer.address, signer, validUntil: FOREVER, nonce: 0n, deadline: FOREVER };
    const proof = authorization(await signTyped(w.buyer, keyTypedData(fields, w.deployment)));
    const send = () =>
      w.escrow.connect(w.stranger).authorizeKeyFor(fields.account, signer, fields.validUntil, proof);
    await send();
    expect(await w.escrow.keyValidUntil(w.buyer, keccak256(signer))).to.equal(FOREVER);
    await expect(send()).to.be.revertedWithCustomError(w.escrow, "InvalidSignature");
    expect(await w.escrow.nonces(w.buyer)).to.equal(1n);
  });

  it("refuses the signature of an authorised key: no key extends itself", async () => {
    const w = await world();
    const { signer, wallet } = await newKey(w);
    await w.escrow.connect(w.buyer).authorizeKey(signer, w.start + 1_000n);
    const fields = { account: w.buyer.address, signer, validUntil: FOREVER, nonce: 0n, deadline: FOREVER };
    const signature = await signTyped(wallet, keyTypedData(fields, w.deployment));
    for (const proof of [authorization(signature), authorization(signature, FOREVER, signer)])
      await expect(
        w.escrow.connect(w.stranger).authorizeKeyFor(fields.account, signer, FOREVER, proof),
      ).to.be.revertedWithCustomError(w.escrow, "InvalidSignature");
  });
});

/** Terms, packed and with their id, without creating anything. */
async function termsOf(w: World, changes: Changes): Promise<Opened> {
  const terms = makeTerms(w, changes);
  return Promise.resolve({ terms, packed: packTerms(terms), id: idOf(w, terms) });
}

/** Sets the buyer's code, as EIP-7702 does: a pointer at another account's. */
async function delegateTo(w: World, target: Hex): Promise<void> {
  await networkHelpers.setCode(w.buyer.address, concat(["0xef0100", target]));
}
