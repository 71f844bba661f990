// Records one statement after the other and says each nonce once it is recorded: recording-program.ts FILE ROUND
import { SqliteSigningRecords } from "../../../relayer/bridge/adapters/signing-records.ts";
import { hashOf, laneOf } from "./bridge.ts";

const [file = "", round = "0"] = process.argv.slice(2);
const records = new SqliteSigningRecords(file);
for (let nonce = BigInt(round) * 1_000_000n + 1n; ; nonce++) {
  records.checkAndRecord({
    domain: hashOf("domain"),
    lane: laneOf("A-B"),
    nonce,
    accumulator: hashOf("first"),
    epoch: 1n,
  });
  process.stdout.write(`${nonce}\n`);
}
