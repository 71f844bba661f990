import type { Ed25519Set, Lane, LaneHead, Message, Point, Quorum } from "../../domain/bridge.ts";
import { FatalError, RetryableError } from "../../domain/errors.ts";
import type { Clock } from "../../platform/clock.ts";
import type { JobContext } from "../../platform/queues.ts";
import { type BatchRule, dueCount, gasBound, gasShare } from "../core/batch.ts";
import { planDelivery } from "../core/delivery.ts";
import { assembleQuorum } from "../core/quorum.ts";
import { requireEd25519 } from "./scheme.ts";
import type { AttestationStore, Deliverer, Destination, Origin } from "../ports.ts";

/** How often a batch that waits for more messages is looked at, in milliseconds: each look is some eight requests. */
const LOOK_MILLISECONDS = 125;

/** For how long it is believed where an Inbox stood, in milliseconds. */
const SEEN_MILLISECONDS = 1_000;

/** How many points with a quorum are remembered that wait: a sender that stands by is told of them, too, and delivers none. */
const MOST_WAITING = 1_000;

/** What a sender works with. */
export type SenderServices = {
  readonly origin: Origin;
  readonly destination: Destination;
  readonly attestations: AttestationStore;
  readonly deliverer: Deliverer;
  readonly clock: Clock;
};

/** A delivery that is due. */
type Due = AttestedPoint & {
  readonly head: LaneHead;
  readonly messages: readonly Message[];
  readonly count: number;
};

type AttestedPoint = {
  readonly point: Point;
  readonly quorum: Quorum;
  /** Whether points above it are known, attested by anybody. */
  readonly isMoreBehind: boolean;
};

/**
 * Delivers one lane: everything that a quorum attested to, in batches by age, size and gas. So a lone message waits for a moment
 * only, and under load the cost of a delivery is shared by many. It looks no further ahead than a batch goes, so that a delivery
 * costs the same however many messages wait behind it.
 */
export class Sender {
  readonly #lane: Lane;
  readonly #services: SenderServices;
  readonly #rule: BatchRule;
  /** Since when the lane's next message has waited with a quorum, by its nonce. */
  #oldest: { readonly nonce: bigint; readonly since: number } | undefined;
  /** When points that wait got their quorums, by their nonces, as far as that is known here. */
  readonly #attested = new Map<bigint, number>();
  /** Where the Inbox stood when it was read last. */
  #seen: { readonly nonce: bigint; readonly at: number } | undefined;
  /** What messages of this lane take of the gas that they may; undefined before the first delivery. */
  #share: number | undefined;
  /** The block of the last message that was delivered here. */
  #delivered: number | undefined;

  constructor(lane: Lane, rule: BatchRule, services: SenderServices) {
    this.#lane = lane;
    this.#rule = rule;
    this.#services = services;
  }

