import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { dataLength, dataSlice, getBytes, hexlify } from "ethers";
import fc from "fast-check";
import { dueCount, gasShare } from "../../../../relayer/bridge/core/batch.ts";
import { planDelivery } from "../../../../relayer/bridge/core/delivery.ts";
import { advance, emptyLane } from "../../../../relayer/domain/message.ts";
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

/** The advances of lanes whose blocks hold some messages each, in the order of the chain. */
function logsOf(
  blocks: readonly { readonly block: number; readonly lane: string; readonly count: number }[],
) {
  const nonces = new Map<string, bigint>();
  return blocks
    .toSorted((a, b) => a.block - b.block)
    .flatMap(({ block, lane, count }) =>
      Array.from({ length: count }, () => {
        const nonce = (nonces.get(lane) ?? 0n) + 1n;
        nonces.set(lane, nonce);
        return pointAt(block, nonce, hashOf(`${lane} ${nonce}`), laneOf(lane));
      }),
    );
}

describe("attestation points", () => {
  it("are the last of each lane where few messages wait, whatever their blocks", () => {
    const other = laneOf("A-C");
    const advances = [pointAt(5, 3n), pointAt(4, 1n), pointAt(4, 2n), pointAt(4, 1n, hashOf("x"), other)];
    const points = attestationPoints(advances).map(({ lane, nonce, position }) => [
      lane,
      nonce,
      position.blockNumber,
    ]);
    assert.deepEqual(points, [
      [other, 1n, 4],
      [laneOf("A-B"), 3n, 5],
    ]);
  });

  it("are ends of blocks in order, reach every lane's last message, and leave no long way between two; in whatever order logs come", () => {
    const advances = fc.array(
      fc.record({
        block: fc.nat(40),
        lane: fc.constantFrom("A-B", "A-C"),
        count: fc.integer({ min: 1, max: 60 }),
      }),
    );
    fc.assert(
      fc.property(advances, fc.nat(), (blocks, seed) => {
        const logs = logsOf(blocks);
        const shuffled = logs.toSorted(
          (a, b) =>
            Number(BigInt(a.accumulator) % BigInt(seed + 7)) -
            Number(BigInt(b.accumulator) % BigInt(seed + 7)),
        );
        const points = attestationPoints(logs);
        assert.deepEqual(new Set(attestationPoints(shuffled)), new Set(points));
        for (const lane of new Set(logs.map((log) => log.lane))) {
          const ofLane = logs.filter((log) => log.lane === lane);
          const ends = ofLane.filter(
            (log, i) => ofLane[i + 1]?.position.blockNumber !== log.position.blockNumber,
          );
          const chosen = points.filter((point) => point.lane === lane);
          assert.equal(chosen.at(-1), ends.at(-1));
          for (const [i, point] of chosen.entries()) {
            assert(ends.includes(point));
            const before = chosen[i - 1]?.nonce ?? 0n;
            const between = ends.filter(({ nonce }) => nonce > before && nonce < point.nonce);
            // A long way only where one block makes it.
            assert(point.nonce - before <= 100n || between.length === 0);
            // None that could be left out: the way from the one before to the one after is long.
            const after = chosen[i + 1];
            if (after !== undefined) assert((ends[ends.indexOf(point) + 1]?.nonce ?? 0n) - before > 100n);
          }
        }
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

const messageNumber = (nonce: bigint): Message => ({
  id: messageIdOfText(`message ${nonce}`),
  lane: laneOf("A-B"),
  nonce,
  sender: address.parse("0x00000000000000000000000000000000000000aa"),
  recipient: address.parse("0x00000000000000000000000000000000000000bb"),
  gasLimit: 100_000n,
  payload: bytes.parse("0x"),
  accumulator: hashOf("unused"),
  position: pointAt(1, nonce).position,
});

describe("planning a delivery", () => {
  const messages = [1n, 2n, 3n].map(messageNumber);
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

describe("the size of a batch", () => {
  const rule = { ageMilliseconds: 250, size: 200, gas: 12_000_000 };
  const waiting = Array.from({ length: 300 }, (_, i) => messageNumber(BigInt(i + 1)));
  const facts = { waited: 0, isMoreBehind: false, share: 1 };

  it("is nothing while it pays to wait, and what there is once more wait behind it or the oldest is old", () => {
    const few = waiting.slice(0, 3);
    assert.equal(dueCount(few, facts, rule), 0);
    assert.equal(dueCount(few, { ...facts, isMoreBehind: true }, rule), 3);
    assert.equal(dueCount(few, { ...facts, waited: 250 }, rule), 3);
  });

  it("grows as messages turn out to take less than they may, and never beyond the rule", () => {
    const cautious = dueCount(waiting, facts, rule);
    const learned = gasShare(waiting.slice(0, cautious), BigInt(cautious) * 40_000n);
    assert(cautious < 75);
    assert(dueCount(waiting, { ...facts, share: learned }, rule) > 2 * cautious);
    assert.equal(dueCount(waiting, { ...facts, share: 0.1 }, rule), rule.size);
  });

  it("is learned between a tenth and all of what messages may take", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.bigInt({ min: 0n, max: 2n ** 40n }), (count, gas) => {
        const share = gasShare(waiting.slice(0, count), gas);
        assert(share >= 0.1 && share <= 1);
      }),
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
