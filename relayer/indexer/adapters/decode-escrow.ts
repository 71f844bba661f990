import { toBeHex } from "ethers";
import { hash } from "../../domain/ids.ts";
import type { EscrowFact } from "../core/facts.ts";
import { plain, record } from "./escrow-codec.ts";
import type { PlacedLog } from "./placed-log.ts";

/** A log of an escrow contract; none for logs that are about no escrow, such as claims and keys. */
export function decodeEscrow({ place, log }: PlacedLog): readonly EscrowFact[] {
  const { id, ...details } = record.parse(plain(log.args));
  const escrowId = hash.safeParse(id ?? evidenceOf(log.name, details));
  return escrowId.success ? [{ ...place, escrowId: escrowId.data, name: log.name, details }] : [];
}

/** ERC-1497's events name the escrow by a number of their own; here it is the id. */
function evidenceOf(name: string, details: Readonly<Record<string, unknown>>): string | undefined {
  const keys: Readonly<Record<string, string>> = {
    Evidence: "_evidenceGroupID",
    MetaEvidence: "_metaEvidenceID",
  };
  const number = details[keys[name] ?? ""];
  return typeof number === "string" ? toBeHex(number, 32) : undefined;
}
