import { globSync } from "node:fs";
import { join } from "node:path";
import { hexlify, Wallet } from "ethers";
import { sendTransfer } from "../../bridge/adapters/wallet.ts";
import { linuxInjector } from "../../chaos/adapters/linux-injector.ts";
import { portableInjector } from "../../chaos/adapters/portable-injector.ts";
import { collectEvidence } from "../../chaos/adapters/checker/collect.ts";
import type { CheckedChain } from "../../chaos/adapters/checker/node.ts";
import type { Leases } from "../../chaos/adapters/leases.ts";
import { check } from "../../chaos/core/checker/check.ts";
import type { Tier } from "../../chaos/core/target.ts";
import type { Checker, Injector, Traffic } from "../../chaos/ports.ts";
import type { ChaosConfig } from "../../domain/chaos-config.ts";
import { ConfigurationError } from "../../domain/errors.ts";
import { address } from "../../domain/ids.ts";
import { chainsOf, type Network } from "../../domain/network.ts";
import { systemClock } from "../../platform/clock.ts";
import { readKeyFile } from "../../platform/key-file.ts";
import { Rpc } from "../../platform/rpc.ts";

/** How long alerts may take, in milliseconds: rules wait before they fire, and groups, of which one was told already, a minute before they are told. */
const ALERTED_WITHIN = 15 * 60_000;
const NOTIFIED_WITHIN = 90_000;

/** @throws ConfigurationError `NO_CHAOS` where the fleet was not started for it */
export function requireChaos({ chaos }: Network): ChaosConfig {
  if (chaos !== undefined) return chaos;
  throw new ConfigurationError(
    "NO_CHAOS",
    'This network was not started for chaos: its links lead through no proxies, and nobody tells which processes there are. Nothing was done. Start one with "npm start -- --chaos", or see docs/operations/chaos.md.',
  );
}

/** The chains as they are past every proxy: the configuration of commands names the nodes themselves. */
export function checkedChains(network: Network): readonly CheckedChain[] {
  return chainsOf(network).map(({ chainId, name, outbox, inbox, deploymentBlock, finality, rpcUrl }) => ({
    ...{ chainId, name, outbox, inbox, deploymentBlock, finality },
    url: rpcUrl,
  }));
}

/** Where the node of a chain is asked, by the name of its process. */
export function chainUrlOf(network: Network): (process: string) => string | undefined {
  const urls = new Map(chainsOf(network).map(({ name, rpcUrl }) => [`chain-${name}`, rpcUrl]));
  return (process) => urls.get(process);
}

/** What does faults, the strongest tier first. @param tier the one that is wanted, or any */
export async function openInjectors(
  network: Network,
  tier: Tier | "auto",
  leases: Leases,
): Promise<readonly Injector[]> {
  const { proxyApi: toxiproxy, holdFolder, folder, diskShim } = requireChaos(network);
  const services = { leases, clock: systemClock };
  const portable = portableInjector(
    { toxiproxy, holdFolder, redisUrl: network.redisUrl, chainUrl: chainUrlOf(network) },
    services,
  );
  const all = [await linuxInjector({ folder: join(folder, "programs"), diskShim }, services), portable];
  return tier === "auto" ? all : all.filter((injector) => injector.tier === tier);
}

/** Reads both chains, the signers' files and alerting's, and holds them to the rules. */
export function checkerOf(network: Network): Checker {
  const { logFolder } = requireChaos(network);
  const { home, dataFolder, alerting } = network;
  const sources = {
    chains: checkedChains(network),
    home: home && { chain: home.chain, registry: home.registry },
    tokens: network.tokens,
    signingFiles: globSync(join(dataFolder, "signer-*", "signing-records.sqlite")),
    alerting: alerting && {
      memory: join(dataFolder, "alerting", "alerting.sqlite"),
      logs: globSync(join(logFolder, "*.log")),
    },
  };
  return {
    check: async ({ since, healedAt, executedWithin }) => {
      // What comes while the evidence is read may be missing from it, and is not late by that.
      const checkedAt = systemClock.now();
      const evidence = await collectEvidence(sources);
      const within = { alertedWithin: ALERTED_WITHIN, notifiedWithin: NOTIFIED_WITHIN };
      return check(evidence, { checkedAt, since, healedAt, executedWithin, ...within });
    },
  };
}

/** How much is sent at a time, in the token's smallest unit, and for how many times the bridge is approved at once. */
const AMOUNT = 1_000n;
const TIMES_APPROVED = 1_000n;

/**
 * Sends a little of the first token there and back from the network's wallet. From each chain one at a time, whoever asks: each takes the
 * wallet's next nonce there.
 */
export function trafficOf(network: Network): Traffic & { readonly close: () => void } {
  const [home, away] = chainsOf(network);
  const [first] = Object.entries(network.tokens);
  if (home === undefined || away === undefined || first === undefined || network.walletKeyFile === undefined)
    throw new ConfigurationError(
      "NO_TRAFFIC",
      "Chaos needs work that it can harm: two chains, a token, and walletKeyFile in the configuration. Nothing was done.",
    );
  const [symbol, token] = first;
  const wallet = new Wallet(hexlify(readKeyFile(network.walletKeyFile, "the wallet")));
  const recipient = address.parse(wallet.address);
  const ways = [
    { from: home, to: away },
    { from: away, to: home },
  ].map((way) => ({ ...way, rpc: new Rpc(way.from) }));
  return {
    ways: ways.map(({ rpc, ...way }) => {
      const allowance = AMOUNT * TIMES_APPROVED;
      const request = { ...way, symbol, token, amount: AMOUNT, recipient, allowance };
      return inTurn(async (signal) => {
        const services = { onStep: () => undefined, signal };
        await sendTransfer(request, rpc, wallet.connect(rpc.provider), services);
      });
    }),
    close: () => {
      for (const { rpc } of ways) rpc.close();
    },
  };
}

/** The same, begun once all that was asked for before is over. */
function inTurn(task: (signal: AbortSignal) => Promise<void>): (signal: AbortSignal) => Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  return (signal) => {
    const doing = last.then(() => {
      signal.throwIfAborted();
      return task(signal);
    });
    last = doing.catch(() => undefined);
    return doing;
  };
}
