// A sender that is killed, or stops, at a step of its first call: sending-program.ts SETTINGS (JSON)
// It does what every caller does: recover, look at the chain, and ask only for what is not done there.
import { dirname, join } from "node:path";
import { Wallet } from "ethers";
import { Registry } from "prom-client";
import { z } from "zod";
import { connectRedis } from "../../../relayer/platform/redis.ts";
import { systemClock } from "../../../relayer/platform/clock.ts";
import { createLogger } from "../../../relayer/platform/log.ts";
import { Rpc } from "../../../relayer/platform/rpc.ts";
import { TransactionSender } from "../../../relayer/platform/transaction-sender.ts";
import { HolderMarks } from "../../../relayer/platform/transactions/holder-marks.ts";
import { type KeyOwner, RedisKeyLock } from "../../../relayer/platform/transactions/key-lock.ts";
import type { RecordedSlot, TransactionJournal } from "../../../relayer/platform/transactions/journal.ts";
import { createTransactionMetrics } from "../../../relayer/platform/transactions/metrics.ts";
import { SqliteTransactionJournal } from "../../../relayer/platform/transactions/sqlite-journal.ts";
import { DemoToken__factory } from "../../../types/ethers-contracts/factories/mocks/DemoToken__factory.ts";
import { chainAt, paymentOf } from "./sender-scene.ts";

const { step, signal, ...settings } = z
  .object({
    rpcUrl: z.string(),
    chainId: z.number(),
    privateKey: z.string(),
    token: z.string(),
    recipient: z.string(),
    payments: z.number(),
    journal: z.string(),
    step: z.string(),
    signal: z.enum(["SIGKILL", "SIGSTOP"]),
    redisUrl: z.string().optional(),
    ttlMilliseconds: z.number().default(1_000),
    depth: z.number().default(0),
  })
  .parse(JSON.parse(process.argv[2] ?? ""));

let hasHappened = false;
const at = (here: string) => {
  if (here !== step || hasHappened) return;
  hasHappened = true;
  process.stdout.write(`${signal} at ${here}\n`);
  process.kill(process.pid, signal);
};

/** A journal, and the steps before and after each of its writes. */
class WatchedJournal implements TransactionJournal {
  readonly #journal: TransactionJournal;
  constructor(journal: TransactionJournal) {
    this.#journal = journal;
  }
  highestToken = () => this.#journal.highestToken();
  claim = (token: number) => {
    this.#journal.claim(token);
  };
  slots = () => this.#journal.slots();
  check = (token: number) => {
    this.#journal.check(token);
    at("checked");
  };
  close = () => {
    this.#journal.close();
  };
  write = (slot: RecordedSlot, token: number) => {
    at(`before-noting-${slot.state}`);
    this.#journal.write(slot, token);
    at(`after-noting-${slot.state}`);
  };
}

const wallet = new Wallet(settings.privateKey);
const sign = wallet.signTransaction.bind(wallet);
wallet.signTransaction = async (transaction) => {
  at("before-sign");
  const signed = await sign(transaction);
  at("after-sign");
  return signed;
};
const rpc = new Rpc(chainAt(settings.rpcUrl, settings.chainId, settings.depth));
const request = rpc.provider.send.bind(rpc.provider);
rpc.provider.send = async (method: string, params: unknown[] | Record<string, unknown>): Promise<unknown> => {
  if (method === "eth_sendRawTransaction") at("before-broadcast");
  const answer: unknown = await request(method, params);
  if (method === "eth_sendRawTransaction") at("after-broadcast");
  return answer;
};

const owner = { chainId: settings.chainId, address: wallet.address };
const journal = new WatchedJournal(new SqliteTransactionJournal(settings.journal, owner));
const services = { journal, logger: createLogger("silent", {}), clock: systemClock };
const ending = new AbortController();
let keyOwner: KeyOwner = { token: () => 1 };
let giveUp = () => Promise.resolve();
if (settings.redisUrl !== undefined) {
  const redis = connectRedis(settings.redisUrl, () => undefined);
  const marks = new HolderMarks(join(dirname(settings.journal), "holders"));
  const { ttlMilliseconds } = settings;
  const lock = new RedisKeyLock({ redis, ...owner, ttlMilliseconds }, { ...services, marks });
  const holding = lock.run(ending.signal, (isHeld) => process.stdout.write(isHeld ? "held\n" : "lost\n"));
  keyOwner = lock;
  giveUp = async () => {
    ending.abort();
    await holding;
    await lock.release();
    redis.disconnect();
  };
}
const metrics = createTransactionMetrics(new Registry());
const options = { rpc, wallet, replaceMilliseconds: 60_000 };
const sender = new TransactionSender(options, { ...services, owner: keyOwner, metrics });
const token = DemoToken__factory.connect(settings.token, rpc.provider);

async function payOnce(): Promise<boolean> {
  await sender.recover(ending.signal);
  if ((await token.balanceOf(settings.recipient)) >= BigInt(settings.payments)) return true;
  at("before-simulate");
  await sender.send(paymentOf(settings.token, settings.recipient), ending.signal);
  await sender.tick(ending.signal);
  return false;
}

for (;;) {
  try {
    if (await payOnce()) break;
  } catch (error) {
    // Whatever it is, a caller tries again.
    process.stdout.write(
      `${error instanceof Error && "code" in error ? String(error.code) : String(error)}\n`,
    );
    await systemClock.sleep(20);
  }
}
process.stdout.write("done\n");
await giveUp();
journal.close();
rpc.close();
