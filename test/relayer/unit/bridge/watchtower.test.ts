import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { getBytes } from "ethers";
import fc from "fast-check";
import { Registry } from "prom-client";
import { LocalSigningKey } from "../../../../relayer/bridge/adapters/local-key.ts";
import { digestOf } from "../../../../relayer/domain/attestation.ts";
import { type CaseFacts, nextStep, subjectOf } from "../../../../relayer/bridge/core/case.ts";
import { placeIdOf, type Refusal } from "../../../../relayer/bridge/core/slashing.ts";
import { createWatchtowerMetrics } from "../../../../relayer/bridge/metrics.ts";
import { PATIENCE_BLOCKS, TruthChecker } from "../../../../relayer/bridge/worker/truth-checker.ts";
import { Watchtower } from "../../../../relayer/bridge/worker/watchtower.ts";
import type { Attestation, Statement } from "../../../../relayer/domain/bridge.ts";
import { FatalError } from "../../../../relayer/domain/errors.ts";
import type { DomainEvent } from "../../../../relayer/domain/events.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { A, B, hashOf, laneOf, signatureOf } from "../../support/bridge.ts";
import { FakeDestination, FakeOrigin } from "../../support/fakes.ts";
import { FakeReporter, FakeWatchRecord } from "../../support/watch-fakes.ts";

const logger = createLogger("silent", {});
const { signal } = new AbortController();
const keys = ["one", "two"].map((name) => new LocalSigningKey(getBytes(hashOf(name))));
const [liar = assert.fail(), honest = assert.fail()] = keys;
const domain = hashOf("domain");

async function attestation(key: LocalSigningKey, given: Partial<Statement> = {}): Promise<Attestation> {
  const statement = {
    domain,
    lane: laneOf("A-B"),
    nonce: 1n,
    accumulator: hashOf("truth"),
    epoch: 1n,
    ...given,
  };
  return {
    ...statement,
    validator: key.publicKey,
    signature: await key.sign(digestOf(statement)),
  };
}

let record: FakeWatchRecord;
let reporter: FakeReporter;
let events: DomainEvent[];
beforeEach(() => {
  record = new FakeWatchRecord();
  reporter = new FakeReporter();
  for (const key of keys) reporter.members.add(key.publicKey);
  events = [];
});

/** A new process on the same record and chain. */
function start(): Watchtower {
  return new Watchtower({
    record,
    reporter,
    truth: { tick: () => Promise.resolve() },
    domains: new Set([domain]),
    emit: (event) => events.push(event),
    metrics: createWatchtowerMetrics(new Registry()),
    logger,
  });
}

describe("what a watchtower makes of attestations", () => {
  it("is one case for each place where a validator signed two accumulators, and none for others", async () => {
    const seen = fc.record({
      isLiar: fc.boolean(),
      nonce: fc.bigInt({ min: 1n, max: 3n }),
      story: fc.integer({ min: 0, max: 2 }),
      epoch: fc.bigInt({ min: 1n, max: 2n }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(seen, fc.boolean()), { maxLength: 20 }), async (all) => {
        record = new FakeWatchRecord();
        const stories = new Map<string, Set<string>>();
        let watchtower = start();
        for (const [{ isLiar, nonce, story, epoch }, restarts] of all) {
          if (restarts) watchtower = start();
          // The honest one says the same in every epoch.
          const accumulator = hashOf(isLiar ? `story ${story}` : "truth");
          const shown = await attestation(isLiar ? liar : honest, { nonce, accumulator, epoch });
          await watchtower.watch(shown, { logger });
          await watchtower.watch(shown, { logger });
          const place = `DoubleSigning ${shown.validator} ${placeIdOf(shown)}`;
          stories.set(place, (stories.get(place) ?? new Set()).add(accumulator));
        }
        const expected = [...stories].filter(([, told]) => told.size > 1).map(([place]) => place);
        assert.deepEqual(record.cases.map(({ key }) => key).toSorted(), expected.toSorted());
        assert(record.cases.every(({ key }) => key.includes(liar.publicKey)));
      }),
      { numRuns: 50 },
    );
  });

  it("is nothing for who has no stake in the epoch or signs what no contract here judges, and junk is rejected", async () => {
    const watchtower = start();
    const stranger = new LocalSigningKey(getBytes(hashOf("stranger")));
    for (const accumulator of [hashOf("truth"), hashOf("lie")]) {
      await watchtower.watch(await attestation(stranger, { accumulator }), { logger });
      await watchtower.watch(await attestation(liar, { accumulator, domain: hashOf("other") }), { logger });
      await watchtower.watch(await attestation(liar, { accumulator, nonce: 2n ** 64n }), { logger });
      await watchtower.watch(await attestation(liar, { accumulator, epoch: 2n ** 64n }), { logger });
      const junk = { ...(await attestation(liar, { accumulator })), signature: signatureOf("junk") };
      await assert.rejects(
        watchtower.watch(junk, { logger }),
        (error) => error instanceof FatalError && error.code === "BAD_SIGNATURE",
      );
    }
    assert.deepEqual([record.cases, record.unchecked(9)], [[], []]);
  });
});

