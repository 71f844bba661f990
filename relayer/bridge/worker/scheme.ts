import type { Ed25519Set, ValidatorSet } from "../../domain/bridge.ts";
import { FatalError } from "../../domain/errors.ts";

/** The set, if it is one whose attestations this fleet can collect. */
export function requireEd25519(set: ValidatorSet): Ed25519Set {
  if (set.scheme === "Ed25519") return set;
  throw new FatalError(
    "UNSUPPORTED_SCHEME",
    `The validator set of epoch ${set.epoch} signs with ${set.scheme}, and this fleet collects Ed25519 signatures only. Nothing is lost: messages wait on their origin until a set of scheme Ed25519 follows.`,
  );
}
