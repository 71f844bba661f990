import type { Attestation } from "../../domain/bridge.ts";
import { bytes } from "../../domain/ids.ts";
import type { DoubleSigning, SignedAccumulator } from "./slashing.ts";

/**
 * What an attestation means to the watchtower that has seen `first` of the same validator at the same place, if anything:
 *
 * - `first`: nothing was known, and this is to be kept;
 * - `known`: the same accumulator, in whatever epoch, by whatever signature: no offence;
 * - `double-signing`: another accumulator, and with the first one the evidence.
 */
export type Finding =
  | { readonly kind: "first" }
  | { readonly kind: "known" }
  | { readonly kind: "double-signing"; readonly evidence: DoubleSigning };

/** Compares what a validator signed with the first that it was seen to have signed at the place. */
export function compare(first: SignedAccumulator | undefined, seen: Attestation): Finding {
  if (first === undefined) return { kind: "first" };
  if (first.accumulator === seen.accumulator) return { kind: "known" };
  const { validator: key, domain, lane, nonce, accumulator, epoch, signature } = seen;
  const evidence = {
    key,
    place: { domain, lane, nonce },
    first,
    second: { accumulator, epoch, signature: bytes.parse(signature) },
  };
  return { kind: "double-signing", evidence };
}
