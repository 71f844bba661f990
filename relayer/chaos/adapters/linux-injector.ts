import type { FaultType } from "../core/fault.ts";
import type { LinkTarget, Target } from "../core/target.ts";
import type { DiskShimPlace } from "../../domain/chaos-config.ts";
import type { Clock, Injector } from "../ports.ts";
import { LeasedInjector, linksOf, type Maker, maker, type Term } from "./leased-injector.ts";
import { newLeaseId } from "./lease-id.ts";
import type { Leases } from "./leases.ts";
import { probeCgroup } from "./linux/cgroups.ts";
import { command, reasonAgainst } from "./linux/commands.ts";
import { latencyMaker, probeDelayQueue } from "./linux/delay-queue.ts";
import { diskShimMakers } from "./linux/disk-shim.ts";
import { addTable, type Bite, probeNft, tableOf } from "./linux/nft.ts";
import { stressCpuMaker, stressMemoryMaker } from "./linux/stress.ts";

const MEGABYTE = 1_048_576;
const NOT_LINUX = "this is no Linux";
const PORTABLE = "the portable tier does it; the kernel has no means of its own for it";

/** What the Linux tier may use. */
export type LinuxOptions = {
  /** Where programs of its own are compiled to. */
  readonly folder: string;
  /** The folder of a disk shim with which processes were started, or why there is none. */
  readonly diskShim: DiskShimPlace;
};

/**
 * Faults by the kernel: each mechanism is tried out first, and one that does not work here is left out with the reason. As root, or
 * without root inside `unshare -Urnm` with the fleet in there, too.
 */
export async function linuxInjector(
  { folder, diskShim }: LinuxOptions,
  services: { readonly leases: Leases; readonly clock: Clock },
): Promise<Injector> {
  const groups: readonly Group[] = [
    { makers: netMakers, probe: probeNft },
    { makers: [latencyMaker(folder)], probe: () => probeDelayQueue(folder) },
    { makers: [stressCpuMaker], probe: () => probeStress({ controller: "cpu", cores: 1 }) },
    { makers: [stressMemoryMaker], probe: () => probeStress({ controller: "memory", bytes: 64 * MEGABYTE }) },
  ];
  const makers: (readonly [FaultType, Maker])[] = [];
  const reasons: (readonly [FaultType, string])[] = [...never];
  for (const group of groups) {
    const reason = process.platform === "linux" ? await reasonAgainst(group.probe) : NOT_LINUX;
    if (reason === undefined) makers.push(...group.makers);
    else for (const [type] of group.makers) reasons.push([type, reason]);
  }
  if ("folder" in diskShim) makers.push(...diskShimMakers(diskShim.folder));
  else for (const type of ["DiskSlow", "DiskFull"] as const) reasons.push([type, diskShim.whyNot]);
  return new LeasedInjector("linux", makers, reasons, services);
}

type Group = {
  readonly makers: readonly (readonly [FaultType, Maker])[];
  readonly probe: () => Promise<void>;
};

/** What this tier does not do anywhere, with the reason. */
const never = (
  ["RpcLie", "RpcLag", "ServiceCrash", "ClockSkew", "EventLoopBlock", "Reorg", "RedisFailover"] as const
).map((type) => [type, PORTABLE] as const);

const netMakers: readonly (readonly [FaultType, Maker])[] = [
  maker(
    "PacketLoss",
    {
      tier: "linux",
      name: "nft: random drops",
      what: "that share of the link's packets is dropped where it comes in, each drawn by itself; TCP sends them again",
    },
    ({ percent, direction }, targets, term) => dropDeeds(targets, direction, percent, term),
  ),
  maker(
    "NetworkPartition",
    {
      tier: "linux",
      name: "nft: drops",
      what: "all packets of the link are dropped where they come in; new connections time out",
    },
    ({ direction }, targets, term) => dropDeeds(targets, direction, 100, term),
  ),
];

function dropDeeds(
  targets: readonly Target[],
  direction: Bite["direction"],
  dropPercent: number,
  { id, milliseconds }: Term,
) {
  const ports = linksOf(targets).map(({ port }: LinkTarget) => port);
  const name = tableOf(id);
  return [
    {
      undo: [{ kind: "table" as const, name }],
      act: () => addTable(name, { ports, direction, then: { dropPercent } }, milliseconds),
    },
  ];
}

async function probeStress(limit: Parameters<typeof probeCgroup>[0]): Promise<void> {
  await command("stress-ng", ["--version"]);
  await probeCgroup(limit, newLeaseId());
}