describe("the report of an offence", () => {
  const plant = async (watchtower: Watchtower) => {
    for (const accumulator of [hashOf("truth"), hashOf("lie")])
      await watchtower.watch(await attestation(liar, { accumulator }), { logger });
  };

  it("is committed to, revealed in a later block, settled when that is final, and rewarded; each once", async () => {
    const watchtower = start();
    await plant(watchtower);
    const states: string[] = [];
    for (let i = 0; i < 6; i++) {
      await watchtower.tick(signal);
      states.push(record.cases[0]?.state ?? "none");
      if (i > 2) reporter.now++;
    }
    assert.deepEqual([...new Set(states)], ["committed", "submitted", "settled"]);
    assert.deepEqual([reporter.punished.length, reporter.unripe, reporter.claimed], [1, 0, 1n]);
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ["offence-found", "offence-punished"],
    );
  });

  it("ends punished exactly once and settled, whenever processes die, blocks pass or others are faster", async () => {
    const happening = fc.constantFrom("tick", "before", "after", "restart", "block", "long", "others");
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 25 }), async (happenings) => {
        record = new FakeWatchRecord();
        reporter = new FakeReporter();
        reporter.members.add(liar.publicKey);
        let watchtower = start();
        await plant(watchtower);
        const [subject = assert.fail()] = record.cases;
        for (const each of happenings) {
          if (each === "block") reporter.now++;
          if (each === "long") reporter.now += reporter.commitLife + 1n;
          if (each === "others") reporter.punishByOthers(subject);
          if (each === "before" || each === "after") reporter.fault = each;
          if (["tick", "before", "after"].includes(each))
            await watchtower.tick(signal).catch(() => undefined);
          if (["restart", "before", "after"].includes(each)) {
            reporter.fault = undefined;
            watchtower = start();
          }
        }
        for (let i = 0; i < 6; i++, reporter.now++) await watchtower.tick(signal);
        assert.equal(record.cases[0]?.state, "settled");
        assert.equal(reporter.punished.length, 1);
        assert.deepEqual([reporter.unripe, reporter.rewards], [0, 0n]);
      }),
      { numRuns: 200 },
    );
  });

  it("does not stop the other reports when one fails", async () => {
    const watchtower = start();
    await plant(watchtower);
    for (const accumulator of [hashOf("truth"), hashOf("lie")])
      await watchtower.watch(await attestation(liar, { accumulator, nonce: 2n }), { logger });
    reporter.fault = "before";
    await assert.rejects(watchtower.tick(signal), /killed before/);
    assert.deepEqual(
      record.cases.map(({ state }) => state),
      ["seen", "committed"],
    );
  });
});

