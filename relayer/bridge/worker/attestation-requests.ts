import type { Point } from "../../domain/bridge.ts";
import { RetryableError } from "../../domain/errors.ts";
import type { ChainId, PublicKey } from "../../domain/ids.ts";

/** What asking validators works with. */
export type AttestationRequestServices = {
  /** The validators of a destination, and how many of them must attest. */
  readonly quorumOf: (
    destination: ChainId,
  ) => Promise<{ readonly members: readonly PublicKey[]; readonly threshold: number }>;
  /** How many points a validator has still to look at. */
  readonly depth: (validator: PublicKey) => Promise<number>;
  readonly add: (validator: PublicKey, point: Point) => Promise<void>;
};

/**
 * Asks validators to attest to points, no more than they keep up with.
 *
 * A validator whose queue is full is not asked: one that is away for days must not fill Redis. It misses nothing, for a later point
 * stands for all before it, and a lane that stands still is asked for again. When fewer than a quorum have room, nobody is asked
 * and the caller waits: the chain keeps the messages better than any queue.
 */
export class AttestationRequests {
  readonly #most: number;
  readonly #services: AttestationRequestServices;

  /** @param most how many points may wait for one validator */
  constructor(most: number, services: AttestationRequestServices) {
    this.#most = most;
    this.#services = services;
  }

  /** @throws RetryableError `BACK_PRESSURE` while fewer validators than a quorum have room */
  async request(point: Point): Promise<void> {
    const { quorumOf, depth, add } = this.#services;
    const { members, threshold } = await quorumOf(point.destinationChainId);
    const depths = await Promise.all(members.map(depth));
    const withRoom = members.filter((_, i) => (depths[i] ?? 0) < this.#most);
    if (withRoom.length < threshold)
      throw new RetryableError(
        "BACK_PRESSURE",
        `${members.length - withRoom.length} of ${members.length} validators have ${this.#most} points or more to look at, so no more are asked for until they catch up. No message is lost: the chain keeps them. Look whether the signers run (dchat queue list).`,
      );
    await Promise.all(withRoom.map((validator) => add(validator, point)));
  }
}
