import type { Inventory } from "../../../relayer/chaos/core/selector.ts";
import type { LinkTarget, ProcessTarget } from "../../../relayer/chaos/core/target.ts";

/** A process of a service of its name's beginning. */
export function processOf(name: string, zone: string): ProcessTarget {
  const service = name.startsWith("chaos-") ? name : name.replace(/-\d+$/, "");
  return { kind: "process", name, pid: 1_000, startTime: "1", zone, region: "here", service };
}

function linkOf(client: string, server: string): LinkTarget {
  return { kind: "link", name: `${client}>${server}`, client, server, port: 1 };
}

/** A small fleet in two zones of a region. */
export const fleet: Inventory = {
  processes: [
    processOf("signer-3", "zone-a"),
    processOf("signer-1", "zone-a"),
    processOf("signer-2", "zone-b"),
    processOf("sender-1", "zone-a"),
    processOf("sender-2", "zone-b"),
    processOf("database", "zone-b"),
    processOf("redis", "zone-a"),
    processOf("api", "zone-a"),
  ],
  links: [
    linkOf("sender-2", "redis"),
    linkOf("sender-1", "redis"),
    linkOf("signer-1", "redis"),
    linkOf("api", "database"),
  ],
};
