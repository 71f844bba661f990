import { type LogDescription, toBeHex } from "ethers";
import { readPublished } from "../../escrow/adapters/published.ts";
import { hash } from "../../domain/ids.ts";
import type { EscrowFact } from "../core/facts.ts";
import { plain } from "./escrow-codec.ts";
import type { PlacedLog } from "./placed-log.ts";

/** ERC-1497's events name the escrow by a number, in these arguments; here it is the id. */
const ID_AS_NUMBER: Readonly<Record<string, string>> = {
  Evidence: "_evidenceGroupID",
  MetaEvidence: "_metaEvidenceID",
};

/** A log of an escrow contract; none for logs that are about no escrow, such as claims and keys. */
export function decodeEscrow({ place, log, data }: PlacedLog): readonly EscrowFact[] {
  const { name } = log;
  const numbered = ID_AS_NUMBER[name];
  const { [numbered ?? "id"]: id, ...rest } = argumentsOf(log);
  const escrowId = hash.safeParse(numbered === undefined ? id : toBeHex(String(id), 32));
  if (!escrowId.success) return [];
  const details = numbered === undefined ? rest : { ...rest, _evidence: readPublished(data) };
  return [{ ...place, escrowId: escrowId.data, name, details }];
}

/** The arguments of a log by their names, but for strings: what their authors gave need not be text. */
function argumentsOf({ fragment, args }: LogDescription): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    fragment.inputs.flatMap((type, i) =>
      type.type === "string" ? [] : [[type.name, plain(args[i], type)] as const],
    ),
  );
}
