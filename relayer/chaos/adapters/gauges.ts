import type { Fault } from "../core/fault.ts";
import type { LinkTarget, ProcessTarget, Target } from "../core/target.ts";
import type { Gauge } from "../ports.ts";
import { measureClock, measureDisk, measureEventLoop } from "./probes/inside.ts";
import { type LinkTrial, tryLink } from "./probes/links.ts";
import { measureRedisCommit, refusalOfRedis } from "./probes/redis-disk.ts";
import { availableMemory, measureCpu, processState } from "./probes/machine.ts";

/** How many questions a link is asked for one reading, and how long each may take, in milliseconds. */
const TRIALS = 24;
const PATIENCE_MILLISECONDS = 1_500;
/** An answer that a lost packet held up takes so much longer than others: TCP waits at least 200 ms before it sends again. */
const HELD_UP_MILLISECONDS = 150;
/** How long Redis may take for a write that a slow disk holds up. */
const COMMIT_MILLISECONDS = 5_000;
const WINDOW_MILLISECONDS = 300;
const MEGABYTE = 1_048_576;

/** What gauges need to know of the fleet. */
export type GaugeOptions = {
  /** Where processes may write for a moment. */
  readonly folder: string;
  /** The links that there are: another one to the same node says what that shows without the fault. */
  readonly links: readonly LinkTarget[];
  /** Past every proxy. */
  readonly redisUrl: string;
  /** The RPC of a chain's node, by the name of its process. */
  readonly chainUrl: (name: string) => string | undefined;
};

/**
 * Gets ready to take the gauge of `core/effect.ts` for one target, by asking the target and the system, and nobody who does faults.
 * @throws Error where a target is of the wrong kind
 */
export async function gaugeOf(fault: Fault, target: Target, options: GaugeOptions): Promise<Gauge> {
  if (target.kind === "link") return gaugeOfLink(fault, target, options);
  const { folder, redisUrl } = options;
  const isRedis = target.service === "redis";
  switch (fault.type) {
    case "CpuSpike":
      return () => measureCpu(WINDOW_MILLISECONDS);
    case "MemoryPressure":
      return () => Promise.resolve(availableMemory() / MEGABYTE);
    case "DiskSlow":
      if (isRedis) return () => measureRedisCommit(redisUrl, COMMIT_MILLISECONDS);
      return async () => (await measureDisk(target, folder)).commitMilliseconds;
    case "DiskFull":
      if (isRedis)
        return async () => ((await refusalOfRedis(redisUrl, COMMIT_MILLISECONDS)) === null ? 0 : 1);
      return async () => ((await measureDisk(target, folder)).refusal === null ? 0 : 1);
    case "ClockSkew":
      return () => measureClock(target);
    case "EventLoopBlock":
      return () => measureEventLoop(target, 3 * fault.milliseconds);
    case "ServiceCrash":
    case "RedisFailover":
      return () => Promise.resolve(processState(target) === "running" ? 0 : 1);
    case "Reorg":
      return gaugeOfChain(target, options);
    case "Latency":
    case "PacketLoss":
    case "NetworkPartition":
    case "RpcLie":
    case "RpcLag":
      throw new Error(`${fault.type} is done to links, and ${target.name} is a process`);
  }
}

function gaugeOfLink(fault: Fault, link: LinkTarget, { links }: GaugeOptions): Gauge {
  const protocol = link.server === "redis" ? "redis" : "rpc";
  const ask = ({ port }: LinkTarget) => tryLink(port, protocol, PATIENCE_MILLISECONDS);
  const trials = () => Promise.all(Array.from({ length: TRIALS }, () => ask(link)));
  switch (fault.type) {
    case "Latency":
      return async () => {
        // What is not answered in time took that long at least.
        const times = (await trials()).map((trial) =>
          trial.isAnswered ? trial.milliseconds : PATIENCE_MILLISECONDS,
        );
        return times.toSorted((a, b) => a - b)[TRIALS / 2] ?? PATIENCE_MILLISECONDS;
      };
    case "PacketLoss":
      return gaugeOfLoss(trials);
    case "NetworkPartition":
      return async () => share(await trials(), ({ isAnswered }) => !isAnswered);
    case "RpcLie":
    case "RpcLag":
      return () => contradiction(fault, link, links, ask);
    case "CpuSpike":
    case "MemoryPressure":
    case "DiskSlow":
    case "DiskFull":
    case "ServiceCrash":
    case "ClockSkew":
    case "EventLoopBlock":
    case "Reorg":
    case "RedisFailover":
      throw new Error(`${fault.type} is done to processes, and ${link.name} is a link`);
  }
}

/** Against what is usual on the link, as the first reading has it: a busy machine makes all answers late, and a lost packet some. */
function gaugeOfLoss(trials: () => Promise<readonly LinkTrial[]>): Gauge {
  let usual: number | undefined;
  return async () => {
    const found = await trials();
    const times = found.map((trial) => (trial.isAnswered ? trial.milliseconds : PATIENCE_MILLISECONDS));
    usual ??= times.toSorted((a, b) => a - b)[TRIALS / 2] ?? PATIENCE_MILLISECONDS;
    const limit = usual + HELD_UP_MILLISECONDS;
    return share(found, (trial) => !trial.isAnswered || trial.milliseconds > limit);
  };
}

function share(trials: readonly LinkTrial[], is: (trial: LinkTrial) => boolean): number {
  return trials.filter(is).length / trials.length;
}

/** What a link's node shows against what another link to the same node shows, asked right after. */
async function contradiction(
  fault: Extract<Fault, { type: "RpcLie" | "RpcLag" }>,
  link: LinkTarget,
  links: readonly LinkTarget[],
  ask: (link: LinkTarget) => Promise<LinkTrial>,
): Promise<number> {
  const other = links.find(({ server, name }) => server === link.server && name !== link.name);
  if (other === undefined) throw new Error(`no other link leads to ${link.server}`);
  let lies = 0;
  let behind = 0;
  for (let i = 0; i < TRIALS; i++) {
    const [told, shown] = [await ask(link), await ask(other)];
    if (!told.isAnswered || !shown.isAnswered || told.block === undefined || shown.block === undefined)
      continue;
    if (told.block.number === shown.block.number && told.block.hash !== shown.block.hash) lies++;
    behind = Math.max(behind, Number(shown.block.number - told.block.number));
  }
  return fault.type === "RpcLie" ? lies / TRIALS : behind;
}

/** Remembers the newest block, and looks whether one that was seen is still there. */
async function gaugeOfChain({ name }: ProcessTarget, { chainUrl }: GaugeOptions): Promise<Gauge> {
  const url = chainUrl(name);
  if (url === undefined) throw new Error(`${name} is the node of no chain`);
  const port = Number(new URL(url).port);
  const newest = async () => {
    const trial = await tryLink(port, "rpc", PATIENCE_MILLISECONDS);
    return trial.isAnswered ? trial.block : undefined;
  };
  let highest = await newest();
  return async () => {
    const now = await newest();
    const isGone = highest !== undefined && now !== undefined && now.number < highest.number;
    if (now !== undefined && !isGone) highest = now;
    return isGone ? 1 : 0;
  };
}
