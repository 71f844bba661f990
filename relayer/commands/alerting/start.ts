import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { SqliteAlertingStore } from "../../alerting/adapters/alerting-store.ts";
import { createAlertingApi } from "../../alerting/api/server.ts";
import { BullmqWaker } from "../../alerting/adapters/bullmq-waker.ts";
import { fleetTargets, Scraper } from "../../alerting/adapters/scraper.ts";
import { type AlertingMetrics, createAlertingMetrics } from "../../alerting/metrics.ts";
import type { ScrapeTarget } from "../../alerting/ports.ts";
import { AlertingEngine } from "../../alerting/worker/engine.ts";
import { runLoop } from "../../alerting/worker/loop.ts";
import { workOnQueues } from "../../alerting/worker/queue-work.ts";
import { Watchdog } from "../../alerting/worker/watchdog.ts";
import { ConfigurationError, explain, RetryableError } from "../../domain/errors.ts";
import type { AlertingConfig } from "../../domain/alerting-config.ts";
import type { Network } from "../../domain/network.ts";
import { Access } from "../../platform/access.ts";
import { systemClock } from "../../platform/clock.ts";
import { tryLock, waitForLock } from "../../platform/process-lock.ts";
import { repeat } from "../../platform/repeat.ts";
import { announceApi, runningRoles } from "../../platform/role-files.ts";
import { Users } from "../../platform/users.ts";
import type { CommandContext } from "../context.ts";
import type { CommonParts } from "../parts.ts";
import { readAlertingFiles } from "./files.ts";
import { FilesInForce } from "./files-in-force.ts";

const SECOND = 1_000;
const DAY = 24 * 3_600 * SECOND;
/** How long a standby waits after it could not take over. */
const RETRY_MILLISECONDS = 1_000;
/** What `amtool` and others are told to speak to. */
const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")));

type Stop = () => Promise<void>;

/** What this role is built from: no chain, and it does not wait for Redis, for people must be told when those are away. */
type AlertingParts = Pick<CommonParts, "redis" | "queues" | "registry" | "readiness" | "logger">;

/**
 * The role `alerting`: evaluates rules, tells people, and serves the API. One process of those that share a data folder works; others
 * wait until it has ended.
 * @returns what ends it, once what is under way is through
 * @throws ConfigurationError `NO_ALERTING`, `ALERTING_CONFIGURATION`, `ALERTING_API`, `USERS_FILE`; FatalError `ALERTING_RULES`
 */
export async function startAlerting(parts: AlertingParts, context: CommandContext): Promise<Stop> {
  const { alerting: config, dataFolder } = context.network;
  if (config === undefined)
    throw new ConfigurationError(
      "NO_ALERTING",
      "The role alerting needs alerting in the configuration, and it is missing. Nobody is told anything by this fleet; add it and start again.",
    );
  readAlertingFiles(config); // wrong files are told of now, not when a standby's turn comes
  const users = new Users(context.network.usersFile);
  const lockFile = join(dataFolder, "alerting", "lock");
  let running: { readonly stop: Stop; readonly release: () => void } | undefined;
  parts.readiness.add("alerting", () => {
    if (running === undefined)
      throw new RetryableError("STANDBY", "Another process does the alerting; this one waits for its end.");
  });
  const takeOver = async (release: () => void) => {
    try {
      running = { stop: await run(config, users, parts, context), release };
    } catch (error) {
      release();
      throw error;
    }
  };
  const now = tryLock(lockFile);
  if (now !== undefined) await takeOver(now);
  const standingBy = now === undefined ? standBy(lockFile, takeOver, parts, context) : Promise.resolve();
  return async () => {
    await standingBy;
    await running?.stop();
    running?.release();
  };
}

/** Waits for the end of the process that works. What goes wrong then is tried again: people must be told. */
async function standBy(
  lockFile: string,
  takeOver: (release: () => void) => Promise<void>,
  { logger }: AlertingParts,
  { signal }: CommandContext,
): Promise<void> {
  const onWait = () => {
    logger.info("another process does the alerting; standing by");
  };
  const done = new AbortController();
  const until = AbortSignal.any([signal, done.signal]);
  const attempt = async () => {
    await takeOver(await waitForLock(lockFile, { clock: systemClock, signal: until, onWait }));
    done.abort();
  };
  await repeat(attempt, RETRY_MILLISECONDS, { logger, clock: systemClock, signal: until });
}

