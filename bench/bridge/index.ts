import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { chainsOf } from "../../relayer/domain/network.ts";
import { createLogger } from "../../relayer/platform/log.ts";
import { type LocalNetwork, startLocalNetwork } from "../../scripts/local/network.ts";
import { Backlog } from "./backlog.ts";
import { Load } from "./load.ts";
import { Observer } from "./observer.ts";
import { RpcNode } from "./rpc-node.ts";
import { SlowLines } from "./slow-lines.ts";

type Figures = Record<string, number>;

/** The sustained load, and how many transfers the paced phases send at ten a second. */
const TRANSFERS = 10_000;
const PACED = 300;
const PER_SECOND = 10;
const WARM_UP = 50;
/** How many messages wait when their cost is taken, in the order in which they come about, and how many are delivered for that. */
const BACKLOGS = [2_000, 10_000, 100_000];
const TAKEN = 2_000;
const RPC_LATENCY_MILLISECONDS = 100;
/** After so long without an arrival a phase has failed. */
const PATIENCE_MILLISECONDS = 60_000;

/** A network under load, and what watches it. */
type Rig = {
  readonly local: LocalNetwork;
  readonly load: Load;
  readonly observer: Observer;
};

/**
 * Two chains, Redis and every role of the fleet as `npm start` runs them, on this machine alone. Each transfer is a transaction
 * of its own in a block of its own. Times run from the source log to the destination's receipt, as both chains show them to an
 * observer; the wait for the block that makes the source final is in them, since at this load it is there at once.
 */
export async function measureBridge(): Promise<Figures> {
  const figures = await withRig(0, async (rig) => ({
    ...(await paced(rig, "At10PerSecond")),
    ...(await sustained(rig)),
    ...memory(rig),
    ...rig.observer.account(),
    ...(await backlogs(rig)),
  }));
  return {
    ...figures,
    ...(await withRig(RPC_LATENCY_MILLISECONDS, (rig) => paced(rig, "At10PerSecondRpc100Ms"))),
  };
}

async function withRig(rpcMilliseconds: number, measure: (rig: Rig) => Promise<Figures>): Promise<Figures> {
  mkdirSync(".dchat", { recursive: true });
  const folder = resolve(mkdtempSync(join(".dchat", "bench-bridge-")));
  const stopping = new AbortController();
  const lines = new SlowLines(rpcMilliseconds);
  let local: LocalNetwork | undefined;
  try {
    local = await startLocalNetwork(
      {
        folder,
        redisServer: process.env["DCHAT_REDIS_SERVER"] ?? "redis-server",
        blockSeconds: 1,
        signal: stopping.signal,
        ...(rpcMilliseconds === 0 ? {} : { configure: (_role, network) => lines.lengthen(network) }),
      },
      { onStep: tell, logger: createLogger("silent", { role: "bench" }) },
    );
    const [from, to] = chainsOf(local.network);
    const [origin, destination] = [from, to].map((chain) => chain && new RpcNode(chain.rpcUrl));
    if (!from || !to || !origin || !destination) throw new Error("a local network has two chains");
    const load = await Load.open(local.network, origin);
    const rig = { local, load, observer: new Observer(origin, from.outbox, destination, to.inbox) };
    await phase(rig, WARM_UP, "warm-up", (transfers) => load.pace(transfers, PER_SECOND));
    return await measure(rig);
  } finally {
    await local?.supervisor.stop();
    lines.close();
    rmSync(folder, { recursive: true });
  }
}

/** Sends `count` transfers and waits until all of them have arrived. */
async function phase(
  { load, observer }: Rig,
  count: number,
  name: string,
  send: (transfers: readonly string[]) => Promise<void>,
): Promise<void> {
  const transfers = await load.prepare(count);
  await observer.begin();
  let told = performance.now();
  const watching = observer.until(count, PATIENCE_MILLISECONDS, (executed) => {
    if (performance.now() - told < 2_000) return;
    told = performance.now();
    tell(`${name}: ${executed} of ${count}`);
  });
  await Promise.all([send(transfers), watching]);
}

/** Tells figures as soon as they are taken: what follows takes minutes. */
function tellFigures(figures: Figures): Figures {
  tell(JSON.stringify(figures));
  return figures;
}

