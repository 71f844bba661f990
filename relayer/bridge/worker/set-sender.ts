import type { Point } from "../../domain/bridge.ts";
import { RetryableError } from "../../domain/errors.ts";
import type { JobContext } from "../../platform/queues.ts";
import { assembleQuorum } from "../core/quorum.ts";
import type { AttestationStore, Destination, SetDeliverer, SetOrigin } from "../ports.ts";
import { requireEd25519 } from "./scheme.ts";

/** What a sender of sets works with. */
export type SetSenderServices = {
  readonly sets: SetOrigin;
  readonly destination: Destination;
  readonly attestations: AttestationStore;
  readonly deliverer: SetDeliverer;
};

/** Rotates the validator set of one Inbox. */
export class SetSender {
  readonly #services: SetSenderServices;

  constructor(services: SetSenderServices) {
    this.#services = services;
  }

  /** Rotates to the set of `point`, unless the Inbox has it or a quorum is missing. Doing it twice rotates once. */
  async rotate(point: Point, { logger, signal }: JobContext): Promise<void> {
    const { sets, destination, attestations, deliverer } = this.#services;
    const current = requireEd25519(await destination.validatorSet());
    if (current.epoch >= point.nonce) return attestations.prune(point.lane, current.epoch);
    const formed = await sets.finalSet(point.nonce);
    const quorum = assembleQuorum(current, await attestations.signatures(point, current.epoch));
    // A wipe took the attestations along: the rotator asks again, and the next quorum brings a new job.
    if (formed === undefined || quorum === undefined) return;
    const result = await deliverer.rotate(formed.set, quorum, signal);
    if (result === "stale")
      throw new RetryableError(
        "STALE",
        `The Inbox on chain ${destination.chainId} moved on while a rotation was under way. Nothing was changed; it will be read again.`,
      );
    logger.info({ epoch: formed.set.epoch.toString(), ...result }, "validator set rotated");
  }
}
