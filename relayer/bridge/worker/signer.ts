import type { Attestation, Point } from "../../domain/bridge.ts";
import { FatalError, RetryableError } from "../../domain/errors.ts";
import type { ChainId } from "../../domain/ids.ts";
import type { JobContext } from "../../platform/queues.ts";
import type { Destination, Origin } from "../ports.ts";
import type { SigningGate } from "./signing-gate.ts";

/** What a signer works with. The chains are read through the validator's own nodes. */
export type SignerServices = {
  readonly origins: ReadonlyMap<ChainId, Origin>;
  readonly destinations: ReadonlyMap<ChainId, Destination>;
  readonly gate: SigningGate;
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
    const destination = this.#services.destinations.get(requested.destinationChainId);
    if (destination === undefined) throw unknownChain(requested.destinationChainId);
    const [point, { epoch }] = await Promise.all([this.#confirm(requested), destination.validatorSet()]);
    const statement = {
      domain: destination.domain,
      lane: point.lane,
      nonce: point.nonce,
      accumulator: point.accumulator,
      epoch,
    };
    await this.#services.publish(point, await this.#services.gate.sign(statement));
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

  async #confirm(requested: Point): Promise<Point> {
    const origin = this.#services.origins.get(requested.originChainId);
    if (origin?.lanes.some(({ id }) => id === requested.lane) !== true)
      throw unknownChain(requested.originChainId);
    const [final, { actual, next }] = await Promise.all([origin.finalBlock(), look(origin, requested)]);
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

/** Looks into the block that the request names, and all over the chain if it is not there. */
async function look(origin: Origin, { lane, nonce, position: { blockNumber } }: Point) {
  const there = await origin.advances(blockNumber, blockNumber);
  const find = (wanted: bigint) => there.find((point) => point.lane === lane && point.nonce === wanted);
  const actual = find(nonce);
  if (actual !== undefined) return { actual, next: find(nonce + 1n) };
  const [searched, next] = await Promise.all([origin.advance(lane, nonce), origin.advance(lane, nonce + 1n)]);
  return { actual: searched, next };
}

function unknownChain(chainId: number): FatalError {
  return new FatalError(
    "UNKNOWN_LANE",
    `Asked to attest to a lane of chain ${chainId} that this validator does not serve. Nothing was signed.`,
  );
}
