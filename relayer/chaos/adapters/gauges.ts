import type { Fault } from "../core/fault.ts";
import type { LinkTarget, ProcessTarget, Target } from "../core/target.ts";
import type { Gauge } from "../ports.ts";
import { measureClock, measureDisk, measureEventLoop } from "./probes/inside.ts";
import { type LinkProtocol, type LinkTrial, type ToldBlock, tryLink } from "./probes/links.ts";
import { availableMemory, measureCpu, processState } from "./probes/machine.ts";
import { measureRedisCommit, refusalOfRedis } from "./probes/redis-disk.ts";
import { Sentinels } from "./sentinels.ts";

/** How many questions a link is asked for one reading. */
const TRIALS = 24;
/** An answer that a lost packet held up takes longer by this: TCP waits at least 200 ms before it sends again. */
const HELD_UP_MILLISECONDS = 150;
/** Of the answers on a link that nothing is done to, nine in ten are no slower than a machine that is as busy as this one makes them. */
const ORDINARY = 0.9;
const WINDOW_MILLISECONDS = 300;
const MEGABYTE = 1_048_576;

/** What gauges need to know of the fleet. */
export type GaugeOptions = {
  /** Where processes may write for a moment. */
  readonly folder: string;
  /** The links that there are: another one to the same server says what that shows, and how fast, without the fault. */
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
export function gaugeOf(fault: Fault, target: Target, options: GaugeOptions): Gauge {
  if (target.kind === "link") return gaugeOfLink(fault, target, options);
  const { folder, redisUrl } = options;
  const isRedis = target.service === "redis";
  switch (fault.type) {
    case "CpuSpike":
      return () => measureCpu(WINDOW_MILLISECONDS);
    case "MemoryPressure":
      return () => Promise.resolve(availableMemory() / MEGABYTE);
    case "DiskSlow":
      if (isRedis) return (patience) => measureRedisCommit(redisUrl, patience);
      return async () => (await measureDisk(target, folder)).commitMilliseconds;
    case "DiskFull":
      if (isRedis) return async (patience) => ((await refusalOfRedis(redisUrl, patience)) === null ? 0 : 1);
      return async () => ((await measureDisk(target, folder)).refusal === null ? 0 : 1);
    case "ClockSkew":
      return () => measureClock(target);
    case "EventLoopBlock":
      return () => measureEventLoop(target, 3 * fault.milliseconds);
    case "ServiceCrash":
      return gaugeOfProcess(target);
    case "RedisFailover":
      return gaugeOfMaster(redisUrl) ?? gaugeOfProcess(target);
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
  const trials = ({ port, server }: LinkTarget, patience: number) =>
    Promise.all(Array.from({ length: TRIALS }, () => tryLink(port, protocolOf(server), patience)));
  switch (fault.type) {
    case "Latency":
      return async (patience) => quantile(await trials(link, patience), 1 / 2, patience);
    case "PacketLoss":
      return (patience) => heldUp(link, links, patience, trials);
    case "NetworkPartition":
      return async (patience) => share(await trials(link, patience), ({ isAnswered }) => !isAnswered);
    case "RpcLie":
    case "RpcLag":
      return (patience) => contradiction(fault, link, links, patience);
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

function protocolOf(server: string): LinkProtocol {
  if (server === "redis") return "redis";
  return server === "database" ? "postgresql" : "http";
}

/** The processes of a service go by its name and a letter or number. */
function serviceOf(client: string): string {
  return client.replace(/-[A-Z0-9]+$/, "");
}

function share(some: readonly LinkTrial[], is: (trial: LinkTrial) => boolean): number {
  return some.filter(is).length / some.length;
}

/** The time that so many of all trials did not exceed; what was not answered took as long as it may. */
function quantile(some: readonly LinkTrial[], part: number, patience: number): number {
  const times = some.map((trial) => (trial.isAnswered ? trial.milliseconds : patience));
  return times.toSorted((a, b) => a - b)[Math.floor(part * times.length)] ?? patience;
}

/**
 * The share of questions that fail, or take longer than the same server takes at the same moment over another link: a busy machine makes both slow, and
 * lost packets one. Should that other link have a fault, too, less is seen, never more.
 */
async function heldUp(
  link: LinkTarget,
  links: readonly LinkTarget[],
  patience: number,
  trials: (of: LinkTarget, patience: number) => Promise<readonly LinkTrial[]>,
): Promise<number> {
  // Of another service: a fault mostly hits all of one.
  const isOther = (each: LinkTarget) => serviceOf(each.client) !== serviceOf(link.client);
  const other = links.find((each) => each.server === link.server && isOther(each));
  const [own, others] = await Promise.all([trials(link, patience), other && trials(other, patience)]);
  const ordinary = others === undefined ? 0 : quantile(others, ORDINARY, patience);
  const isLate = ({ milliseconds }: LinkTrial) => milliseconds > ordinary + HELD_UP_MILLISECONDS;
  // What fails sooner than it is given up was refused or reset.
  return share(own, (trial) => isLate(trial) || (!trial.isAnswered && trial.milliseconds < patience));
}

/** What a link's node shows against what another link to the same node shows, asked right after. */
async function contradiction(
  fault: Extract<Fault, { type: "RpcLie" | "RpcLag" }>,
  link: LinkTarget,
  links: readonly LinkTarget[],
  patience: number,
): Promise<number> {
  const ask = ({ port }: LinkTarget) => tryLink(port, "rpc", patience);
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

function gaugeOfProcess(target: ProcessTarget): Gauge {
  return () => Promise.resolve(processState(target) === "running" ? 0 : 1);
}

/** Remembers who was the master, and looks whether it still is; undefined where no Sentinels say so. */
function gaugeOfMaster(redisUrl: string): Gauge | undefined {
  const sentinels = Sentinels.of(redisUrl);
  let first: string | undefined;
  return (
    sentinels &&
    (async (patience) => {
      const master = await sentinels.master(patience);
      first ??= master;
      return master === first ? 0 : 1;
    })
  );
}

/** Remembers the newest block, and looks whether one that was seen is still there. */
function gaugeOfChain({ name }: ProcessTarget, { chainUrl }: GaugeOptions): Gauge {
  const url = chainUrl(name);
  if (url === undefined) throw new Error(`${name} is the node of no chain`);
  const port = Number(new URL(url).port);
  const newest = async (patience: number) => {
    const trial = await tryLink(port, "rpc", patience);
    return trial.isAnswered ? trial.block : undefined;
  };
  let highest: ToldBlock | undefined;
  return async (patience) => {
    const now = await newest(patience);
    const isGone = highest !== undefined && now !== undefined && now.number < highest.number;
    if (now !== undefined && !isGone) highest = now;
    return isGone ? 1 : 0;
  };
}
