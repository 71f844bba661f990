import type { Fault } from "./fault.ts";
import type { Target } from "./target.ts";

/** What a fault takes hold of, by name: alone, or beside others. */
export type Claims = { readonly alone: readonly string[]; readonly shared: readonly string[] };

/**
 * What a fault has to have, so that what is measured of it is its own doing: a link that nobody else faults, a process that is not stopped
 * meanwhile, and for what bites the whole machine, the machine.
 */
export function claimsOf(fault: Fault, targets: readonly Target[]): Claims {
  const links = targets.filter((target) => target.kind === "link");
  const processes = targets
    .filter((target) => target.kind === "process")
    .map(({ name }) => `process ${name}`);
  switch (fault.type) {
    case "CpuSpike":
      return { alone: ["processors"], shared: processes };
    case "MemoryPressure":
      return { alone: ["memory"], shared: processes };
    case "ServiceCrash":
    case "RedisFailover":
    case "Reorg":
    case "DiskSlow":
    case "DiskFull":
    case "ClockSkew":
    case "EventLoopBlock":
      return { alone: processes, shared: [] };
    case "Latency":
    case "PacketLoss":
    case "NetworkPartition":
    case "RpcLie":
    case "RpcLag":
      return {
        alone: links.map(({ name }) => `link ${name}`),
        // A link's effect is measured by asking its server.
        shared: [...new Set(links.map(({ server }) => `process ${server}`))],
      };
  }
}

/** Whether two faults must not be there at the same time. */
export function areAtOdds(a: Claims, b: Claims): boolean {
  const meets = (alone: readonly string[], other: Claims) =>
    alone.some((each) => other.alone.includes(each) || other.shared.includes(each));
  return meets(a.alone, b) || meets(b.alone, a);
}
