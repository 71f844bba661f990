import { type FleetSources, Gatherer } from "../api/operator/fleet/gather.ts";
import { FleetFeed } from "../api/operator/fleet/feed.ts";
import { countAlerts } from "../api/operator/fleet/sources/alerts.ts";
import { type HeldToken, readHoldings } from "../api/operator/fleet/sources/holdings.ts";
import { MetricsSource } from "../api/operator/fleet/sources/metrics.ts";
import { readRoles } from "../api/operator/fleet/sources/roles.ts";
import type { Lists } from "../api/lists.ts";
import type { ReadModel } from "../api/read-model.ts";
import { readHolding } from "../bridge/adapters/token-holdings.ts";
import type { AttestationStore } from "../bridge/ports.ts";
import type { Network } from "../domain/network.ts";
import type { PublicKey } from "../domain/ids.ts";
import type { FleetQueries } from "../indexer/adapters/fleet-queries.ts";
import { systemClock } from "../platform/clock.ts";
import type { QueueAdmin } from "../platform/queue-admin.ts";
import { runningRoles } from "../platform/role-files.ts";
import type { Parts } from "./parts.ts";

/** What the API has opened already for its own answers. */
export type OpenedParts = Pick<Parts, "chains" | "rpc" | "logger"> & {
  readonly readModel: ReadModel;
  readonly lists: Lists;
  readonly attestations: AttestationStore;
  readonly fleetQueries: FleetQueries;
  readonly queues: QueueAdmin;
  readonly network: Network;
  readonly findAlerting: () => string | undefined;
  /** Aborted when the process ends. */
  readonly signal: AbortSignal;
};

/** What looks at the whole fleet. */
export function openFleetFeed(parts: OpenedParts): FleetFeed {
  const gatherer = new Gatherer(sourcesOf(parts), () => systemClock.now());
  return new FleetFeed({ gather: () => gatherer.gather(), clock: systemClock, logger: parts.logger });
}

function sourcesOf(parts: OpenedParts): FleetSources {
  const { readModel, lists, attestations, fleetQueries, queues, network, logger, signal } = parts;
  const roles = () => runningRoles(network.dataFolder);
  const metrics = new MetricsSource({ roles, now: () => systemClock.now(), logger });
  const rpcOf = (chain: string) => {
    const found = parts.chains.find(({ name }) => name === chain);
    if (found === undefined) throw new Error(`no chain ${chain}`);
    return parts.rpc(found.chainId);
  };
  const tokens = heldTokens(parts);
  return {
    status: () => readModel.status(),
    edge: (lane, accepted) => fleetQueries.edge(lane, accepted),
    signers: async (lane, accepted, epoch) => {
      const points = await attestations.pointsAbove(lane, accepted);
      const signatures = await Promise.all(points.map((point) => attestations.signatures(point, epoch)));
      return new Set<PublicKey>(signatures.flatMap((each) => [...each.keys()]));
    },
    validators: () => lists.validators(),
    queues: () => queues.list(),
    // A file that cannot be read fails the part, not the look.
    roles: async () => readRoles(roles()),
    metrics: () => metrics.read(signal),
    account: async (chain, account) => {
      const rpc = rpcOf(chain);
      const [balance, nonce] = await Promise.all([
        rpc.ask("eth_getBalance", () => rpc.provider.getBalance(account)),
        rpc.ask("eth_getTransactionCount", () => rpc.provider.getTransactionCount(account)),
      ]);
      return { balance, nonce };
    },
    holdings: () =>
      readHoldings(tokens, fleetQueries, (side, chainId, block) =>
        readHolding(side, parts.rpc(chainId), block),
      ),
    alerts: () => countAlerts(parts.findAlerting()),
  };
}

function heldTokens({ network, chains }: OpenedParts): readonly HeldToken[] {
  return Object.entries(network.tokens).map(([symbol, { decimals, sides }]) => ({
    ...{ symbol, decimals },
    sides: chains.flatMap(({ name, chainId }) => {
      const side = sides[name];
      return side === undefined ? [] : [{ ...side, chainId }];
    }),
  }));
}
