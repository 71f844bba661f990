import { z } from "zod";
import { hash, laneId, publicKey } from "../../../domain/ids.ts";
import type { SigningEvidence } from "../../core/checker/evidence.ts";
import { readDatabase } from "./sqlite.ts";

/** "dCsr" in ASCII, as docs/operations/signer.md names it. */
const KIND = { name: "signing records", applicationId: 0x64437372, version: 1 };

const number = z.string().transform(BigInt);
const laneRow = z.object({
  id: z.number(),
  validator: publicKey,
  domain: hash,
  lane: laneId,
  low_water: number,
});
const signedRow = z.object({
  lane_id: z.number(),
  nonce: number,
  accumulator: hash.nullable(),
  epoch: number,
});

/** What a file of signing records says, read beside the signer that writes it. @throws FatalError `EVIDENCE` */
export function readSigningFile(file: string): readonly SigningEvidence[] {
  return readDatabase(file, KIND, (database) => {
    const lanes = laneRow.array().parse(database.prepare("SELECT * FROM lanes").all());
    const rows = signedRow.array().parse(database.prepare("SELECT * FROM signed").all());
    const byLane = Map.groupBy(rows, (row) => row.lane_id);
    return lanes.map(({ id, validator, domain, lane, low_water: lowWaterMark }) => ({
      source: file,
      validator,
      domain,
      lane,
      lowWaterMark,
      signed: new Map(
        (byLane.get(id) ?? []).map(({ nonce, accumulator, epoch }) => [
          nonce,
          { accumulator: accumulator ?? undefined, epoch },
        ]),
      ),
    }));
  });
}
