import type { Attestation, Lane } from "../../domain/bridge.ts";
import type { ChainId } from "../../domain/ids.ts";
import { setHash } from "../../domain/validator-set.ts";
import { setLane } from "../core/rotation.ts";
import { compareWithOrigin, type Truth } from "../core/truth.ts";
import type { Destination, Origin, SetOrigin, WatchRecord } from "../ports.ts";

/** How many statements are compared with their origins at once. */
const AT_ONCE = 256;
/**
 * How many final blocks an origin goes on before a point that it does not have is held to be a lie. Honest validators sign only what is
 * final, but their nodes may be ahead of ours.
 */
export const PATIENCE_BLOCKS = 32;

/** What a checker works with. */
export type TruthServices = {
  readonly record: WatchRecord;
  readonly origins: ReadonlyMap<ChainId, Origin>;
  readonly destinations: ReadonlyMap<ChainId, Destination>;
  /** Undefined where the network has no registry. */
  readonly sets: SetOrigin | undefined;
};

/** Compares what validators signed with what their origins say, by our own nodes, and records evidence of what is false. */
export class TruthChecker {
  readonly #services: TruthServices;
  /** The final block at which a point was missed for the first time. */
  readonly #missed = new Map<string, number>();

  constructor(services: TruthServices) {
    this.#services = services;
  }

  /** Looks at what was recorded and not compared yet. What cannot be told now is looked at again. */
  async tick(): Promise<void> {
    const { record } = this.#services;
    const waiting = record.unchecked(AT_ONCE);
    const points = Map.groupBy(waiting, pointKey);
    await Promise.all(
      [...points].map(async ([key, statements]) => {
        const [first] = statements;
        if (first === undefined) return;
        const truth = await this.#truth(key, first);
        const compared = statements.map((signed) => ({ signed, verdict: compareWithOrigin(signed, truth) }));
        record.checked(compared);
        if (truth.kind !== "open") this.#missed.delete(key);
      }),
    );
  }

  async #truth(key: string, { domain, lane: id, nonce }: Attestation): Promise<Truth> {
    const { origins, destinations, sets } = this.#services;
    const destination = [...destinations.values()].find((each) => each.domain === domain)?.chainId;
    // Nothing is delivered at nonce 0, and the witness tells nothing about it.
    if (destination === undefined || nonce === 0n) return { kind: "foreign" };
    if (sets !== undefined && setLane(sets.home, destination).id === id) {
      const lane = setLane(sets.home, destination);
      const formed = await sets.finalSet(nonce);
      if (formed !== undefined) return { kind: "reached", lane, accumulator: setHash(formed.set) };
      return this.#patiently(key, lane, origins.get(sets.home.chainId));
    }
    for (const origin of origins.values()) {
      const lane = origin.lanes.find((each) => each.id === id && each.destinationChainId === destination);
      if (lane !== undefined) return this.#onLane(key, lane, origin, nonce);
    }
    return { kind: "foreign" };
  }

  async #onLane(key: string, lane: Lane, origin: Origin, nonce: bigint): Promise<Truth> {
    const [point, final] = await Promise.all([origin.advance(lane.id, nonce), origin.finalBlock()]);
    if (point === undefined) return this.#patiently(key, lane, origin);
    const isFinal = point.position.blockNumber <= final;
    return isFinal ? { kind: "reached", lane, accumulator: point.accumulator } : { kind: "open" };
  }

  async #patiently(key: string, lane: Lane, origin: Origin | undefined): Promise<Truth> {
    if (origin === undefined) return { kind: "open" };
    const final = await origin.finalBlock();
    const since = this.#missed.get(key) ?? final;
    this.#missed.set(key, since);
    return final - since >= PATIENCE_BLOCKS ? { kind: "unreached", lane } : { kind: "open" };
  }
}

const pointKey = ({ domain, lane, nonce }: Attestation) => `${domain} ${lane} ${nonce}`;
