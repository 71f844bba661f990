import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { absences, isDown, nextMove, type RecordedPoint } from "../../../../relayer/bridge/core/downtime.ts";
import { DOWNTIME_WINDOW } from "../../../../relayer/bridge/core/slashing.ts";
import { publicKeyOfText } from "../../support/bridge.ts";

const MEMBER = 2;
const GRACE = 10n;
const there = (is: boolean, at: bigint): RecordedPoint => ({
  signers: is ? 0b111n : 0b011n,
  graceUntil: at + GRACE,
});

/** Whether the contract would take a claim about the window that begins at `from`. */
function isClaimable(points: readonly RecordedPoint[], from: number, now: bigint): boolean {
  const window = points.slice(from, from + DOWNTIME_WINDOW);
  const missed = window.filter(({ signers }) => ((signers >> BigInt(MEMBER)) & 1n) === 0n).length;
  return (
    window.length === DOWNTIME_WINDOW &&
    2 * missed > DOWNTIME_WINDOW &&
    window.every(({ graceUntil }) => graceUntil <= now)
  );
}
const anyClaimable = (points: readonly RecordedPoint[], now: bigint) =>
  points.some((_, from) => isClaimable(points, from, now));

describe("who is missing", () => {
  it("is counted for each member by the points that it did not sign", () => {
    const [one, two, three] = ["one", "two", "three"].map(publicKeyOfText);
    assert(one !== undefined && two !== undefined && three !== undefined);
    const signed = [new Set([one, two]), new Set([one]), new Set([one, two, three])];
    assert.deepEqual(
      absences([one, two, three], signed).map(({ index, missed }) => [index, missed]),
      [
        [0, 0],
        [1, 1],
        [2, 2],
      ],
    );
  });

  it("is an offence from the fifty-first of a hundred points on", () => {
    assert.deepEqual(
      [50, 51].map((missed) => isDown({ missed })),
      [false, true],
    );
  });
});

describe("the way to a claim of downtime", () => {
  const log = fc.array(fc.boolean(), { maxLength: 230 });

  it("claims a window that the contract takes, and waits or records only where there is none", () => {
    fc.assert(
      fc.property(
        log,
        fc.integer({ min: 0, max: 50 }),
        fc.bigInt({ min: 0n, max: 300n }),
        (signed, first, now) => {
          const points = signed.map((is, i) => there(is, BigInt(i)));
          const move = nextMove({ points, first }, MEMBER, now);
          if (move.kind === "claim") assert(isClaimable(points, move.from - first, now));
          else assert(!anyClaimable(points, now));
        },
      ),
    );
  });

  it("records the fewest points that make a window, and then claims it", () => {
    fc.assert(
      fc.property(log, (signed) => {
        const now = 1_000n;
        const points = signed.map((is, i) => there(is, BigInt(i)));
        const move = nextMove({ points, first: 0 }, MEMBER, now);
        if (move.kind !== "record") return;
        const more = (count: number) => [...points, ...Array.from({ length: count }, () => there(false, 0n))];
        assert(!anyClaimable(more(move.count - 1), now));
        const after = nextMove({ points: more(move.count), first: 0 }, MEMBER, now);
        assert.equal(after.kind, "claim");
      }),
    );
  });

  it("waits for the grace of a window's last point, and begins with a hundred points where there are none", () => {
    const points = Array.from({ length: DOWNTIME_WINDOW }, (_, i) => there(false, BigInt(i)));
    const last = BigInt(DOWNTIME_WINDOW - 1) + GRACE;
    assert.deepEqual(nextMove({ points, first: 7 }, MEMBER, last - 1n), { kind: "wait" });
    assert.deepEqual(nextMove({ points, first: 7 }, MEMBER, last), { kind: "claim", from: 7 });
    assert.deepEqual(nextMove({ points: [], first: 0 }, MEMBER, last), { kind: "record", count: 100 });
  });
});
