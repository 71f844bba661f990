import type { Lane, LogPosition, Point, ValidatorSet } from "../../domain/bridge.ts";
import { type Address, type ChainId, messageId } from "../../domain/ids.ts";
import { laneFrom } from "../../domain/message.ts";
import { setHash } from "../../domain/validator-set.ts";

/** Where validator sets come from: the registry on the home chain. */
export type Home = { readonly chainId: ChainId; readonly registry: Address };

/** A set that the registry formed, and the log that says so. */
export type FormedSet = { readonly set: ValidatorSet; readonly position: LogPosition };

/** The lane of validator sets to `destination`: `ValidatorSets.setLane`. */
export function setLane({ chainId, registry }: Home, destination: ChainId): Lane {
  return laneFrom(chainId, registry, destination);
}

/**
 * A formed set as a point of its lane: its epoch is the nonce, its hash the accumulator (and the id of what the point ends with).
 * Unlike messages, each set is a point of its own, for none may be skipped.
 */
export function setPoint(home: Home, destination: ChainId, { set, position }: FormedSet): Point {
  const accumulator = setHash(set);
  return {
    lane: setLane(home, destination).id,
    originChainId: home.chainId,
    destinationChainId: destination,
    messageId: messageId.parse(accumulator),
    nonce: set.epoch,
    accumulator,
    position,
  };
}