async function run(
  config: AlertingConfig,
  users: Users,
  parts: AlertingParts,
  { network, signal }: CommandContext,
): Promise<Stop> {
  const { queues, logger } = parts;
  const store = new SqliteAlertingStore(join(network.dataFolder, "alerting", "alerting.sqlite"));
  const files = new FilesInForce(config, parts);
  const metrics = createAlertingMetrics(parts.registry);
  const { engine, scraper } = await openEngine({ config, network, files, store, metrics, parts, signal });
  const watchdog = new Watchdog(engine, watchdogOptions(config));
  const app = await createAlertingApi({
    engine,
    store,
    access: new Access(users, () => Date.now()),
    onPosted: (posted) => {
      watchdog.hear(posted);
    },
    reload: (actor) => files.reload(engine, actor),
    configText: () => files.text,
    version,
    startedAt: Date.now(),
    logger,
  });
  let withdraw: (() => void) | undefined;
  const close = async () => {
    withdraw?.();
    await app.close();
    await engine.close();
    await files.close();
    store.close();
  };
  try {
    const url = await listen(app, config.api);
    withdraw = announceApi(network.dataFolder, { role: "alerting", pid: process.pid, url });
  } catch (error) {
    await close();
    throw error;
  }
  // Only now: what runs by itself would keep a process alive that cannot work.
  const { scrapeMilliseconds } = config;
  const services = { engine, scraper, watchdog, scrapeMilliseconds, clock: systemClock, logger, signal };
  const stopLoop = runLoop(services);
  workOnQueues(engine, { queues, metrics, logger });
  return async () => {
    await stopLoop();
    await queues.close();
    await close();
  };
}

async function openEngine(given: {
  readonly config: AlertingConfig;
  readonly network: Network;
  readonly files: FilesInForce;
  readonly store: SqliteAlertingStore;
  readonly metrics: AlertingMetrics;
  readonly parts: AlertingParts;
  readonly signal: AbortSignal;
}): Promise<{ readonly engine: AlertingEngine; readonly scraper: Scraper }> {
  const { config, network, files, store, metrics, signal } = given;
  const { queues, redis, logger } = given.parts;
  const configuration = files.read();
  const scraping: { by?: Scraper } = {}; // nothing is read before the engine is there
  const pump = () => {
    engine.pump();
  };
  const engine: AlertingEngine = await AlertingEngine.open(
    configuration,
    {
      store,
      time: { wall: systemClock, monotonic: () => performance.now() },
      waker: new BullmqWaker(queues, redis, pump, logger),
      isComplete: () => scraping.by?.isComplete === true,
      random: Math.random,
      ...{ metrics, logger, signal },
    },
    {
      longestSilence: config.longestSilenceHours * 3_600 * SECOND,
      retention: config.retentionDays * DAY,
      resolveTimeout: files.resolveTimeout,
    },
  );
  const targets = () => targetsOf(config, network.dataFolder);
  const onScraped = (job: string, outcome: string) => {
    metrics.scrapes.inc({ job, outcome });
  };
  const scraper = new Scraper({
    samples: engine.samples,
    targets,
    now: () => engine.now(),
    onScraped,
    logger,
  });
  scraping.by = scraper;
  return { engine, scraper };
}

/** The pages of the roles on this machine, and those that the configuration names. */
function targetsOf({ scrape }: AlertingConfig, dataFolder: string): readonly ScrapeTarget[] {
  const others = scrape.map(({ job, url }) => ({
    id: url,
    url,
    labels: { job, instance: new URL(url).host },
  }));
  return [...fleetTargets(runningRoles(dataFolder)), ...others];
}

function watchdogOptions({ heartbeat, expectedHeartbeats }: AlertingConfig) {
  return {
    heartbeat: heartbeat && { receiver: heartbeat.receiver, every: heartbeat.everySeconds * SECOND },
    expected: expectedHeartbeats.map(({ name, withinSeconds }) => ({
      name,
      within: withinSeconds * SECOND,
    })),
  };
}

async function listen(app: FastifyInstance, { host, port }: AlertingConfig["api"]): Promise<string> {
  await app.listen({ host, port }).catch((error: unknown) => {
    throw new ConfigurationError(
      "ALERTING_API",
      `The API of alerting cannot listen on ${host}:${port}: ${explain(error)}. Nobody is told anything. End what listens there, or set alerting.api.port to a free one.`,
      {},
      error,
    );
  });
  return `http://${host}:${port}`;
}
