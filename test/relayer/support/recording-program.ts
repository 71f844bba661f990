// Records statements with one accumulator and says each nonce once it is recorded, sixteen at a time:
// recording-program.ts FILE ACCUMULATOR FIRST [COUNT]
import { SqliteSigningRecords } from "../../../relayer/bridge/adapters/signing-records.ts";
import { hashOf, laneOf, publicKeyOfText } from "./bridge.ts";

const [file = "", accumulator = "", first = "1", count = "Infinity"] = process.argv.slice(2);
const records = new SqliteSigningRecords(file, { create: true });
let next = BigInt(first);
const end = count === "Infinity" ? undefined : next + BigInt(count);

async function record(): Promise<void> {
  while (end === undefined || next < end) {
    const nonce = next++;
    const statement = { domain: hashOf("domain"), lane: laneOf("A-B"), nonce, epoch: 1n };
    const decision = await records.checkAndRecord(publicKeyOfText("validator"), {
      ...statement,
      accumulator: hashOf(accumulator),
    });
    if (decision.kind === "sign") process.stdout.write(`${nonce}\n`);
  }
}

await Promise.all(Array.from({ length: 16 }, record));
records.close();
