import type { Attestation, Point } from "../../domain/bridge.ts";
import { FatalError, RetryableError } from "../../domain/errors.ts";
import type { ChainId, LaneId } from "../../domain/ids.ts";
import type { JobContext } from "../../platform/queues.ts";
import { setLane, setPoint } from "../core/rotation.ts";
import type { Destination, SetOrigin } from "../ports.ts";
import type { SigningGate } from "./signing-gate.ts";

/** What a signer of sets works with. The chains are read through the validator's own nodes. */
export type SetSignerServices = {
  readonly sets: SetOrigin;
  readonly destinations: ReadonlyMap<ChainId, Destination>;
  readonly gate: SigningGate;
  readonly publish: (point: Point, attestation: Attestation) => Promise<void>;
};

/**
 * Attests to validator sets for one validator. What a job says is looked up in the registry on the home chain and must be final
 * there: a set that the registry did not form is a false proof, and costs the whole bond.
 */
export class SetSigner {
  readonly #services: SetSignerServices;

  constructor(services: SetSignerServices) {
    this.#services = services;
  }

  /** The lane of validator sets to `destination`. */
  laneTo(destination: ChainId): LaneId {
    return setLane(this.#services.sets.home, destination).id;
  }

  /** Handles one request. Doing it twice gives the same attestation. */
  async attest({ destinationChainId, nonce, lane }: Point, { logger }: JobContext): Promise<void> {
    const { sets, destinations, gate, publish } = this.#services;
    const destination = destinations.get(destinationChainId);
    const formed = await sets.finalSet(nonce);
    if (formed === undefined || destination === undefined)
      throw new RetryableError(
        "NOT_FINAL",
        `The registry does not show the set of epoch ${nonce} in a final block yet, or this validator does not serve chain ${destinationChainId}. Nothing was signed; it will be looked up again.`,
      );
    const point = setPoint(sets.home, destinationChainId, formed);
    if (point.lane !== lane)
      throw new FatalError(
        "UNKNOWN_LANE",
        `Asked to attest to a validator set on lane ${lane}, which is not the registry's to chain ${destinationChainId}. Nothing was signed.`,
      );
    const { epoch } = await destination.validatorSet();
    if (epoch >= nonce) return; // rotated already
    if (epoch + 1n < nonce)
      throw new RetryableError(
        "NOT_DUE",
        `The Inbox on chain ${destinationChainId} is at epoch ${epoch}; the set of epoch ${nonce} is due after the ones before it.`,
      );
    const { domain } = destination;
    const attestation = await gate.sign({ domain, lane, nonce, accumulator: point.accumulator, epoch });
    await publish(point, attestation);
    logger.info({ destination: destinationChainId, set: nonce.toString() }, "attested to the next set");
  }
}