async function paced(rig: Rig, suffix: string): Promise<Figures> {
  await phase(rig, PACED, suffix, (transfers) => rig.load.pace(transfers, PER_SECOND));
  const latencies = rig.observer.latencies().toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(latencies[Math.ceil(latencies.length * share) - 1] ?? 0);
  const { gasPerMessage, messagesPerDelivery } = await rig.observer.costs();
  return tellFigures({
    [`latencyMsP50${suffix}`]: at(0.5),
    [`latencyMsP95${suffix}`]: at(0.95),
    [`latencyMsP99${suffix}`]: at(0.99),
    [`gasPerMessage${suffix}`]: Math.round(gasPerMessage),
    [`messagesPerDelivery${suffix}`]: Math.round(messagesPerDelivery * 10) / 10,
  });
}

async function sustained(rig: Rig): Promise<Figures> {
  const before = cpuSeconds(rig);
  await phase(rig, TRANSFERS, "sustained", (transfers) => rig.load.flood(transfers));
  const { gasPerMessage, messagesPerDelivery } = await rig.observer.costs();
  return tellFigures({
    transfersPerSecond: Math.round((TRANSFERS * 1_000) / rig.observer.duration()),
    gasPerMessageSustained: Math.round(gasPerMessage),
    messagesPerDeliverySustained: Math.round(messagesPerDelivery * 10) / 10,
    ...Object.fromEntries(
      Object.entries(cpuSeconds(rig)).map(([name, seconds]) => {
        const milliseconds = ((seconds - (before[name] ?? 0)) * 1_000) / TRANSFERS;
        return [`cpuMsPerTransfer.${name}`, Math.round(milliseconds * 100) / 100];
      }),
    ),
  });
}

/** What each process has used of the processors, in seconds: who takes them under load is what limits it. */
function cpuSeconds({ local: { supervisor, roles } }: Rig): Figures {
  return Object.fromEntries(
    ["chain-A", "chain-B", ...roles].map((name) => [name, Number(ask(supervisor.pid(name), "cputimes"))]),
  );
}

/** One field of what the system says about a process. */
function ask(pid: number | undefined, field: string): string {
  return execFileSync("ps", ["-o", `${field}=`, "-p", String(pid)], { encoding: "utf8" });
}

/**
 * What a message costs while ever more wait: gas, and time from one delivery to the next. The sender stands still while they come in.
 * Most of the last backlog is left lying.
 */
async function backlogs({ local, observer }: Rig): Promise<Figures> {
  const [, destination] = chainsOf(local.network);
  const sender = `sender-${destination?.name ?? ""}`;
  const hold = (name: string, signal: NodeJS.Signals) =>
    process.kill(local.supervisor.pid(name) ?? 0, signal);
  // The indexer would take a processor for minutes to catch up, which is not what a delivery costs.
  hold("api", "SIGSTOP");
  const backlog = await Backlog.open(local);
  const figures: Figures = {};
  let waiting = 0;
  for (const size of BACKLOGS) {
    hold(sender, "SIGSTOP");
    await backlog.send(size - waiting, (sent) => {
      if (sent % 10_000 === 0) tell(`backlog of ${size}: ${waiting + sent} sent`);
    });
    await observer.begin();
    hold(sender, "SIGCONT");
    await observer.until(TAKEN, PATIENCE_MILLISECONDS, () => undefined);
    const { gasPerMessage, millisecondsPerMessage, messages } = await observer.costs();
    figures[`gasPerMessageAtBacklog${size}`] = Math.round(gasPerMessage);
    figures[`msPerMessageAtBacklog${size}`] = Math.round(millisecondsPerMessage * 100) / 100;
    waiting = size - messages;
  }
  return figures;
}

/** Resident memory of every process of the fleet after the sustained load, in megabytes. */
function memory({ local: { supervisor, roles } }: Rig): Figures {
  return Object.fromEntries(
    roles.map((name) => {
      const kilobytes = Number(ask(supervisor.pid(name), "rss"));
      return [`memoryMb.${name}`, Math.round(kilobytes / 1_024)];
    }),
  );
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
