import { join } from "node:path";
import { LaneProver } from "../bridge/adapters/lane-prover.ts";
import { AttestedPointLog } from "../bridge/adapters/point-log.ts";
import { SlashingReporter } from "../bridge/adapters/slashing.ts";
import { SqliteWatchRecord } from "../bridge/adapters/watch-record.ts";
import { setLane } from "../bridge/core/rotation.ts";
import { createWatchtowerMetrics, type WatchtowerMetrics } from "../bridge/metrics.ts";
import { DowntimeWatch } from "../bridge/worker/downtime-watch.ts";
import { TruthChecker } from "../bridge/worker/truth-checker.ts";
import { Watchtower } from "../bridge/worker/watchtower.ts";
import { ConfigurationError } from "../domain/errors.ts";
import type { ChainId } from "../domain/ids.ts";
import { WATCH_QUEUE, watchedSchema } from "../domain/jobs.ts";
import { type ChainConfig, chainsOf, type Network } from "../domain/network.ts";
import { systemClock } from "../platform/clock.ts";
import { repeat } from "../platform/repeat.ts";
import { createTransactionMetrics } from "../platform/transactions/metrics.ts";
import type { CommandContext } from "./context.ts";
import { openOwnedSender, type OwnedSender } from "./owned-sender.ts";
import type { Parts } from "./parts.ts";

/** How many attestations are compared at the same time; those that come together share one flush of the disk. */
const CONCURRENCY = 64;
/** How often it is looked at who does not attest. */
const DOWNTIME_MILLISECONDS = 10_000;

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
  const setting = readSetting(network);
  const { chain, home } = setting;
  const record = new SqliteWatchRecord(join(network.dataFolder, "watchtower", "record.sqlite"), systemClock);
  const senders = openSenders(setting, parts, network);
  const [owned] = senders;
  const rpc = parts.rpc(chain.chainId);
  const metrics = createWatchtowerMetrics(parts.registry);
  const services = { ...parts, record, metrics, clock: systemClock, signal };
  const watchtower = new Watchtower({
    ...services,
    reporter: new SlashingReporter(home, {
      rpc,
      sender: owned.transactions,
      provers: proversOf(senders, chain.chainId, parts),
    }),
    truth: new TruthChecker(services),
    domains: new Set([...parts.destinations.values()].map(({ domain }) => domain)),
  });
  const downtime = openDowntimeWatch(setting, owned, services);
  parts.logger.info({ slashing: home.slashing, reporter: owned.transactions.address }, "watching validators");
  const work = parts.queues.work(WATCH_QUEUE, watchedSchema, (seen, job) => watchtower.watch(seen, job), {
    concurrency: CONCURRENCY,
    isPaused: true,
  });
  let mayUse = false;
  const givingUp = senders.map((each, i) =>
    each.start((now) => {
      if (i > 0) return; // the home chain's key decides who works
      mayUse = now;
      if (now) work.resume();
      else void work.pause();
    }, signal),
  );
  const whileMine = (task: (signal: AbortSignal) => Promise<void>) => async () => {
    if (mayUse) await task(signal);
  };
  const running = Promise.all([
    repeat(
      whileMine((until) => watchtower.tick(until)),
      chain.pollMilliseconds,
      services,
    ),
    repeat(
      whileMine((until) => downtime.tick(until)),
      DOWNTIME_MILLISECONDS,
      services,
    ),
  ]);
  return Promise.resolve(async () => {
    await running;
    await parts.queues.close();
    await Promise.all(givingUp.map((giveUp) => giveUp()));
    record.close();
  });
}

type Home = NonNullable<Network["home"]>;
type Setting = {
  readonly chain: ChainConfig;
  readonly home: Home;
  readonly watchtower: NonNullable<Home["watchtower"]>;
};

/** @throws ConfigurationError `NO_WATCHTOWER` */
function readSetting(network: Network): Setting {
  const { home } = network;
  const chain = chainsOf(network).find(({ name }) => name === home?.chain);
  if (home?.watchtower !== undefined && chain !== undefined)
    return { chain, home, watchtower: home.watchtower };
  throw new ConfigurationError(
    "NO_WATCHTOWER",
    `The watchtower needs home${home === undefined ? "" : ".watchtower"} in the configuration, and it is missing. Nothing was watched and nothing was sent; anybody else can report offences. Add it and start again.`,
  );
}

type ChainSender = OwnedSender & { readonly chain: ChainConfig };

/** A sender on the home chain, and one on each other chain whose witness may have to be asked. */
function openSenders(
  { chain: home, watchtower }: Setting,
  parts: Parts,
  network: Network,
): readonly [ChainSender, ...ChainSender[]] {
  const metrics = createTransactionMetrics(parts.registry);
  const { keyFile } = watchtower;
  const open = (chain: ChainConfig, mostGasPrice: bigint | undefined): ChainSender => {
    const whose = `the watchtower on chain ${chain.name}`;
    return { chain, ...openOwnedSender({ chain, keyFile, whose, mostGasPrice, metrics }, parts, network) };
  };
  const others = parts.chains.filter(({ name, witness }) => name !== home.name && witness !== undefined);
  return [open(home, watchtower.mostGasPrice), ...others.map((chain) => open(chain, chain.mostGasPrice))];
}

function proversOf(
  senders: readonly ChainSender[],
  homeId: ChainId,
  parts: Parts,
): ReadonlyMap<ChainId, LaneProver> {
  return new Map(
    senders.flatMap(({ chain: { chainId, witness }, transactions: sender }) => {
      if (witness === undefined) return [];
      const services = { origin: parts.origin(chainId), rpc: parts.rpc(chainId), sender };
      return [[chainId, new LaneProver(witness, { ...services, isHome: chainId === homeId })] as const];
    }),
  );
}

function openDowntimeWatch(
  { chain, home, watchtower }: Setting,
  { transactions }: OwnedSender,
  services: Parts & {
    readonly record: SqliteWatchRecord;
    readonly metrics: WatchtowerMetrics;
    readonly clock: typeof systemClock;
  },
): DowntimeWatch {
  const { sets, origins, destinations } = services;
  if (sets === undefined) throw new Error("a network with a home has a registry");
  const ordinary = [...origins.values()].flatMap(({ lanes }) => lanes);
  const ofSets = [...destinations.keys()].map((id) => setLane(sets.home, id));
  return new DowntimeWatch(watchtower.downtime === "report", {
    ...services,
    sets,
    log: new AttestedPointLog(home, services.rpc(chain.chainId), transactions),
    currentEpoch: async () => (await services.destination(chain.chainId).validatorSet()).epoch,
    lanes: new Map([...ordinary, ...ofSets].map((lane) => [lane.id, lane] as const)),
  });
}
