import type { Fault, FaultType } from "./fault.ts";

/** What is measured of a target to see whether a fault bites, and in which unit. */
export const GAUGES = {
  Latency: "ms from connecting to an answer, median",
  PacketLoss: "share of questions that fail or take 150 ms longer than over another link",
  NetworkPartition: "share of questions that are not answered",
  RpcLie: "share of answers that another link to the node contradicts",
  RpcLag: "blocks behind what another link to the node shows",
  CpuSpike: "share of all cores that is busy",
  MemoryPressure: "MB that programs can still have",
  DiskSlow: "ms for a durable commit in the process",
  DiskFull: "1 when the process cannot write",
  ServiceCrash: "1 when the process is gone or stopped",
  ClockSkew: "ms by which the clock of the process is ahead",
  EventLoopBlock: "ms that the event loop kept a timer waiting",
  Reorg: "1 when a block that was there is gone",
  RedisFailover: "1 when the master is another, or the process is gone",
} as const satisfies Record<FaultType, string>;

/** How much of a fault's measure has to be seen: a probe never sees all of it, and half is no accident. */
const SEEN = 0.5;
/** A machine that is busy already cannot become much busier. */
const NEARLY_ALL = 0.9;

/**
 * Whether a fault bit a target, by what was measured independently of whoever did it.
 * @param before the gauge of {@link GAUGES} before the fault
 * @param during the same during the fault; undefined where it could not be taken, which proves nothing
 */
export function hasBitten(fault: Fault, before: number, during: number | undefined): boolean {
  if (during === undefined || isNothing(fault)) return false;
  switch (fault.type) {
    case "Latency":
      return during - before >= fault.milliseconds * SEEN;
    case "PacketLoss":
    case "RpcLie":
      return during - before >= (fault.percent / 100) * SEEN;
    case "NetworkPartition":
      return before < 1 && during === 1;
    case "RpcLag":
      return during - before >= fault.blocks * SEEN;
    case "CpuSpike":
      return during >= Math.min(NEARLY_ALL, Math.max(before, (fault.percent / 100) * SEEN));
    case "MemoryPressure":
      return before - during >= fault.megabytes * SEEN;
    case "DiskSlow":
      return during - before >= fault.milliseconds * SEEN;
    case "ClockSkew":
      return Math.abs(during - before - fault.milliseconds) <= Math.abs(fault.milliseconds) * SEEN;
    case "EventLoopBlock":
      return during - before >= fault.milliseconds * SEEN;
    case "DiskFull":
    case "ServiceCrash":
    case "Reorg":
    case "RedisFailover":
      return before === 0 && during === 1;
  }
}

/** A fault whose measure is nothing cannot be seen, whatever else is going on. */
function isNothing(fault: Fault): boolean {
  if ("milliseconds" in fault) return fault.milliseconds === 0;
  if ("percent" in fault) return fault.percent === 0;
  return false;
}
