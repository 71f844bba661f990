import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { dataLength, dataSlice, getBytes, hexlify } from "ethers";
import fc from "fast-check";
import { planDelivery } from "../../../../relayer/bridge/core/delivery.ts";
import { advance, emptyLane } from "../../../../relayer/bridge/core/message.ts";
import { attestationPoints } from "../../../../relayer/bridge/core/points.ts";
import { messageState } from "../../../../relayer/bridge/core/progress.ts";
import {
  assembleQuorum,
  MAX_OVERLAP,
  MAX_VALIDATORS,
  setProblem,
} from "../../../../relayer/bridge/core/quorum.ts";
import type { Message } from "../../../../relayer/domain/bridge.ts";
import { sign, withHint } from "../../../../relayer/domain/ed25519.ts";
import { RetryableError } from "../../../../relayer/domain/errors.ts";
import { address, bytes, signature } from "../../../../relayer/domain/ids.ts";
import { anyPublicKey, ed25519Set, hashOf, laneOf, messageIdOfText, pointAt } from "../../support/bridge.ts";

describe("attestation points", () => {
  it("are, for each lane and block, the highest nonce, in the order of blocks", () => {
    const other = laneOf("A-C");
    const advances = [pointAt(5, 3n), pointAt(4, 1n), pointAt(4, 2n), pointAt(4, 1n, hashOf("x"), other)];
    const points = attestationPoints(advances).map(({ lane, nonce, position }) => [
      lane,
      nonce,
      position.blockNumber,
    ]);
    assert.deepEqual(points, [
      [laneOf("A-B"), 2n, 4],
      [other, 1n, 4],
      [laneOf("A-B"), 3n, 5],
    ]);
  });

  it("are the same however the reading of blocks is split and in whatever order logs come", () => {
    const advances = fc.array(
      fc.record({
        block: fc.nat(5),
        lane: fc.constantFrom("A-B", "A-C"),
        count: fc.integer({ min: 1, max: 3 }),
      }),
    );
    fc.assert(
      fc.property(advances, fc.nat(), (blocks, seed) => {
        const nonces = new Map<string, bigint>();
        const logs = blocks
          .toSorted((a, b) => a.block - b.block)
          .flatMap(({ block, lane, count }) =>
            Array.from({ length: count }, () => {
              const nonce = (nonces.get(lane) ?? 0n) + 1n;
              nonces.set(lane, nonce);
              return pointAt(block, nonce, hashOf(`${lane} ${nonce}`), laneOf(lane));
            }),
          );
        const byBlock = [0, 1, 2, 3, 4, 5].flatMap((block) =>
          attestationPoints(logs.filter(({ position }) => position.blockNumber === block)),
        );
        const shuffled = logs.toSorted(
          (a, b) =>
            Number(BigInt(a.accumulator) % BigInt(seed + 7)) -
            Number(BigInt(b.accumulator) % BigInt(seed + 7)),
        );
        const key = (points: typeof logs) => points.map(({ lane, nonce }) => `${lane} ${nonce}`).sort();
        assert.deepEqual(key([...attestationPoints(shuffled)]), key(byBlock));
      }),
    );
  });
});

