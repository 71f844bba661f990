import type { Attestation, Point, Statement } from "../../domain/bridge.ts";
import { FatalError, RetryableError } from "../../domain/errors.ts";
import type { ChainId } from "../../domain/ids.ts";
import type { JobContext } from "../../platform/queues.ts";
import { digestOf } from "../core/attestation.ts";
import type { Destination, Origin, SigningKey, SigningRecords } from "../ports.ts";

/** What a signer works with. The chains are read through the validator's own nodes. */
export type SignerServices = {
  readonly origins: ReadonlyMap<ChainId, Origin>;
  readonly destinations: ReadonlyMap<ChainId, Destination>;
  readonly records: SigningRecords;
  readonly key: SigningKey;
  readonly publish: (point: Point, attestation: Attestation) => Promise<void>;
};

/**
 * Attests to points for one validator. It believes nobody: what a job says is looked up on the origin chain, must be final
 * there and must be the end of its block; then it is recorded, and only then signed.
 */
export class Signer {
  readonly #services: SignerServices;

  constructor(services: SignerServices) {
    this.#services = services;
  }

  /** Handles one request. Doing it twice gives the same attestation. */
  async attest(requested: Point, { logger }: JobContext): Promise<void> {
    const point = await this.#confirm(requested);
    const destination = this.#services.destinations.get(point.destinationChainId);
    if (destination === undefined) throw unknownChain(point.destinationChainId);
    const { epoch } = await destination.validatorSet();
    const statement = {
      domain: destination.domain,
      lane: point.lane,
      nonce: point.nonce,
      accumulator: point.accumulator,
      epoch,
    };
    await this.#services.publish(point, await this.#sign(statement));
    logger.info(
      {
        lane: point.lane,
        nonce: point.nonce.toString(),
        messageId: point.messageId,
        epoch: epoch.toString(),
      },
      "attested",
    );
  }

  /** The gate in front of the key: nothing is signed that was not checked and recorded first. */
  async #sign(statement: Statement): Promise<Attestation> {
    const { records, key } = this.#services;
    const decision = records.checkAndRecord(statement);
    if (decision.kind === "conflict")
      throw new FatalError(
        "DOUBLE_SIGNING_REFUSED",
        `Refused to sign accumulator ${statement.accumulator} for nonce ${statement.nonce} of lane ${statement.lane}: this validator signed ${decision.signed} there before, and a second one would cost its bond. The origin reorganised beyond its finality rule, or its node lies. Compare the origin block on several nodes.`,
        { lane: statement.lane, nonce: statement.nonce.toString() },
      );
    return { ...statement, validator: key.publicKey, signature: await key.sign(digestOf(statement)) };
  }

  async #confirm(requested: Point): Promise<Point> {
    const origin = this.#services.origins.get(requested.originChainId);
    if (origin?.lanes.some(({ id }) => id === requested.lane) !== true)
      throw unknownChain(requested.originChainId);
    const [final, actual, next] = await Promise.all([
      origin.finalBlock(),
      origin.advance(requested.lane, requested.nonce),
      origin.advance(requested.lane, requested.nonce + 1n),
    ]);
    const where = `nonce ${requested.nonce} of lane ${requested.lane}`;
    if (actual === undefined || actual.position.blockNumber > final)
      throw new RetryableError(
        "NOT_FINAL",
        `The origin does not show ${where} in a final block yet; it will be looked up again.`,
      );
    if (actual.accumulator !== requested.accumulator)
      throw new FatalError(
        "NOT_ON_ORIGIN",
        `Asked to attest to accumulator ${requested.accumulator} at ${where}, but the origin has ${actual.accumulator}. Nothing was signed.`,
      );
    if (next?.position.blockNumber === actual.position.blockNumber)
      throw new FatalError(
        "NOT_A_POINT",
        `Asked to attest in the middle of block ${actual.position.blockNumber} at ${where}. Nothing was signed.`,
      );
    return actual;
  }
}

function unknownChain(chainId: number): FatalError {
  return new FatalError(
    "UNKNOWN_LANE",
    `Asked to attest to a lane of chain ${chainId} that this validator does not serve. Nothing was signed.`,
  );
}
