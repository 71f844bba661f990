import type { Fault, FaultType } from "../../core/fault.ts";
import { type Toxic, toxicSchema } from "../../core/toxic.ts";
import { type Deed, linksOf, type Maker, maker, type Term } from "../leased-injector.ts";
import { addToxic } from "../toxiproxy/client.ts";
import type { Target } from "../../core/target.ts";

type Direction = Extract<Fault, { type: "Latency" }>["direction"];
type ToxicShape = Pick<Toxic, "type" | "attributes"> & { readonly toxicity?: number };

/**
 * The faults of links, by toxics of their proxies.
 * @param api the URL of the server that has a proxy for each link, under the link's name
 */
export function linkMakers(api: string): readonly (readonly [FaultType, Maker])[] {
  const proxied = (name: string, what: string) => ({ tier: "portable" as const, name, what });
  const lay = (targets: readonly Target[], direction: Direction, term: Term, shape: ToxicShape) =>
    toxicDeeds(api, targets, direction, term, shape);
  return [
    maker(
      "Latency",
      proxied(
        "proxy: latency",
        "a proxy holds every chunk for so long; connections are set up as fast as before",
      ),
      ({ milliseconds, jitterMilliseconds, direction }, targets, term) =>
        lay(targets, direction, term, {
          type: "latency",
          attributes: { latency: milliseconds, jitter: jitterMilliseconds },
        }),
    ),
    maker(
      "PacketLoss",
      proxied(
        "proxy: connections reset",
        "that share of connections is reset, those that are open and those that come; no packet is lost, and there is no asymmetric kind",
      ),
      ({ percent }, targets, term) =>
        lay(targets, "upstream", term, {
          type: "reset_peer",
          attributes: { timeout: 0 },
          toxicity: percent / 100,
        }),
    ),
    maker(
      "NetworkPartition",
      proxied(
        "proxy: stall",
        "no byte passes and none is lost, ends of connections included; new connections are taken and stay silent",
      ),
      ({ direction }, targets, term) => lay(targets, direction, term, { type: "stall", attributes: {} }),
    ),
    maker(
      "RpcLie",
      proxied("proxy: rpc_lie", "in that share of answers block hashes, logs and receipts are false"),
      ({ percent }, targets, term) =>
        lay(targets, "downstream", term, { type: "rpc_lie", attributes: {}, toxicity: percent / 100 }),
    ),
    maker(
      "RpcLag",
      proxied("proxy: rpc_lag", "the node answers as it would have so many blocks ago"),
      ({ blocks }, targets, term) =>
        lay(targets, "downstream", term, { type: "rpc_lag", attributes: { blocks } }),
    ),
  ];
}

function toxicDeeds(
  api: string,
  targets: readonly Target[],
  direction: Direction,
  { id, milliseconds }: Term,
  { type, attributes, toxicity = 1 }: ToxicShape,
): readonly Deed[] {
  const streams = direction === "both" ? (["upstream", "downstream"] as const) : [direction];
  return linksOf(targets).flatMap(({ name: proxy }) =>
    streams.map((stream) => {
      const name = `chaos-${id}-${stream}`;
      const lasting = { ...attributes, ttl: milliseconds };
      const toxic = toxicSchema.parse({ name, type, stream, toxicity, attributes: lasting });
      return {
        undo: [{ kind: "toxic" as const, api, proxy, toxic: name }],
        act: () => addToxic(api, proxy, toxic),
      };
    }),
  );
}
