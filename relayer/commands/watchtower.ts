import { join } from "node:path";
import { LaneProver } from "../bridge/adapters/lane-prover.ts";
import { SlashingReporter } from "../bridge/adapters/slashing.ts";
import { SqliteWatchRecord } from "../bridge/adapters/watch-record.ts";
import { createWatchtowerMetrics } from "../bridge/metrics.ts";
import { TruthChecker } from "../bridge/worker/truth-checker.ts";
import { Watchtower } from "../bridge/worker/watchtower.ts";
import { ConfigurationError } from "../domain/errors.ts";
import { WATCH_QUEUE, watchedSchema } from "../domain/jobs.ts";
import { chainsOf } from "../domain/network.ts";
import { systemClock } from "../platform/clock.ts";
import { repeat } from "../platform/repeat.ts";
import type { CommandContext } from "./context.ts";
import { openOwnedSender } from "./owned-sender.ts";
import type { Parts } from "./parts.ts";

/** How many attestations are compared at the same time; those that come together share one flush of the disk. */
const CONCURRENCY = 64;

/**
 * The role `watchtower`: compares everything that validators sign, and reports who contradicts itself to the home chain. A standby
 * leaves the attestations to whoever holds the key: two records would each know half of what was signed.
 * @returns what ends it, once what is under way is through
 * @throws ConfigurationError `NO_WATCHTOWER`, `KEY_FILE`, `TRANSACTION_JOURNAL` or `WATCH_RECORD`
 */
export function startWatchtower(
  parts: Parts,
  { network, signal }: CommandContext,
): Promise<() => Promise<void>> {
  const { home } = network;
  const chain = chainsOf(network).find(({ name }) => name === home?.chain);
  if (home?.watchtower === undefined || chain === undefined)
    throw new ConfigurationError(
      "NO_WATCHTOWER",
      `The watchtower needs home${home === undefined ? "" : ".watchtower"} in the configuration, and it is missing. Nothing was watched and nothing was sent; anybody else can report offences. Add it and start again.`,
    );
  const { keyFile, mostGasPrice } = home.watchtower;
  const record = new SqliteWatchRecord(join(network.dataFolder, "watchtower", "record.sqlite"));
  const owned = openOwnedSender({ chain, keyFile, whose: "the watchtower", mostGasPrice }, parts, network);
  const { transactions: sender } = owned;
  const rpc = parts.rpc(chain.chainId);
  const prover =
    chain.witness && new LaneProver(chain.witness, { origin: parts.origin(chain.chainId), rpc, sender });
  const watchtower = new Watchtower({
    record,
    reporter: new SlashingReporter(home, { rpc, sender, prover }),
    truth: new TruthChecker({ ...parts, record }),
    domains: new Set([...parts.destinations.values()].map(({ domain }) => domain)),
    emit: parts.emit,
    metrics: createWatchtowerMetrics(parts.registry),
    logger: parts.logger,
  });
  parts.logger.info({ slashing: home.slashing, reporter: sender.address }, "watching validators");
  const work = parts.queues.work(WATCH_QUEUE, watchedSchema, (seen, job) => watchtower.watch(seen, job), {
    concurrency: CONCURRENCY,
    isPaused: true,
  });
  let mayUse = false;
  const giveUp = owned.start((now) => {
    mayUse = now;
    if (now) work.resume();
    else void work.pause();
  }, signal);
  const tick = async () => {
    if (mayUse) await watchtower.tick(signal);
  };
  const running = repeat(tick, chain.pollMilliseconds, { ...parts, clock: systemClock, signal });
  return Promise.resolve(async () => {
    await running;
    await parts.queues.close();
    await giveUp();
    record.close();
  });
}
