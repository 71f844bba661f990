// Signs until its records cannot be written, and goes on trying: faulty-disk-program.ts FILE
// As root it becomes nobody first, whom file modes concern. Prints a line of JSON: how many signatures the key gave, and why it
// gave no more.
import { getBytes } from "ethers";
import { LocalSigningKey } from "../../../relayer/bridge/adapters/local-key.ts";
import { SqliteSigningRecords } from "../../../relayer/bridge/adapters/signing-records.ts";
import { SigningGate } from "../../../relayer/bridge/worker/signing-gate.ts";
import { DchatError } from "../../../relayer/domain/errors.ts";
import { hashOf, laneOf } from "./bridge.ts";
import { NOBODY } from "./nobody.ts";

const [file = ""] = process.argv.slice(2);
if (process.getuid?.() === 0) {
  process.setgid?.(NOBODY);
  process.setuid?.(NOBODY);
}
const key = new LocalSigningKey(getBytes(hashOf("secret")));
let signatures = 0;
const errors: { code: string; message: string }[] = [];

async function signUntilRefused(): Promise<void> {
  const records = new SqliteSigningRecords(file, { create: false });
  const gate = new SigningGate({
    records,
    key: {
      publicKey: key.publicKey,
      sign: (digest) => {
        signatures++;
        return key.sign(digest);
      },
    },
  });
  for (let nonce = 1n; errors.length < 3; nonce++)
    await gate
      .sign({ domain: hashOf("domain"), lane: laneOf("A-B"), nonce, accumulator: hashOf("first"), epoch: 1n })
      .catch(note);
  records.close();
}

function note(error: unknown): void {
  if (!(error instanceof DchatError)) throw error;
  errors.push({ code: error.code, message: error.message });
}

await signUntilRefused().catch(note);
process.stdout.write(`${JSON.stringify({ publicKey: key.publicKey, signatures, errors })}\n`);
