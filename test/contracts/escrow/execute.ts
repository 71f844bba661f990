/*
execute
├── when the escrow is not open: NotOpen
├── when the account is neither party (and the action no ruling): NotParty
├── when the sequence is not the account's: SequenceMismatch
├── when the deadline has passed: SignatureExpired; in its last second it is good
├── when the signature is not the account's
│   ├── by somebody else, malleated, of the wrong length, for another chain, contract or escrow: InvalidSignature
│   └── of an action of another kind: InvalidSignature
├── every kind of action, sent by a stranger, does what its function does
├── a signature serves once
├── another party's actions do not invalidate a signature; a dispute and the end of a milestone do
└── the digest is the one that the TypeScript core computes
*/
import { expect } from "chai";
import { concat, dataSlice, toBeHex } from "ethers";
import { actionTypedData, digestOf } from "../../../relayer/escrow/core/actions.ts";
import { ActionKind, type Hex, State } from "../../../relayer/escrow/core/types.ts";
import {
  AMOUNT,
  at,
  authorization,
  DAY,
  delivered,
  disputed,
  ethers,
  execute,
  expectState,
  FOREVER,
  locked,
  milestones,
  releaseSignedBy,
  signAction,
  world,
  type Opened,
  type SignedAction,
  type World,
} from "./fixture.ts";

const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** The signature with s mirrored and v flipped: the same point, another encoding. */
function malleate(signature: Hex): Hex {
  const { r, s, v } = ethers.Signature.from(signature);
  return concat([r, toBeHex(SECP256K1_ORDER - BigInt(s), 32), v === 27 ? "0x1c" : "0x1b"]);
}