describe("quorum", () => {
  const signaturesOfAnybody = Array.from({ length: 20 }, (_, i) =>
    signature.parse(hexlify(sign(getBytes(hashOf("anything")), getBytes(hashOf(`signer ${i}`))))),
  );
  const sets = fc.uniqueArray(anyPublicKey, { minLength: 2, maxLength: 20 }).map((keys) => keys.toSorted());

  it("is exactly the threshold's number of members, ascending, whoever else signed", () => {
    fc.assert(
      fc.property(
        sets,
        fc.uniqueArray(anyPublicKey, { maxLength: 5 }),
        fc.func(fc.boolean()),
        fc.integer({ min: 1, max: 20 }),
        (validators, strangers, signs, count) => {
          const threshold = Math.floor(validators.length / 2) + 1;
          const signers = validators.filter((key) => signs(key));
          // Whose signatures they are does not matter here, only that each is one.
          const signatureBy = (i: number) => signaturesOfAnybody[(i + count) % 20] ?? assert.fail();
          const signatures = new Map([...signers, ...strangers].map((key, i) => [key, signatureBy(i)]));
          const quorum = assembleQuorum(ed25519Set(validators, threshold), signatures);
          const members = validators.filter((key) => signatures.has(key));
          assert.equal(quorum !== undefined, members.length >= threshold);
          if (quorum === undefined) return;
          const chosen = validators.filter((_, index) => (quorum.signers >> BigInt(index)) & 1n);
          assert.deepEqual(chosen, members.slice(0, threshold));
          for (const [i, key] of chosen.entries()) {
            const part = dataSlice(quorum.signature, 96 * i, 96 * (i + 1));
            assert.equal(dataSlice(part, 0, 64), signatures.get(key));
            assert.equal(part, hexlify(withHint(getBytes(dataSlice(part, 0, 64)))));
          }
          assert.equal(dataLength(quorum.signature), 96 * threshold);
        },
      ),
    );
  });

  it("admits a set only with M ≥ 2, M > N/2, N ≥ M and ascending keys", () => {
    fc.assert(
      fc.property(sets, fc.integer({ min: 0, max: 25 }), (validators, threshold) => {
        const isRight = threshold >= 2 && threshold * 2 > validators.length && threshold <= validators.length;
        assert.equal(setProblem(ed25519Set(validators, threshold), 0n) === undefined, isRight);
        assert.match(
          setProblem(ed25519Set(validators.toReversed(), validators.length), 0n) ?? "",
          /not strictly ascending/,
        );
      }),
    );
    const many = Array.from(
      { length: MAX_VALIDATORS + 1 },
      (_, i) => `0x${(i + 1).toString(16).padStart(64, "0")}` as never,
    );
    assert.match(setProblem(ed25519Set(many, 100), 0n) ?? "", /129 members/);
    const three = ed25519Set(many.slice(0, 3), 2);
    assert.match(setProblem(three, three.expiresAt) ?? "", /expired/);
    assert.match(setProblem({ ...three, overlap: MAX_OVERLAP + 1 }, 0n) ?? "", /overlap/);
    const aggregate = { ...three, scheme: "BLS12381", members: [hashOf("key set")] } as const;
    assert.equal(setProblem(aggregate, 0n, 3), undefined);
    assert.match(setProblem(aggregate, 0n, 4) ?? "", /above half/);
  });
});

describe("planning a delivery", () => {
  const messages: Message[] = [1n, 2n, 3n].map((nonce) => ({
    id: messageIdOfText(`message ${nonce}`),
    lane: laneOf("A-B"),
    nonce,
    sender: address.parse("0x00000000000000000000000000000000000000aa"),
    recipient: address.parse("0x00000000000000000000000000000000000000bb"),
    gasLimit: 100_000n,
    payload: bytes.parse("0x"),
    accumulator: hashOf("unused"),
    position: pointAt(1, nonce).position,
  }));
  const end = advance(
    emptyLane,
    messages.map(({ id }) => id),
  );
  const point = pointAt(1, end.nonce, end.accumulator);

  it("takes as many messages as it may and names the ids of the rest", () => {
    const delivery = planDelivery(emptyLane, messages, point, 2);
    assert.deepEqual(
      [delivery.firstNonce, delivery.messages.length, delivery.later],
      [1n, 2, [messages[2]?.id]],
    );
    assert.deepEqual(planDelivery(emptyLane, messages, point, 200).later, []);
  });

  it("refuses messages that do not lead from the head to the attested point", () => {
    for (const wrong of [messages.slice(0, 2), messages.slice(1), messages.toReversed(), []])
      assert.throws(
        () => planDelivery(emptyLane, wrong, point, 200),
        (error) => error instanceof RetryableError && error.code === "LANE_INCOMPLETE",
      );
  });
});

describe("a message's state", () => {
  const facts = { isFinal: false, attestations: 0, threshold: 2, outcome: undefined } as const;
  for (const [change, state] of [
    [{}, "sent"],
    [{ isFinal: true }, "final"],
    [{ isFinal: true, attestations: 1 }, "final"],
    [{ isFinal: true, attestations: 2 }, "attested"],
    [{ isFinal: true, outcome: "executed" }, "delivered"],
    [{ isFinal: true, outcome: "failed" }, "failed"],
  ] as const)
    it(`is ${state} with ${JSON.stringify(change)}`, () => {
      assert.equal(messageState({ ...facts, ...change }), state);
    });
});
