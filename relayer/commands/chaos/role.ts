import { join } from "node:path";
import { FleetObserver } from "../../chaos/adapters/fleet-observer.ts";
import { FlowWatch } from "../../chaos/adapters/flow-watch.ts";
import { gaugeOf } from "../../chaos/adapters/gauges.ts";
import { readInventory } from "../../chaos/adapters/inventory-file.ts";
import { Leases } from "../../chaos/adapters/leases.ts";
import { SqliteChaosStore } from "../../chaos/adapters/chaos-store.ts";
import { createChaosApi } from "../../chaos/api/server.ts";
import { type ChaosMetrics, createChaosMetrics } from "../../chaos/metrics.ts";
import type { Traffic } from "../../chaos/ports.ts";
import { ChaosController, type RunScene } from "../../chaos/worker/controller.ts";
import { Scheduler } from "../../chaos/worker/scheduler.ts";
import type { ChaosConfig } from "../../domain/chaos-config.ts";
import { ConfigurationError, explain } from "../../domain/errors.ts";
import { CHAOS_QUEUE, chaosRunSchema } from "../../domain/jobs.ts";
import type { Network } from "../../domain/network.ts";
import { SPEECH_QUEUE, utteranceRequestSchema } from "../../domain/speech-jobs.ts";
import { Access } from "../../platform/access.ts";
import { systemClock } from "../../platform/clock.ts";
import { repeat } from "../../platform/repeat.ts";
import { announceApi, runningRoles } from "../../platform/role-files.ts";
import { Users } from "../../platform/users.ts";
import type { CommandContext } from "../context.ts";
import type { CommonParts } from "../parts.ts";
import { roles } from "../roles.ts";
import { checkedChains, checkerOf, chainUrlOf, openInjectors, requireChaos, trafficOf } from "./fleet.ts";

/** How many runs may be under way at the same time; their targets have nothing in common. */
const CONCURRENCY = 4;
/** How often it is looked for runs that are due or wait, in milliseconds. */
const TICK_MILLISECONDS = 1_000;
/** How far back throughput and latency look, in milliseconds. */
const WINDOW_MILLISECONDS = 5_000;
/** How long after its end a fault that is still there is one that people must hear of, in milliseconds. */
const OVERDUE_MILLISECONDS = 5_000;
/** How long runs are kept, in milliseconds. */
const KEEP_MILLISECONDS = 90 * 86_400_000;

/**
 * The role `chaos`: the controller. It does what is asked for over its API, and what schedules plan, and heals everything when it ends.
 * @throws ConfigurationError `NO_CHAOS`, `CHAOS_IN_USE`, `CHAOS_API`, `USERS_FILE`
 */
export async function startChaos(
  parts: CommonParts,
  { network, signal }: CommandContext,
): Promise<() => Promise<void>> {
  const config = requireChaos(network);
  const { queues, logger, registry } = parts;
  const access = new Access(new Users(network.usersFile), () => systemClock.now());
  const leases = await Leases.open(join(config.folder, "leases.sqlite"), { clock: systemClock, logger });
  const store = new SqliteChaosStore(join(config.folder, "chaos.sqlite"));
  store.prune(systemClock.now() - KEEP_MILLISECONDS);
  const metrics = createChaosMetrics(registry);
  const injectors = await openInjectors(network, "auto", leases);
  const traffic = trafficOf(network);
  const inventory = () => readInventory(config.inventoryFile);
  const controller = new ChaosController({
    ...{ store, inventory, metrics, clock: systemClock, logger, fleetScale: network.timeScale },
    injectors: (tier) => injectors.filter((each) => tier === "auto" || each.tier === tier),
    fences: { fence: leases.fence.bind(leases), unfence: leases.unfence.bind(leases) },
    openScene: () => openScene(network, config, traffic),
    ...outsideOf(parts),
  });
  const scheduler = new Scheduler({ store, controller, clock: systemClock, logger });
  const stopServing = await serve(config, network.dataFolder, {
    ...{ controller, scheduler, store, inventory, injectors, access, logger },
  });
  queues.work(CHAOS_QUEUE, chaosRunSchema, ({ run }) => controller.work(run), { concurrency: CONCURRENCY });
  const ticking = repeat(
    () => {
      scheduler.tick();
      controller.redrive();
      showLeases(leases, metrics);
      return Promise.resolve();
    },
    TICK_MILLISECONDS,
    { logger, clock: systemClock, signal },
  );
  return async () => {
    await ticking;
    await stopServing();
    await controller.close();
    await queues.close();
    traffic.close();
    await leases[Symbol.asyncDispose]();
    store.close();
  };
}

/** What the controller asks of others, and does not wait for: Redis may be what is being faulted. */
function outsideOf({ queues, logger }: CommonParts) {
  const add = (asking: Promise<void>) => {
    asking.catch((error: unknown) => {
      logger.debug({ reason: explain(error) }, "the queue does not take a job now");
    });
  };
  return {
    enqueue: (run: string) => {
      add(queues.add(CHAOS_QUEUE, run, chaosRunSchema, { run }));
    },
    announce: (id: string, text: string, isBad: boolean) => {
      const priority = isBad ? ("high" as const) : ("normal" as const);
      const labels = { alertname: "Chaos" };
      const request = utteranceRequestSchema.parse({ id, text, priority, labels });
      add(queues.add(SPEECH_QUEUE, id, utteranceRequestSchema, request));
    },
  };
}

/** What one run sees, by connections of its own, past every proxy. */
async function openScene(network: Network, config: ChaosConfig, traffic: Traffic): Promise<RunScene> {
  const flow = await FlowWatch.start(checkedChains(network));
  const { links } = readInventory(config.inventoryFile);
  const { redisUrl } = network;
  const port = network.alerting?.api.port;
  const observer = new FleetObserver(flow, {
    roles: () => runningRoles(network.dataFolder),
    alertingUrl: port === undefined ? undefined : `http://127.0.0.1:${port}`,
    windowMilliseconds: WINDOW_MILLISECONDS,
  });
  return {
    observer,
    traffic,
    checker: checkerOf(network),
    gaugeOf: (fault, target) =>
      gaugeOf(fault, target, { folder: config.folder, links, redisUrl, chainUrl: chainUrlOf(network) }),
    // A role says where it shows itself once it has started; nodes and stores do not.
    isUp: ({ pid, service }) =>
      !roles.some((role) => role === service) ||
      runningRoles(network.dataFolder).some((role) => role.pid === pid),
    close: () => flow[Symbol.asyncDispose](),
  };
}

async function serve(
  { port }: ChaosConfig,
  dataFolder: string,
  services: Parameters<typeof createChaosApi>[0],
): Promise<() => Promise<void>> {
  const app = await createChaosApi(services);
  await app.listen({ host: "127.0.0.1", port }).catch((error: unknown) => {
    throw new ConfigurationError(
      "CHAOS_API",
      `The API of chaos cannot listen on 127.0.0.1:${port}: ${explain(error)}. No fault is done; end what listens there, or set chaos.port to a free one.`,
      {},
      error,
    );
  });
  const withdraw = announceApi(dataFolder, {
    role: "chaos",
    pid: process.pid,
    url: `http://127.0.0.1:${port}`,
  });
  return () => {
    withdraw();
    return app.close();
  };
}

function showLeases({ ends }: Leases, metrics: ChaosMetrics): void {
  const now = systemClock.now();
  metrics.openLeases.set(ends.length);
  metrics.overdueLeases.set(ends.filter((end) => end + OVERDUE_MILLISECONDS < now).length);
}
