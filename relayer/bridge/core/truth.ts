import type { Attestation, Lane } from "../../domain/bridge.ts";
import { bytes, type Hash } from "../../domain/ids.ts";
import type { FalseProof } from "./slashing.ts";

/**
 * What the origin says about one point of a lane. `reached`: a final block holds this accumulator. `unreached`: the lane has not come
 * so far, and whoever saw it there has had time to be followed. `open`: not to be told yet. `foreign`: a lane of another network, about
 * which no contract here judges.
 */
export type Truth =
  | { readonly kind: "reached"; readonly lane: Lane; readonly accumulator: Hash }
  | { readonly kind: "unreached"; readonly lane: Lane }
  | { readonly kind: "open" }
  | { readonly kind: "foreign" };

/** Whether what was signed is true: "later" where that is not to be told yet, the evidence where the origin contradicts it. */
export function compareWithOrigin(signed: Attestation, truth: Truth): "true" | "later" | FalseProof {
  if (truth.kind === "open") return "later";
  if (truth.kind === "foreign") return "true";
  const { validator: key, domain, lane, nonce, accumulator, epoch, signature } = signed;
  if (truth.kind === "reached" && truth.accumulator === accumulator) return "true";
  const { originChainId, outbox } = truth.lane;
  const statement = { accumulator, epoch, signature: bytes.parse(signature) };
  return { key, place: { domain, lane, nonce }, originChainId, outbox, signed: statement };
}
