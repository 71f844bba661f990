// A signer that is killed at a step of its first attestation: signing-program.ts FILE STEP ACCUMULATOR
// STEP is before-record, before-signature, before-publishing or none. Prints what it publishes.
import { getBytes } from "ethers";
import { LocalSigningKey } from "../../../relayer/bridge/adapters/local-key.ts";
import { SqliteSigningRecords } from "../../../relayer/bridge/adapters/signing-records.ts";
import { SigningGate } from "../../../relayer/bridge/worker/signing-gate.ts";
import { Signer } from "../../../relayer/bridge/worker/signer.ts";
import { createLogger } from "../../../relayer/platform/log.ts";
import { A, B, hashOf } from "./bridge.ts";
import { FakeDestination, FakeOrigin } from "./fakes.ts";

const [file = "", step = "none", fork = ""] = process.argv.slice(2);
const dieAt = (here: string) => {
  if (here === step) process.kill(process.pid, "SIGKILL");
};

const records = new SqliteSigningRecords(file, { create: true });
const key = new LocalSigningKey(getBytes(hashOf("secret")));
const origin = new FakeOrigin();
origin.mine(1);
origin.final = 1;
const [message] = origin.sent;
// The chain as another fork would show it.
if (fork !== "" && message !== undefined) origin.sent[0] = { ...message, accumulator: hashOf(fork) };
const signer = new Signer({
  origins: new Map([[A, origin]]),
  destinations: new Map([[B, new FakeDestination()]]),
  gate: new SigningGate({
    records: {
      checkAndRecord: (validator, statement) => {
        dieAt("before-record");
        return records.checkAndRecord(validator, statement);
      },
    },
    key: {
      publicKey: key.publicKey,
      sign: (digest) => {
        dieAt("before-signature");
        return key.sign(digest);
      },
    },
  }),
  publish: (_point, { accumulator, signature }) => {
    dieAt("before-publishing");
    process.stdout.write(`${JSON.stringify({ accumulator, signature })}\n`);
    return Promise.resolve();
  },
});
const point = await origin.advance(origin.lane.id, 1n);
if (point === undefined) throw new Error("no point");
const signal = new AbortController().signal;
try {
  await signer.attest(point, { signal, logger: createLogger("silent", {}) });
} catch (error) {
  process.stdout.write(`${JSON.stringify({ refused: error instanceof Error ? error.message : "" })}\n`);
}
records.close();
