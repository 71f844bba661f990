import type { Ed25519Set, Lane } from "../../domain/bridge.ts";
import type { Emit } from "../../domain/events.ts";
import type { Hash, LaneId, PublicKey } from "../../domain/ids.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { digestOf } from "../../domain/attestation.ts";
import { type Absentee, absences, isDown, nextMove } from "../core/downtime.ts";
import { assembleQuorum } from "../core/quorum.ts";
import { DOWNTIME_WINDOW } from "../core/slashing.ts";
import type { WatchtowerMetrics } from "../metrics.ts";
import type { Answer, PointLog, PointRecord, Reported, SetOrigin, SignedPoint } from "../ports.ts";

/** How long after the first attestation to a point the others may come before one that did not counts as missing. */
const SETTLE_MILLISECONDS = 60_000;
/** How many of an epoch's newest points are looked through for some at which a validator is missing. */
const SEARCHED = 10 * DOWNTIME_WINDOW;
/** How many points are recorded before what else there is to do has its turn again. */
const RECORDED_AT_ONCE = 8;
/** How many answers one transaction carries: some 60,000 gas each. */
const ANSWERS_AT_ONCE = 100;

/** What a {@link DowntimeWatch} works with. */
export type DowntimeServices = {
  readonly record: PointRecord;
  readonly log: PointLog;
  readonly sets: SetOrigin;
  /** The set that signs now. */
  readonly currentEpoch: () => Promise<bigint>;
  /** The lanes of the network, those of validator sets among them. */
  readonly lanes: ReadonlyMap<LaneId, Lane>;
  readonly emit: Emit;
  readonly metrics: Pick<WatchtowerMetrics, "missed" | "judged">;
  readonly clock: Clock;
  readonly logger: Logger;
};

/**
 * Sees which validators do not attest, tells of them, and makes claims of downtime: it records points at which one is missing on the
 * home chain, with every signature that it has seen, and opens a case once the grace for answers is over. Those who did sign and
 * were left out by other recorders it answers for.
 */
export class DowntimeWatch {
  readonly #services: DowntimeServices;
  readonly #isReporting: boolean;
  /** Those of whom was told that they are missing. */
  readonly #told = new Set<PublicKey>();
  /** Points that the log on the home chain has already. */
  readonly #recorded = new Set<Hash>();

  /** @param isReporting whether points are recorded and claims made; otherwise it only tells, and answers */
  constructor(isReporting: boolean, services: DowntimeServices) {
    this.#services = services;
    this.#isReporting = isReporting;
  }

  /** Looks once at the present epoch. What is begun here goes on from what the chain says, so it can be killed at any moment. */
  async tick(signal: AbortSignal): Promise<void> {
    const { sets, record, clock, currentEpoch } = this.#services;
    const epoch = await currentEpoch();
    const set = (await sets.finalSet(epoch))?.set;
    if (set?.scheme !== "Ed25519") return;
    await this.#answer(set, signal);
    const settled = clock.now() - SETTLE_MILLISECONDS;
    const attested = () =>
      record.points(epoch, settled, SEARCHED).filter(({ present }) => present.size >= set.threshold);
    const newest = [...attested().take(DOWNTIME_WINDOW)];
    const counts = absences(
      set.members,
      newest.map(({ present }) => present),
    );
    this.#tell(counts, epoch, newest.length);
    const down = counts.filter(isDown);
    if (!this.#isReporting || down.length === 0) return;
    const points = [...attested()];
    for (const absentee of down) await this.#pursue(absentee, set, points, signal);
  }

  #tell(counts: readonly Absentee[], epoch: bigint, points: number): void {
    const { metrics, emit } = this.#services;
    metrics.missed.reset();
    metrics.judged.set(points);
    for (const absentee of counts) {
      const { key: validator, missed } = absentee;
      metrics.missed.set({ validator }, missed);
      const isMissing = isDown(absentee);
      if (isMissing === this.#told.has(validator)) continue;
      const kind = isMissing ? "validator-missing" : "validator-back";
      emit({ kind, validator, epoch, missed, points });
      if (isMissing) this.#told.add(validator);
      else this.#told.delete(validator);
    }
  }

  /** One step on the way to a claim. */
  async #pursue(
    { key, index }: Absentee,
    set: Ed25519Set,
    points: readonly SignedPoint[],
    signal: AbortSignal,
  ): Promise<void> {
    const { log, record } = this.#services;
    const { count, claimableFrom, now } = await log.state(key, set.epoch);
    const first = Math.max(claimableFrom, count - 2 * DOWNTIME_WINDOW);
    const recorded = await log.points(set.epoch, first, count);
    const move = nextMove({ points: recorded, first }, index, now);
    if (move.kind === "claim") {
      const content = { key, from: move.from, index, set };
      record.openCase({ offence: "ExtendedDowntime", content });
    }
    if (move.kind !== "record") return;
    const absent = points.filter((point) => !point.present.has(key) && !this.#recorded.has(digestOf(point)));
    // Fewer than make a window are not worth their gas: it is down for longer, or it is not.
    if (absent.length < move.count) return;
    for (const point of absent.slice(0, Math.min(move.count, RECORDED_AT_ONCE)))
      await this.#record(point, set, signal);
  }

  async #record(point: SignedPoint, set: Ed25519Set, signal: AbortSignal): Promise<void> {
    const { log, lanes } = this.#services;
    const lane = lanes.get(point.lane);
    // All who signed are named: who was there has nothing to answer for.
    const quorum = assembleQuorum(set, point.signatures, set.members.length);
    if (lane === undefined || quorum === undefined) {
      this.#recorded.add(digestOf(point));
      return;
    }
    const reported = await log.record(point, lane, quorum, signal);
    if (!("turnedDown" in reported) || reported.turnedDown === "PointKnown")
      this.#recorded.add(digestOf(point));
    this.#say(point, reported);
  }

  /** Adds the signatures that it has seen to recorded points where they are missing. */
  async #answer(set: Ed25519Set, signal: AbortSignal): Promise<void> {
    const { log, record } = this.#services;
    const answers: Answer[] = [];
    for (const { digest, signers } of await log.answerable(set.epoch)) {
      const signatures = record.point(digest)?.signatures;
      for (const [index, key] of set.members.entries()) {
        const signature = signatures?.get(key);
        if (signature !== undefined && ((signers >> BigInt(index)) & 1n) === 0n)
          answers.push({ digest, index, signature });
      }
    }
    const some = answers.slice(0, ANSWERS_AT_ONCE);
    if (some.length === 0) return;
    const reported = await log.answer(set, some, signal);
    this.#services.logger.info({ answers: some.length, ...reported }, "answered for validators that signed");
  }

  #say({ lane, nonce, epoch }: SignedPoint, reported: Reported): void {
    const { logger } = this.#services;
    const fields = { lane, nonce: nonce.toString(), epoch: epoch.toString(), ...reported };
    if ("turnedDown" in reported) logger.warn(fields, "a point was not recorded; the chain is read again");
    else logger.info(fields, "recorded a point at which a validator is missing");
  }
}
