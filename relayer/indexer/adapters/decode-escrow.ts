import { hash } from "../../domain/ids.ts";
import type { EscrowFact } from "../core/facts.ts";
import { plain, record } from "./escrow-codec.ts";
import type { PlacedLog } from "./placed-log.ts";

/** A log of an escrow contract; none for logs that are about no escrow, such as claims and keys. */
export function decodeEscrow({ place, log }: PlacedLog): readonly EscrowFact[] {
  const { id, ...details } = record.parse(plain(log.args));
  const escrowId = hash.safeParse(id);
  return escrowId.success ? [{ ...place, escrowId: escrowId.data, name: log.name, details }] : [];
}
