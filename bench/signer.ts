import { createHash, randomBytes } from "node:crypto";
import { closeSync, fdatasyncSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { LocalSigningKey } from "../relayer/bridge/adapters/local-key.ts";
import { SqliteSigningRecords } from "../relayer/bridge/adapters/signing-records.ts";
import { SigningGate } from "../relayer/bridge/worker/signing-gate.ts";
import { hash, laneId } from "../relayer/domain/ids.ts";

/** How many points a signer has under way: the concurrency of its queue. */
const CONCURRENCY = 16;
const ROUNDS = 5;
const ROUND_MILLISECONDS = 1_000;

const hashOf = (text: string) => `0x${createHash("sha256").update(text).digest("hex")}`;
const domain = hash.parse(hashOf("domain"));
const lanes = ["A-B", "B-A"].map((name) => laneId.parse(hashOf(name)));

/**
 * What one signer decides, records on the disk and signs in a second: the gate that the fleet uses, its SQLite file and its
 * Ed25519 key, on the disk of the working folder. `peer.` keys tell what bounds it: the same one after the other, so that each
 * pays for a flush of its own, and flushes of this disk alone.
 *
 * @returns medians
 */
export async function measureSigner(): Promise<Record<string, number>> {
  // Not in the system's folder for temporary files, which may be no disk.
  mkdirSync(".dchat", { recursive: true });
  const folder = mkdtempSync(join(".dchat", "bench-signer-"));
  try {
    const rounds: { readonly grouped: number; readonly single: number; readonly flushes: number }[] = [];
    const records = new SqliteSigningRecords(join(folder, "signing-records.sqlite"), { create: true });
    const gate = new SigningGate({ records, key: new LocalSigningKey(randomBytes(32)) });
    const sign = signNext(gate);
    await perSecond(CONCURRENCY, sign); // compiles, and fills the log up to its first checkpoint
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push({
        grouped: await perSecond(CONCURRENCY, sign),
        single: await perSecond(1, sign),
        flushes: await flushesPerSecond(join(folder, "flushes")),
      });
    }
    records.close();
    return {
      durableDecisionsPerSecond: median(rounds.map(({ grouped }) => grouped)),
      "peer.oneByOneDecisionsPerSecond": median(rounds.map(({ single }) => single)),
      "peer.diskFlushesPerSecond": median(rounds.map(({ flushes }) => flushes)),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Signs a point that was never signed before, on one lane after the other. */
function signNext(gate: SigningGate): () => Promise<unknown> {
  let count = 0;
  return () => {
    const nonce = BigInt(Math.floor(count / lanes.length) + 1);
    const lane = lanes[count++ % lanes.length] ?? lanes[0];
    if (lane === undefined) throw new Error("no lanes");
    return gate.sign({ domain, lane, nonce, accumulator: hash.parse(hashOf(`${lane} ${nonce}`)), epoch: 1n });
  };
}

/** How often `task` is done in a second, with `concurrency` of it under way at any time. */
async function perSecond(concurrency: number, task: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  const end = began + ROUND_MILLISECONDS;
  let done = 0;
  const work = async () => {
    while (performance.now() < end) {
      await task();
      done++;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return (done * 1_000) / (performance.now() - began);
}

/** What the disk itself gives: writes of a page, each flushed before the next. */
async function flushesPerSecond(file: string): Promise<number> {
  const descriptor = openSync(file, "w");
  const page = Buffer.alloc(4_096);
  const rate = await perSecond(1, () => {
    writeSync(descriptor, page);
    fdatasyncSync(descriptor);
    return Promise.resolve();
  });
  closeSync(descriptor);
  return rate;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
}
