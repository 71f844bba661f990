import { ConfigurationError } from "../../../domain/errors.ts";
import type { Address, ChainName } from "../../../domain/ids.ts";
import type { TokenConfig } from "../../../domain/network.ts";
import type { Evidence } from "../../core/checker/evidence.ts";
import { readAlertingMemory } from "./alerting-memory.ts";
import { type Heights, readChain } from "./chain.ts";
import { readHome } from "./home.ts";
import { readJobLogs } from "./job-logs.ts";
import { type CheckedChain, CheckedNode } from "./node.ts";
import { readSigningFile } from "./signing-files.ts";
import { readToken } from "./tokens.ts";

/** Where evidence is found. */
export type Sources = {
  readonly chains: readonly CheckedChain[];
  /** Left out, no bond can be shown, and every quorum is refused. */
  readonly home: { readonly chain: ChainName; readonly registry: Address } | undefined;
  readonly tokens: Readonly<Record<string, TokenConfig>>;
  /** The SQLite files of signers; several may be of one validator. */
  readonly signingFiles: readonly string[];
  /** Where there is alerting: its SQLite file, and the logs of all processes that work on queues. */
  readonly alerting: { readonly memory: string; readonly logs: readonly string[] } | undefined;
};

/**
 * Reads all evidence. First the block is chosen at which each chain's state is read; logs are read further than that, so that whatever was
 * executed by then finds its deposit, and whatever was paid what was sent for it, although the chains and the fleet go on meanwhile.
 * @throws RetryableError `RPC`, `CHAIN_MOVED` when a chain could not be read as one; FatalError `EVIDENCE` when a file could not
 */
export async function collectEvidence(sources: Sources): Promise<Evidence> {
  const nodes = sources.chains.map((chain) => new CheckedNode(chain));
  try {
    return await collect(nodes, sources);
  } finally {
    for (const node of nodes) node.close();
  }
}

async function collect(nodes: readonly CheckedNode[], sources: Sources): Promise<Evidence> {
  const heads = await Promise.all(nodes.map((node) => node.newest()));
  // Records before the logs, so that what they have is on the chain by then if it ever was: what is signed was final there before.
  const records = sources.signingFiles.flatMap(readSigningFile);
  const newest = await Promise.all(nodes.map((node) => node.newest()));
  const chains = await Promise.all(
    nodes.map(async (node, i) => {
      const to = newest[i]?.number ?? 0;
      const heights: Heights = {
        head: heads[i]?.number ?? 0,
        newest: to,
        final: await node.finalBlock(to),
      };
      return { node, heights };
    }),
  );
  const ids = nodes.map(({ chainId }) => chainId);
  const evidence = {
    chains: await Promise.all(
      chains.map(({ node, heights }) =>
        readChain(
          node,
          heights,
          ids.filter((id) => id !== node.chainId),
        ),
      ),
    ),
    home: await home(chains, sources),
    tokens: await Promise.all(
      Object.entries(sources.tokens).map(([symbol, token]) => readToken(symbol, token, chains)),
    ),
    records,
    failedJobs: sources.alerting === undefined ? [] : await readJobLogs(sources.alerting.logs),
    alerts: sources.alerting && readAlertingMemory(sources.alerting.memory),
  };
  for (const [i, node] of nodes.entries())
    for (const block of [heads[i], newest[i]]) if (block !== undefined) await node.requireUnmoved(block);
  return evidence;
}

async function home(
  chains: readonly { readonly node: CheckedNode; readonly heights: Heights }[],
  sources: Sources,
) {
  if (sources.home === undefined) return undefined;
  const { chain, registry } = sources.home;
  const found = chains.find(({ node }) => node.name === chain);
  if (found === undefined)
    throw new ConfigurationError(
      "HOME_CHAIN",
      `The home chain ${chain} is none of the chains that are checked. Nothing was judged.`,
    );
  return readHome(registry, found.node, found.heights.newest);
}