  /** Notes that a point has a quorum now: so messages grow old while another delivery is under way, too. */
  noteQuorum({ nonce }: Point): void {
    if (this.#attested.has(nonce) || this.#attested.size === MOST_WAITING) return;
    this.#attested.set(nonce, this.#services.clock.now());
  }

  /**
   * Delivers until the Inbox has accepted `wanted`, or until no more quorums are known. Where the Inbox stands is read anew
   * before each delivery, so doing this twice, or beside another sender, delivers nothing twice.
   */
  async deliver(wanted: Point, { logger, signal }: JobContext): Promise<void> {
    if (this.#isPast(wanted)) return;
    let most = this.#rule.size;
    for (;;) {
      const due = await this.#awaitBatch(wanted, signal);
      if (due === undefined) return;
      const count = Math.min(due.count, most);
      const result = await this.#deliverSome({ ...due, count }, { logger, signal });
      if (result === "stale") throw stale(this.#lane);
      if (result === "too-big" && count === 1) throw tooBig(this.#lane, due.head);
      most = result === "too-big" ? Math.floor(count / 2) : this.#rule.size;
      const done = due.messages.slice(0, count);
      this.#share = result === "too-big" ? undefined : gasShare(done, result.gasUsed);
      if (result !== "too-big") this.#delivered = done.at(-1)?.position.blockNumber;
    }
  }

  /** Whether the Inbox had accepted a point a moment ago: of many jobs that wait, one delivery does most. Not for long, since blocks may vanish. */
  #isPast({ nonce }: Point): boolean {
    const { clock } = this.#services;
    return (
      this.#seen !== undefined &&
      this.#seen.nonce >= nonce &&
      Math.abs(clock.now() - this.#seen.at) < SEEN_MILLISECONDS
    );
  }

  /** @returns undefined when the Inbox has accepted `wanted`, or no quorum is known for more */
  async #awaitBatch(wanted: Point, signal: AbortSignal): Promise<Due | undefined> {
    const { destination, attestations, clock } = this.#services;
    for (;;) {
      const [head, current] = await Promise.all([
        destination.head(this.#lane.originChainId),
        destination.validatorSet(),
      ]);
      this.#seen = { nonce: head.nonce, at: clock.now() };
      await attestations.prune(this.#lane.id, head.nonce);
      if (head.nonce >= wanted.nonce) return undefined;
      const attested = await this.#attestedPoint(head, requireEd25519(current));
      // A wipe took the attestations along: the watcher asks for them again, and the next quorum brings a new job.
      if (attested === undefined) return undefined;
      const messages = await this.#messages(head, attested.point);
      const waited = this.#waited(head.nonce + 1n);
      const facts = { waited, isMoreBehind: attested.isMoreBehind, share: this.#share ?? 1 };
      const count = dueCount(messages, facts, this.#rule);
      // Nothing was read: the plan says so in words.
      if (count > 0 || messages.length === 0) return { head, ...attested, messages, count };
      const left = this.#rule.ageMilliseconds - waited;
      await clock.sleep(Math.max(1, Math.min(LOOK_MILLISECONDS, left)), signal);
    }
  }

  #messages({ nonce }: LaneHead, point: Point): Promise<readonly Message[]> {
    const first = this.#delivered;
    const blocks = first === undefined ? undefined : { first, last: point.position.blockNumber };
    return this.#services.origin.messages(this.#lane.id, nonce + 1n, point.nonce, blocks);
  }

  #waited(nonce: bigint): number {
    const now = this.#services.clock.now();
    if (this.#oldest?.nonce !== nonce) {
      for (const each of this.#attested.keys()) if (each < nonce) this.#attested.delete(each);
      this.#oldest = { nonce, since: Math.min(now, ...this.#attested.values()) };
    }
    return Math.abs(now - this.#oldest.since); // a clock that is set back makes nobody wait
  }

  async #deliverSome({ head, point, quorum, messages, count }: Due, { logger, signal }: JobContext) {
    const share = this.#share;
    const gasLimit = share === undefined ? undefined : gasBound(messages.slice(0, count), share);
    const delivery = { ...planDelivery(head, messages, point, count), gasLimit };
    const result = await this.#services.deliverer.deliver(this.#lane, delivery, quorum, signal);
    const fields = { lane: this.#lane.id, messages: delivery.messages.map(({ id }) => id) };
    if (typeof result === "string") logger.info({ ...fields, result }, "not delivered this time");
    else logger.info({ ...fields, transactionHash: result.transactionHash }, "delivered");
    return result;
  }

  /** The highest point with a quorum within a batch's reach; else, as after a block with more messages, the lowest beyond. */
  async #attestedPoint({ nonce }: LaneHead, set: Ed25519Set): Promise<AttestedPoint | undefined> {
    const { attestations } = this.#services;
    const reach = nonce + BigInt(this.#rule.size);
    const known = await attestations.pointsAbove(this.#lane.id, nonce, reach + BigInt(this.#rule.size));
    const near = await this.#firstWithQuorum(
      known.filter((point) => point.nonce <= reach),
      set,
    );
    if (near !== undefined)
      return { ...near, isMoreBehind: known.some((point) => point.nonce > near.point.nonce) };
    const beyond = await attestations.pointsAbove(this.#lane.id, reach);
    const far = await this.#firstWithQuorum(beyond.toReversed(), set);
    return far && { ...far, isMoreBehind: true };
  }

  /** Mostly it is the first or the second; where it is not, more and more are asked for at once, since an answer may take its time. */
  async #firstWithQuorum(points: readonly Point[], set: Ed25519Set) {
    for (let from = 0, count = 1; from < points.length; from += count, count *= 4) {
      const some = points.slice(from, from + count);
      const signed = await Promise.all(
        some.map((point) => this.#services.attestations.signatures(point, set.epoch)),
      );
      for (const [i, signatures] of signed.entries()) {
        const [point, quorum] = [some[i], assembleQuorum(set, signatures)];
        if (point !== undefined && quorum !== undefined) return { point, quorum };
      }
    }
    return undefined;
  }
}

function stale({ id }: Lane): RetryableError {
  return new RetryableError(
    "STALE",
    `The Inbox moved on while a delivery of lane ${id} was under way. Nothing was doubled; the lane will be read again.`,
  );
}

function tooBig({ id }: Lane, { nonce }: LaneHead): FatalError {
  return new FatalError(
    "MESSAGE_TOO_BIG",
    `Message ${nonce + 1n} of lane ${id} does not fit into one transaction of the destination. The lane waits, and nothing is lost; raise the destination's gas cap.`,
    { lane: id },
  );
}
