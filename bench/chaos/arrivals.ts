import { setTimeout as sleep } from "node:timers/promises";
import { FetchRequest, JsonRpcProvider, Network as EthersNetwork } from "ethers";
import { type ChainConfig, chainsOf, type Network } from "../../relayer/domain/network.ts";
import { Inbox__factory } from "../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import { Outbox__factory } from "../../types/ethers-contracts/factories/bridge/Outbox__factory.ts";

/** What became of all messages that both chains' Outboxes ever logged. */
export type Account = {
  readonly sent: number;
  /** Not executed, and the lane is past them: they never will be. */
  readonly lost: number;
  /** Executions beyond the first of each message. */
  readonly doubled: number;
  /** Not executed, and the lane still stands before them. */
  readonly stuck: number;
};

/** A message, by its place in its lane. */
type Place = { readonly lane: string; readonly nonce: bigint };

const LOOK_MILLISECONDS = 1_000;

/**
 * Counts from both chains' logs alone, once everything has arrived, or after so long. A node that hangs up, as busy ones do, is asked again.
 * @param patience in milliseconds
 */
export async function accountOf(network: Network, patience: number): Promise<Account> {
  const chains = chainsOf(network);
  const providers = chains.map(connect);
  try {
    for (const deadline = Date.now() + patience; ;) {
      const isLast = Date.now() >= deadline;
      const account = await count(chains, providers).catch((error: unknown) => {
        if (isLast) throw error;
        return undefined;
      });
      if (account !== undefined && (account.stuck === 0 || isLast)) return account;
      await sleep(LOOK_MILLISECONDS);
    }
  } finally {
    for (const provider of providers) provider.destroy();
  }
}

function connect({ rpcUrl, chainId }: ChainConfig): JsonRpcProvider {
  const network = EthersNetwork.from(chainId);
  return new JsonRpcProvider(new FetchRequest(rpcUrl), network, { staticNetwork: network, cacheTimeout: -1 });
}

async function count(
  chains: readonly ChainConfig[],
  providers: readonly JsonRpcProvider[],
): Promise<Account> {
  const logs = await Promise.all(
    chains.map(async ({ chainId, outbox, inbox }, i) => {
      const [origin, destination] = [
        Outbox__factory.connect(outbox, providers[i]),
        Inbox__factory.connect(inbox, providers[i]),
      ];
      const advanced = await origin.queryFilter(origin.filters.LaneAdvanced(), 0);
      const executed = await destination.queryFilter(destination.filters.MessageExecuted(), 0);
      return {
        sent: advanced.map(({ args }) => placeOf(chainId, args.destinationChainId, args.nonce)),
        executed: executed.map(({ args }) => placeOf(args.originChainId, chainId, args.nonce)),
      };
    }),
  );
  return accountFrom(
    logs.flatMap(({ sent }) => sent),
    logs.flatMap(({ executed }) => executed),
  );
}

function placeOf(from: number | bigint, to: number | bigint, nonce: bigint): Place {
  return { lane: `${from}>${to}`, nonce };
}

/** @param executed one of each execution, so that a message may be there twice */
function accountFrom(sent: readonly Place[], executed: readonly Place[]): Account {
  const known = new Set(executed.map(nameOf));
  const reached = new Map<string, bigint>();
  for (const { lane, nonce } of executed) if (nonce > (reached.get(lane) ?? 0n)) reached.set(lane, nonce);
  const missing = sent.filter((place) => !known.has(nameOf(place)));
  const lost = missing.filter(({ lane, nonce }) => nonce < (reached.get(lane) ?? 0n)).length;
  return {
    sent: sent.length,
    lost,
    doubled: executed.length - known.size,
    stuck: missing.length - lost,
  };
}

function nameOf({ lane, nonce }: Place): string {
  return `${lane} ${nonce}`;
}
