import { getBytes } from "ethers";
import type { Attestation, Point } from "../../domain/bridge.ts";
import { verify } from "../../domain/ed25519.ts";
import { FatalError, RetryableError } from "../../domain/errors.ts";
import type { LaneId, PublicKey } from "../../domain/ids.ts";
import type { JobContext } from "../../platform/queues.ts";
import { digestOf } from "../../domain/attestation.ts";
import { assembleQuorum } from "../core/quorum.ts";
import type { AttestationStore, Destination } from "../ports.ts";
import { requireEd25519 } from "./scheme.ts";

/** What an aggregator works with. */
export type AggregatorServices = {
  readonly destination: Destination;
  readonly attestations: AttestationStore;
  /** The lane of validator sets to the destination, if the network has a registry. */
  readonly setLane: LaneId | undefined;
  readonly requestDelivery: (point: Point) => Promise<void>;
  /** Shows the watchtower what a validator signed; undefined where there is none. */
  readonly watch: ((attestation: Attestation) => Promise<void>) | undefined;
  /** Told of each genuine attestation, late ones among them, and of the set at that moment. */
  readonly onSeen?: (validator: PublicKey, members: readonly PublicKey[]) => void;
  /** Told of each attestation that counts. */
  readonly onCounted?: (validator: PublicKey) => void;
};

/** Collects attestations for one destination, and asks for a delivery as soon as a point has a quorum. */
export class Aggregator {
  readonly #services: AggregatorServices;

  constructor(services: AggregatorServices) {
    this.#services = services;
  }

  /**
   * Handles one attestation. Nothing counts before its signature was checked. The watchtower is shown whatever is genuine, before it
   * is known whether it counts: evidence is among what does not.
   */
  async collect(point: Point, attestation: Attestation, { logger }: JobContext): Promise<void> {
    const { destination, attestations, requestDelivery, setLane, watch, onSeen, onCounted } = this.#services;
    requireGenuine(attestation);
    const [current, head] = await Promise.all([
      destination.validatorSet(),
      point.lane === setLane ? undefined : destination.head(point.originChainId),
      watch?.(attestation),
    ]);
    const set = requireEd25519(current);
    onSeen?.(attestation.validator, set.members);
    const accepted = head?.nonce ?? set.epoch;
    if (point.nonce <= accepted) return; // delivered already, perhaps on the word of others
    requireMeantFor(attestation, destination, set.epoch);
    if (attestation.epoch < set.epoch) {
      // Between signing and this the set was replaced. The lane stands still without it, so its point is asked for again, of the new set.
      logger.info(
        { lane: point.lane, validator: attestation.validator },
        "attested for a set that is replaced",
      );
      return;
    }
    if (!set.members.includes(attestation.validator))
      throw new FatalError(
        "NOT_A_VALIDATOR",
        `${attestation.validator} attested to nonce ${point.nonce} of lane ${point.lane} but is not in the validator set of epoch ${set.epoch}; ignored.`,
      );

    const signatures = await attestations.add(point, attestation);
    onCounted?.(attestation.validator);
    const fields = {
      lane: point.lane,
      nonce: point.nonce.toString(),
      messageId: point.messageId,
      validator: attestation.validator,
    };
    logger.info({ ...fields, attested: signatures.size, threshold: set.threshold }, "attestation counted");
    if (assembleQuorum(set, signatures) !== undefined) await requestDelivery(point);
  }
}

/** Also what is delivered already must verify: what a validator signed too late may be evidence, junk is none. */
function requireGenuine({ validator, signature, ...statement }: Attestation): void {
  if (!verify(getBytes(signature), getBytes(digestOf(statement)), getBytes(validator)))
    throw new FatalError(
      "BAD_SIGNATURE",
      `The attestation of ${validator} to nonce ${statement.nonce} of lane ${statement.lane} does not verify; ignored.`,
    );
}

function requireMeantFor(attestation: Attestation, { domain }: Destination, epoch: bigint): void {
  if (attestation.domain === domain && attestation.epoch === epoch + 1n)
    throw new RetryableError(
      "EPOCH_AHEAD",
      `${attestation.validator} attested for epoch ${attestation.epoch}, and the Inbox shows epoch ${epoch} here. Its node may be ahead of this one; it will be looked at again.`,
    );
  if (attestation.domain !== domain || attestation.epoch > epoch)
    throw new FatalError(
      "WRONG_DOMAIN",
      `The attestation of ${attestation.validator} is for domain ${attestation.domain} and epoch ${attestation.epoch}, not for ${domain} and ${epoch}; ignored.`,
    );
}
