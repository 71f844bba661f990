import { newLeaseId } from "../lease-id.ts";
import { command } from "./commands.ts";

/** Which packets of ports something is done to: those to them (`upstream`, from their clients), those from them, or both. */
export type Bite = {
  readonly ports: readonly number[];
  readonly direction: "both" | "upstream" | "downstream";
  /** So many in a hundred are dropped, 100 being all; or all go through the chain {@link HELD}, which is empty at first. */
  readonly then: { readonly dropPercent: number } | "hold";
};

/** The chain into which a program puts the rule that hands packets to it. */
export const HELD = "held";

/** The finest share that is told apart, in parts of the whole. */
const PARTS = 10_000;

/** The table of a lease. */
export function tableOf(id: string): string {
  return `dchat_chaos_${id}`;
}

/** Makes such a table and takes it away. @throws Error where there is no nft, no right to, or a kernel without `numgen` */
export async function probeNft(): Promise<void> {
  const name = tableOf(newLeaseId());
  const bite = { ports: [1], direction: "both" as const, then: { dropPercent: 50 } };
  await command("nft", ["-f", "-"], rulesOf(name, bite, 1_000));
  await deleteTable(name);
}

/**
 * Bites packets on loopback by a table of its own. The ports are elements of a set with a time-out: at its end the kernel itself takes
 * them out, whoever is still there.
 */
export async function addTable(name: string, bite: Bite, milliseconds: number): Promise<void> {
  await command("nft", ["-f", "-"], rulesOf(name, bite, milliseconds));
}

/** A table that is gone is no error. */
export async function deleteTable(name: string): Promise<void> {
  // Of a table that is there already, `add` changes nothing; so neither line fails for want of it.
  await command("nft", ["-f", "-"], `add table inet ${name}\ndelete table inet ${name}\n`);
}

function rulesOf(name: string, { ports, direction, then }: Bite, milliseconds: number): string {
  const sides = { upstream: ["dport"], downstream: ["sport"], both: ["dport", "sport"] } as const;
  const rules = sides[direction].map((side) => `iif lo tcp ${side} @ports ${verdictOf(then)}`);
  const elements = ports.map((port) => `${port} timeout ${Math.ceil(milliseconds)}ms`).join(", ");
  // Bitten where they come in: a sender is told of what its own machine drops as it goes out, which no network does.
  return `table inet ${name} {
    set ports { type inet_service; flags timeout; elements = { ${elements} } }
    chain ${HELD} { }
    chain input { type filter hook input priority filter; ${rules.join("; ")}; }
  }\n`;
}

function verdictOf(then: Bite["then"]): string {
  if (then === "hold") return `counter goto ${HELD}`;
  const { dropPercent } = then;
  const share =
    dropPercent >= 100 ? "" : `numgen random mod ${PARTS} < ${Math.round((dropPercent * PARTS) / 100)} `;
  return `${share}counter drop`;
}
