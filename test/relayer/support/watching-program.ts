// A watchtower that is killed at a step of its first report: watching-program.ts SETTINGS (JSON)
// It is shown the same attestations again whenever it starts, as a queue does, and ends when every case is over.
import { Wallet } from "ethers";
import { Registry } from "prom-client";
import { z } from "zod";
import { SlashingReporter } from "../../../relayer/bridge/adapters/slashing.ts";
import { SqliteWatchRecord } from "../../../relayer/bridge/adapters/watch-record.ts";
import { createWatchtowerMetrics } from "../../../relayer/bridge/metrics.ts";
import type { Reporter, WatchRecord } from "../../../relayer/bridge/ports.ts";
import { Watchtower } from "../../../relayer/bridge/worker/watchtower.ts";
import { address, hash } from "../../../relayer/domain/ids.ts";
import { watchedSchema } from "../../../relayer/domain/jobs.ts";
import { systemClock } from "../../../relayer/platform/clock.ts";
import { createLogger } from "../../../relayer/platform/log.ts";
import { Rpc } from "../../../relayer/platform/rpc.ts";
import { TransactionSender } from "../../../relayer/platform/transaction-sender.ts";
import { chainAt } from "./sender-scene.ts";
import { senderServices } from "./sender-services.ts";

const settings = z
  .object({
    rpcUrl: z.string(),
    chainId: z.number(),
    privateKey: z.string(),
    folder: z.string(),
    slashing: address,
    registry: address,
    domain: hash,
    attestations: watchedSchema.array(),
    step: z.string(),
  })
  .parse(JSON.parse(process.argv[2] ?? ""));

const at = (here: string) => {
  if (here === settings.step) process.kill(process.pid, "SIGKILL");
};

/** A record, and the steps before and after each of its writes. */
class WatchedRecord implements WatchRecord {
  readonly #record = new SqliteWatchRecord(`${settings.folder}/record.sqlite`, systemClock);
  add: WatchRecord["add"] = async (attestation) => {
    at("before-recording");
    const finding = await this.#record.add(attestation);
    at(`after-recording-${finding}`);
    return finding;
  };
  note: WatchRecord["note"] = (id, state, reason) => {
    at(`before-noting-${state}`);
    this.#record.note(id, state, reason);
    at(`after-noting-${state}`);
  };
  unchecked = () => [];
  checked = () => undefined;
  open = () => this.#record.open();
  counts = () => this.#record.counts();
  close = () => {
    this.#record.close();
  };
}

/** A reporter, and the steps before and after each of its transactions. */
function stepByStep(reporter: Reporter): Reporter {
  const around =
    <A extends unknown[], R>(name: string, call: (...args: A) => Promise<R>) =>
    async (...args: A) => {
      at(`before-${name}`);
      const result = await call(...args);
      at(`after-${name}`);
      return result;
    };
  return {
    account: reporter.account,
    stakeAt: (key, epoch) => reporter.stakeAt(key, epoch),
    facts: (subject) => reporter.facts(subject),
    prove: (subject, signal) => reporter.prove(subject, signal),
    execute: (pending, signal) => reporter.execute(pending, signal),
    commit: around("commit", reporter.commit.bind(reporter)),
    submit: around("submit", reporter.submit.bind(reporter)),
    claimReward: around("claim", reporter.claimReward.bind(reporter)),
  };
}

const rpc = new Rpc(chainAt(settings.rpcUrl, settings.chainId, 1));
const request = rpc.provider.send.bind(rpc.provider);
let broadcasts = 0;
rpc.provider.send = async (method: string, params: unknown[] | Record<string, unknown>): Promise<unknown> => {
  const answer: unknown = await request(method, params);
  if (method === "eth_sendRawTransaction") at(`after-broadcast-${++broadcasts}`);
  return answer;
};

const wallet = new Wallet(settings.privateKey);
const owner = { chainId: settings.chainId, address: wallet.address };
const services = senderServices(`${settings.folder}/journal.sqlite`, owner);
const sender = new TransactionSender({ rpc, wallet, replaceMilliseconds: 60_000 }, services);
const record = new WatchedRecord();
const logger = createLogger("silent", {});
const watchtower = new Watchtower({
  record,
  reporter: stepByStep(new SlashingReporter(settings, { rpc, sender, provers: new Map() })),
  truth: { tick: () => Promise.resolve() },
  domains: new Set([settings.domain]),
  emit: ({ kind }) => process.stdout.write(`${kind}\n`),
  metrics: createWatchtowerMetrics(new Registry()),
  logger,
});

const { signal } = new AbortController();
await sender.recover(signal);
for (const attestation of settings.attestations) await watchtower.watch(attestation, { logger });
do {
  await watchtower.tick(signal);
  await systemClock.sleep(20);
} while (record.open().length > 0);
record.close();
services.journal.close();
rpc.close();
