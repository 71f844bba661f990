import type { Lane, LaneHead, Message, Point, Quorum } from "../../domain/bridge.ts";
import { FatalError, RetryableError } from "../../domain/errors.ts";
import type { Clock } from "../../platform/clock.ts";
import type { JobContext } from "../../platform/queues.ts";
import { type BatchRule, dueCount } from "../core/batch.ts";
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

type AttestedPoint = { readonly point: Point; readonly quorum: Quorum };

/**
 * Delivers one lane: everything below the highest point with a quorum, in batches by age, size and gas. So a lone message waits
 * for a moment only, and under load the cost of a delivery is shared by many.
 */
export class Sender {
  readonly #lane: Lane;
  readonly #services: SenderServices;
  readonly #rule: BatchRule;
  /** Since when the lane's next message has waited here with a quorum, by its nonce. */
  #oldest: { readonly nonce: bigint; readonly since: number } | undefined;

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
    }
  }

  /** @returns undefined when the Inbox has accepted `wanted`, or no quorum is known for more */
  async #awaitBatch(wanted: Point, signal: AbortSignal): Promise<Due | undefined> {
    const { origin, destination, attestations, clock } = this.#services;
    for (;;) {
      const head = await destination.head(this.#lane.originChainId);
      await attestations.prune(this.#lane.id, head.nonce);
      if (head.nonce >= wanted.nonce) return undefined;
      const attested = await this.#highestAttested(head);
      // A wipe took the attestations along: the watcher asks for them again, and the next quorum brings a new job.
      if (attested === undefined) return undefined;
      const messages = await origin.messages(this.#lane.id, head.nonce + 1n, attested.point.nonce);
      const waited = this.#waited(head.nonce + 1n);
      const count = dueCount(messages, waited, this.#rule);
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

  async #highestAttested(head: LaneHead): Promise<AttestedPoint | undefined> {
    const { destination, attestations } = this.#services;
    const set = requireEd25519(await destination.validatorSet());
    for (const point of await attestations.pointsAbove(this.#lane.id, head.nonce)) {
      const quorum = assembleQuorum(set, await attestations.signatures(point, set.epoch));
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