describe("Escrow: execute", () => {
  it("refuses a closed escrow", async () => {
    const w = await world();
    const opened = await locked(w);
    const signed = await releaseSignedBy(w, opened, w.buyer);
    await execute(w, opened, signed);
    await expect(execute(w, opened, signed)).to.be.revertedWithCustomError(w.escrow, "NotOpen");
  });

  it("refuses an account that is no party", async () => {
    const w = await world();
    const opened = await locked(w);
    const signed = await signAction(w, w.stranger, w.stranger.address, {
      kind: ActionKind.Release,
      id: opened.id,
      sequence: 0n,
    });
    await expect(execute(w, opened, signed)).to.be.revertedWithCustomError(w.escrow, "NotParty");
  });

  it("refuses a party that is not entitled to the action", async () => {
    const w = await world();
    const opened = await locked(w);
    const signed = await signAction(w, w.seller, w.seller.address, {
      kind: ActionKind.Release,
      id: opened.id,
      sequence: 0n,
    });
    await expect(execute(w, opened, signed)).to.be.revertedWithCustomError(w.escrow, "Unauthorized");
  });

  it("refuses another sequence, and the same signature twice", async () => {
    const w = await world();
    const opened = await locked(w);
    const partial = { kind: ActionKind.ReleasePartial, id: opened.id, amount: 10n };
    const early = await signAction(w, w.buyer, w.buyer.address, { ...partial, sequence: 1n });
    await expect(execute(w, opened, early))
      .to.be.revertedWithCustomError(w.escrow, "SequenceMismatch")
      .withArgs(1n, 0n);
    const signed = await signAction(w, w.buyer, w.buyer.address, { ...partial, sequence: 0n });
    await execute(w, opened, signed);
    await expect(execute(w, opened, signed))
      .to.be.revertedWithCustomError(w.escrow, "SequenceMismatch")
      .withArgs(0n, 1n);
    await expectState(w, opened.id, State.Locked, AMOUNT - 10n);
  });

  it("takes a signature in its last second and not after", async () => {
    const w = await world();
    const opened = await locked(w);
    const deadline = w.start + 100n;
    const fields = { kind: ActionKind.ReleasePartial, id: opened.id, amount: 1n, deadline };
    await at(deadline);
    await execute(w, opened, await signAction(w, w.buyer, w.buyer.address, { ...fields, sequence: 0n }));
    await at(deadline + 1n);
    const late = await signAction(w, w.buyer, w.buyer.address, { ...fields, sequence: 1n });
    await expect(execute(w, opened, late))
      .to.be.revertedWithCustomError(w.escrow, "SignatureExpired")
      .withArgs(deadline + 1n, deadline);
  });

  describe("refuses a signature", () => {
    const tampered: Record<string, (w: World, opened: Opened) => Promise<SignedAction>> = {
      "of somebody else": (w, opened) => releaseSignedBy(w, opened, w.stranger),
      "that was malleated": async (w, opened) => {
        const signed = await releaseSignedBy(w, opened, w.buyer);
        return { ...signed, authorization: authorization(malleate(signed.authorization.signature)) };
      },
      "of 64 bytes": async (w, opened) => {
        const signed = await releaseSignedBy(w, opened, w.buyer);
        return { ...signed, authorization: authorization(dataSlice(signed.authorization.signature, 0, 64)) };
      },
      "that is empty": async (w, opened) => {
        const signed = await releaseSignedBy(w, opened, w.buyer);
        return { ...signed, authorization: authorization("0x") };
      },
      "that recovers to zero": async (w, opened) => {
        const signed = await releaseSignedBy(w, opened, w.buyer);
        return {
          ...signed,
          authorization: authorization(concat([ethers.ZeroHash, ethers.ZeroHash, "0x1b"])),
        };
      },
      "for another chain": (w, opened) =>
        releaseSignedBy({ ...w, deployment: { ...w.deployment, chainId: 1n } }, opened, w.buyer),
      "for another contract": (w, opened) =>
        releaseSignedBy({ ...w, deployment: { ...w.deployment, escrow: w.tokenAddress } }, opened, w.buyer),
      "for another escrow": async (w, opened) =>
        releaseSignedBy(w, { ...opened, id: (await locked(w, { rules: { salt: 9n } })).id }, w.buyer),
      "of another kind": async (w, opened) => {
        const signed = await signAction(w, w.buyer, w.buyer.address, {
          kind: ActionKind.Refund,
          id: opened.id,
          sequence: 0n,
        });
        return { ...signed, action: { ...signed.action, kind: ActionKind.Release } };
      },
      "whose deadline was moved": async (w, opened) => {
        const signed = await releaseSignedBy(w, opened, w.buyer);
        return { ...signed, authorization: authorization(signed.authorization.signature, FOREVER - 1n) };
      },
    };
    for (const [name, make] of Object.entries(tampered))
      it(name, async () => {
        const w = await world();
        const opened = await locked(w);
        await expect(execute(w, opened, await make(w, opened))).to.be.revertedWithCustomError(
          w.escrow,
          "InvalidSignature",
        );
      });

    it("over another amount", async () => {
      const w = await world();
      const opened = await locked(w);
      const fields = { kind: ActionKind.ReleasePartial, id: opened.id, amount: 1n, sequence: 0n };
      const signed = await signAction(w, w.buyer, w.buyer.address, fields);
      const more = { ...signed, action: { ...signed.action, amount: 2n } };
      await expect(execute(w, opened, more)).to.be.revertedWithCustomError(w.escrow, "InvalidSignature");
    });

    it("for the zero address", async () => {
      const w = await world();
      const opened = await disputed(w, { arbiter: ethers.ZeroAddress });
      const signed = await signAction(w, w.stranger, ethers.ZeroAddress, {
        kind: ActionKind.Resolve,
        id: opened.id,
        sequence: 0n,
      });
      const zero = authorization(concat([ethers.ZeroHash, ethers.ZeroHash, "0x1b"]));
      for (const proof of [signed.authorization, zero])
        await expect(execute(w, opened, { ...signed, authorization: proof })).to.be.revertedWithCustomError(
          w.escrow,
          "InvalidSignature",
        );
    });
  });

  describe("carries out for anybody who sends it", () => {
    const actions = [
      {
        kind: ActionKind.Deliver,
        open: locked,
        by: "seller",
        event: "Delivered",
        state: State.AwaitingRelease,
      },
      { kind: ActionKind.Release, open: delivered, by: "buyer", event: "Released", state: State.Released },
      {
        kind: ActionKind.ReleasePartial,
        open: locked,
        by: "buyer",
        event: "PartiallyReleased",
        state: State.Locked,
      },
      { kind: ActionKind.Refund, open: locked, by: "seller", event: "Refunded", state: State.Refunded },
      {
        kind: ActionKind.RefundPartial,
        open: locked,
        by: "seller",
        event: "PartiallyRefunded",
        state: State.Locked,
      },
      { kind: ActionKind.Dispute, open: delivered, by: "seller", event: "Evidence", state: State.Disputed },
      {
        kind: ActionKind.SubmitEvidence,
        open: disputed,
        by: "buyer",
        event: "Evidence",
        state: State.Disputed,
      },
      {
        kind: ActionKind.PublishAgreement,
        open: locked,
        by: "seller",
        event: "MetaEvidence",
        state: State.Locked,
      },
      { kind: ActionKind.Resolve, open: disputed, by: "arbiter", event: "Resolved", state: State.Released },
    ] as const;
    for (const { kind, open, by, event, state } of actions)
      it(`an action that emits ${event} (kind ${kind})`, async () => {
        const w = await world();
        const opened = await open(w);
        const view = await w.escrow.escrowOf(opened.id);
        const sequence = { buyer: view.buyerSequence, seller: view.sellerSequence, arbiter: 0n }[by];
        const fields = { kind, id: opened.id, sequence, amount: 7n, uri: "ipfs://x" };
        const signed = await signAction(w, w[by], w[by].address, fields);
        await expect(execute(w, opened, signed)).to.emit(w.escrow, event);
        expect(Number((await w.escrow.escrowOf(opened.id)).state)).to.equal(state);
      });
  });

  it("is not invalidated by what the other party does", async () => {
    const w = await world();
    const opened = await locked(w);
    const signed = await signAction(w, w.buyer, w.buyer.address, {
      kind: ActionKind.Dispute,
      id: opened.id,
      sequence: 0n,
      uri: "",
    });
    await w.escrow.connect(w.seller).refundPartial(opened.packed, 1n);
    await w.escrow.connect(w.seller).publishAgreement(opened.packed, "x");
    await w.escrow.connect(w.seller).deliver(opened.packed);
    await execute(w, opened, signed);
    await expectState(w, opened.id, State.Disputed, AMOUNT - 1n);
  });

  it("is invalidated by what its own party does", async () => {
    const w = await world();
    const opened = await locked(w);
    const signed = await releaseSignedBy(w, opened, w.buyer);
    await w.escrow.connect(w.buyer).publishAgreement(opened.packed, "x");
    await expect(execute(w, opened, signed)).to.be.revertedWithCustomError(w.escrow, "SequenceMismatch");
  });

  it("is invalidated by the end of its milestone", async () => {
    const w = await world();
    const opened = await delivered(w, { milestones: milestones(w) });
    const signed = await releaseSignedBy(w, opened, w.buyer);
    await at(w.start + 9n * DAY);
    await w.escrow.expire(opened.packed);
    await expect(execute(w, opened, signed)).to.be.revertedWithCustomError(w.escrow, "SequenceMismatch");
  });

  it("checks the digest that the TypeScript core computes", async () => {
    const w = await world();
    const opened = await locked(w);
    for (const kind of Object.values(ActionKind).filter((kind) => kind !== ActionKind.Resolve)) {
      const fields = { kind, id: opened.id, sequence: 0n, amount: 5n, uri: "ipfs://y", deadline: FOREVER };
      const signed = await signAction(w, w.stranger, w.buyer.address, fields);
      await expect(execute(w, opened, signed))
        .to.be.revertedWithCustomError(w.escrow, "InvalidSignature")
        .withArgs(w.buyer.address, digestOf(actionTypedData(fields, w.deployment)));
    }
  });
});
