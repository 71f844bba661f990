import type { Lane, LaneHead, Message, Point, Quorum } from "../../domain/bridge.ts";
import { FatalError, RetryableError } from "../../domain/errors.ts";
import type { Clock } from "../../platform/clock.ts";
import type { JobContext } from "../../platform/queues.ts";
import { type BatchRule, dueCount, gasShare } from "../core/batch.ts";
import { planDelivery } from "../core/delivery.ts";
import { assembleQuorum } from "../core/quorum.ts";
import { requireEd25519 } from "./scheme.ts";
import type { AttestationStore, Deliverer, Destination, Origin } from "../ports.ts";

/** How often a batch that waits for more messages is looked at, in milliseconds. */
const LOOK_MILLISECONDS = 50;

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
  /** Since when the lane's next message has waited here with a quorum, by its nonce. */
  #oldest: { readonly nonce: bigint; readonly since: number } | undefined;
  /** What messages of this lane take of the gas that they may. */
  #share = 1;

  constructor(lane: Lane, rule: BatchRule, services: SenderServices) {
    this.#lane = lane;
    this.#rule = rule;
    this.#services = services;
  }

  /**
   * Delivers until the Inbox has accepted `wanted`, or until no more quorums are known. Where the Inbox stands is read anew
   * before each delivery, so doing this twice, or beside another sender, delivers nothing twice.
   */
  async deliver(wanted: Point, { logger, signal }: JobContext): Promise<void> {
    let most = this.#rule.size;
    for (;;) {
      const due = await this.#awaitBatch(wanted, signal);
      if (due === undefined) return;
      const count = Math.min(due.count, most);
      const result = await this.#deliverSome({ ...due, count }, { logger, signal });
      if (result === "stale") throw stale(this.#lane);
      if (result === "too-big" && count === 1) throw tooBig(this.#lane, due.head);
      most = result === "too-big" ? Math.floor(count / 2) : this.#rule.size;
      this.#share = result === "too-big" ? 1 : gasShare(due.messages.slice(0, count), result.gasUsed);
    }
  }

  /** @returns undefined when the Inbox has accepted `wanted`, or no quorum is known for more */
  async #awaitBatch(wanted: Point, signal: AbortSignal): Promise<Due | undefined> {
    const { origin, destination, attestations, clock } = this.#services;
    for (;;) {
      const head = await destination.head(this.#lane.originChainId);
      await attestations.prune(this.#lane.id, head.nonce);
      if (head.nonce >= wanted.nonce) return undefined;
      const attested = await this.#attestedPoint(head);
      // A wipe took the attestations along: the watcher asks for them again, and the next quorum brings a new job.
      if (attested === undefined) return undefined;
      const messages = await origin.messages(this.#lane.id, head.nonce + 1n, attested.point.nonce);
      const waited = this.#waited(head.nonce + 1n);
      const facts = { waited, isMoreBehind: attested.isMoreBehind, share: this.#share };
      const count = dueCount(messages, facts, this.#rule);
      // Nothing was read: the plan says so in words.
      if (count > 0 || messages.length === 0) return { head, ...attested, messages, count };
      const left = this.#rule.ageMilliseconds - waited;
      await clock.sleep(Math.max(1, Math.min(LOOK_MILLISECONDS, left)), signal);
    }
  }

  #waited(nonce: bigint): number {
    const now = this.#services.clock.now();
    if (this.#oldest?.nonce !== nonce) this.#oldest = { nonce, since: now };
    return now - this.#oldest.since;
  }

  async #deliverSome({ head, point, quorum, messages, count }: Due, { logger, signal }: JobContext) {
    const delivery = planDelivery(head, messages, point, count);
    const result = await this.#services.deliverer.deliver(this.#lane, delivery, quorum, signal);
    const fields = { lane: this.#lane.id, messages: delivery.messages.map(({ id }) => id) };
    if (typeof result === "string") logger.info({ ...fields, result }, "not delivered this time");
    else logger.info({ ...fields, transactionHash: result.transactionHash }, "delivered");
    return result;
  }

  /** The highest point with a quorum within a batch's reach; else, as after a block with more messages, the lowest beyond. */
  async #attestedPoint({ nonce }: LaneHead): Promise<AttestedPoint | undefined> {
    const { destination, attestations } = this.#services;
    const set = requireEd25519(await destination.validatorSet());
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

  async #firstWithQuorum(points: readonly Point[], set: ReturnType<typeof requireEd25519>) {
    for (const point of points) {
      const signatures = await this.#services.attestations.signatures(point, set.epoch);
      const quorum = assembleQuorum(set, signatures);
      if (quorum !== undefined) return { point, quorum };
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
