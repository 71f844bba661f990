import { newLeaseId } from "../lease-id.ts";
import { command } from "./commands.ts";

/** What packets of a port are dropped: those to it (`upstream`, from its clients), those from it, or both; so many in a hundred. */
export type Drop = {
  readonly ports: readonly number[];
  readonly direction: "both" | "upstream" | "downstream";
  /** 0 to 100; 100 drops all. */
  readonly percent: number;
};

/** The finest share that is told apart, in parts of the whole. */
const PARTS = 10_000;

/** The table of a lease. */
export function tableOf(id: string): string {
  return `dchat_chaos_${id}`;
}

/** Makes such a table and takes it away. @throws Error where there is no nft, no right to, or a kernel without `numgen` */
export async function probeNft(): Promise<void> {
  const name = tableOf(newLeaseId());
  await command("nft", ["-f", "-"], rulesOf(name, { ports: [1], direction: "both", percent: 50 }, 1_000));
  await deleteTable(name);
}

/**
 * Drops packets on loopback by a table of its own. The ports are elements of a set with a time-out: at its end the kernel itself takes
 * them out, whoever is still there.
 */
export async function addTable(name: string, drop: Drop, milliseconds: number): Promise<void> {
  await command("nft", ["-f", "-"], rulesOf(name, drop, milliseconds));
}

/** A table that is gone is no error. */
export async function deleteTable(name: string): Promise<void> {
  // Of a table that is there already, `add` changes nothing; so neither line fails for want of it.
  await command("nft", ["-f", "-"], `add table inet ${name}\ndelete table inet ${name}\n`);
}

function rulesOf(name: string, { ports, direction, percent }: Drop, milliseconds: number): string {
  const share = percent >= 100 ? "" : `numgen random mod ${PARTS} < ${Math.round((percent * PARTS) / 100)} `;
  const sides = { upstream: ["dport"], downstream: ["sport"], both: ["dport", "sport"] } as const;
  const rules = sides[direction].map((side) => `iif lo tcp ${side} @ports ${share}counter drop`);
  const elements = ports.map((port) => `${port} timeout ${Math.ceil(milliseconds)}ms`).join(", ");
  // Dropped where they come in: a sender is told of what its own machine drops as it goes out, which no network does.
  return `table inet ${name} {
    set ports { type inet_service; flags timeout; elements = { ${elements} } }
    chain input { type filter hook input priority filter; ${rules.join("; ")}; }
  }\n`;
}
