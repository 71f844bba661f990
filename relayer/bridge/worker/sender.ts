import type { Lane, LaneHead, Point, Quorum } from "../../domain/bridge.ts";
import { FatalError, RetryableError } from "../../domain/errors.ts";
import type { JobContext } from "../../platform/queues.ts";
import { planDelivery } from "../core/delivery.ts";
import { assembleQuorum } from "../core/quorum.ts";
import { requireEd25519 } from "./scheme.ts";
import type { AttestationStore, Deliverer, Destination, Origin } from "../ports.ts";

/** The most messages in one delivery before gas is asked about. */
const MOST_MESSAGES = 200;

/** What a sender works with. */
export type SenderServices = {
  readonly origin: Origin;
  readonly destination: Destination;
  readonly attestations: AttestationStore;
  readonly deliverer: Deliverer;
};

type AttestedPoint = { readonly point: Point; readonly quorum: Quorum };

/** Delivers one lane: everything below the highest point with a quorum, in batches as large as gas allows. */
export class Sender {
  readonly #lane: Lane;
  readonly #services: SenderServices;

  constructor(lane: Lane, services: SenderServices) {
    this.#lane = lane;
    this.#services = services;
  }

  /**
   * Delivers until the Inbox has accepted `wanted`, or until no more quorums are known. Where the Inbox stands is read anew
   * before each delivery, so doing this twice, or beside another sender, delivers nothing twice.
   */
  async deliver(wanted: Point, { logger, signal }: JobContext): Promise<void> {
    const { destination, attestations } = this.#services;
    let most = MOST_MESSAGES;
    for (;;) {
      const head = await destination.head(this.#lane.originChainId);
      await attestations.prune(this.#lane.id, head.nonce);
      if (head.nonce >= wanted.nonce) return;
      const attested = await this.#highestAttested(head);
      // A wipe took the attestations along: the watcher asks for them again, and the next quorum brings a new job.
      if (attested === undefined) return;
      const result = await this.#deliverSome(head, attested, most, { logger, signal });
      if (result === "stale") throw stale(this.#lane);
      if (result === "too-big" && most === 1) throw tooBig(this.#lane, head);
      most = result === "too-big" ? Math.floor(most / 2) : MOST_MESSAGES;
    }
  }

  async #deliverSome(
    head: LaneHead,
    { point, quorum }: AttestedPoint,
    most: number,
    { logger, signal }: JobContext,
  ) {
    const { origin, deliverer } = this.#services;
    const messages = await origin.messages(this.#lane.id, head.nonce + 1n, point.nonce);
    const delivery = planDelivery(head, messages, point, most);
    const result = await deliverer.deliver(this.#lane, delivery, quorum, signal);
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