describe("the next step of a case", () => {
  const facts: CaseFacts = {
    judgement: {
      kind: "punished",
      offence: "DoubleSigning",
      epoch: 1n,
      penalty: 5n,
      isTombstoned: true,
      isJailed: false,
    },
    aftermath: { kind: "none" },
    committedAt: 0n,
    commitLife: 100n,
    canProve: false,
    now: 1_000n,
  };
  const refused = (reason: Refusal) => ({ kind: "refused", reason }) as const;
  const pending = (executableAt: bigint) => ({ kind: "pending", id: 1n, executableAt }) as const;
  const punished = (isFinal: boolean) => ({ kind: "punished", isFinal, punishment }) as const;
  const punishment = {
    reporter: new FakeReporter().account,
    taken: 5n,
    transactionHash: hashOf("punishment"),
  };
  for (const [what, given, state, kind] of [
    ["commits where there is no commitment", {}, "seen", "commit"],
    ["waits in the commitment's own block", { committedAt: 1_000n }, "committed", "wait"],
    ["reveals in a later block", { committedAt: 999n }, "committed", "submit"],
    ["reveals at the very end of a commitment's life", { committedAt: 900n }, "committed", "submit"],
    ["commits anew after that", { committedAt: 899n }, "seen", "commit"],
    ["gives up on what expired", { judgement: refused("EvidenceExpired") }, "refused", "refuse"],
    ["waits for what may be a node that lags", { judgement: refused("NotMember") }, "seen", "wait"],
    ["waits for facts of other chains", { judgement: refused("FactMissing") }, "seen", "wait"],
    ["proves those of its own", { judgement: refused("FactMissing"), canProve: true }, "seen", "prove"],
    ["waits for what became of it", { judgement: refused("EvidenceUsed") }, "submitted", "wait"],
    ["waits until the punishment is final", { aftermath: punished(false) }, "submitted", "wait"],
    ["is done with one that is", { aftermath: punished(true) }, "settled", "settle"],
    ["waits while there may be a veto", { aftermath: pending(1_001n) }, "submitted", "wait"],
    ["has the slash carried out after that", { aftermath: pending(1_000n) }, "submitted", "execute"],
    ["gives up on what was vetoed", { aftermath: { kind: "vetoed" } }, "refused", "refuse"],
    ["waits for the grace of points", { judgement: refused("GraceNotOver") }, "seen", "wait"],
    ["gives up on points that others claimed", { judgement: refused("PointsClaimed") }, "refused", "refuse"],
  ] as const)
    it(what, () => {
      const next = nextStep({ ...facts, ...given });
      assert.deepEqual([next.state, next.step.kind], [state, kind]);
    });
});

describe("the comparison with the origin", () => {
  let origin: FakeOrigin;
  let checker: TruthChecker;
  const destination = new FakeDestination();
  beforeEach(() => {
    origin = new FakeOrigin();
    for (let i = 0; i < 3; i++) origin.mine(1);
    origin.final = 2;
    checker = new TruthChecker({
      record,
      origins: new Map([[A, origin]]),
      destinations: new Map([[B, destination]]),
      sets: undefined,
    });
  });
  const say = async (nonce: bigint, accumulator = origin.sent[Number(nonce) - 1]?.accumulator) => {
    const lane = origin.lane.id;
    await record.add(
      await attestation(liar, { domain, lane, nonce, accumulator: accumulator ?? hashOf("x") }),
    );
  };
  const offences = () =>
    record.cases.map(({ evidence }) => {
      const { offence, where } = subjectOf(evidence);
      return [offence, "lane" in where ? where.nonce : undefined];
    });

  it("finds what is true, waits for what is not final, and opens a case for what is false", async () => {
    await say(1n);
    await say(2n, hashOf("a lie"));
    await say(3n, hashOf("a lie that is not final yet"));
    await checker.tick();
    assert.deepEqual(offences(), [["FalseProof", 2n]]);
    assert.equal(record.unchecked(9).length, 1);
    origin.final = 3;
    await checker.tick();
    await checker.tick();
    assert.deepEqual(offences(), [
      ["FalseProof", 2n],
      ["FalseProof", 3n],
    ]);
    assert.deepEqual(record.unchecked(9), []);
  });

  it("takes a point beyond the head for a lie only after a while, and never one that comes meanwhile", async () => {
    await say(9n); // nobody ever sends so many
    origin.mine(1);
    const [ahead = assert.fail()] = origin.sent.slice(-1);
    origin.reorganise(1); // the honest one's node has a block that ours has not seen yet
    const { nonce, accumulator } = ahead;
    await record.add(await attestation(honest, { lane: origin.lane.id, nonce, accumulator }));
    await checker.tick();
    origin.final += PATIENCE_BLOCKS - 1;
    await checker.tick();
    assert.deepEqual(offences(), []);
    origin.sent.push(ahead);
    origin.final += 1;
    await checker.tick();
    assert.deepEqual(offences(), [["FalseProof", 9n]]);
    assert.deepEqual(record.unchecked(9), []);
  });

  it("leaves lanes and Inboxes of other networks alone", async () => {
    await record.add(await attestation(liar, { lane: laneOf("elsewhere") }));
    await record.add(await attestation(liar, { lane: origin.lane.id, nonce: 0n }));
    await record.add(await attestation(liar, { domain: hashOf("elsewhere") }));
    await checker.tick();
    assert.deepEqual([record.cases, record.unchecked(9)], [[], []]);
  });
});
