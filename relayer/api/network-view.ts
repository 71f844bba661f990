import { chainName } from "../domain/ids.ts";
import { chainsOf, type Network } from "../domain/network.ts";
import type { NetworkView } from "./wallet-schema.ts";

/** What of a configuration pages may know. Providers' URLs hold keys at times: only those meant for wallets are told. */
export function viewNetwork(network: Network): NetworkView {
  return {
    chains: chainsOf(network).map(({ name, chainId, outbox, inbox, escrow, finality, wallets }) => ({
      ...{ name, chainId, outbox, inbox, finality },
      escrow: escrow?.contract ?? null,
      currency: wallets?.currency ?? "ETH",
      rpcUrl: wallets?.rpcUrl ?? null,
      explorerUrl: wallets?.explorerUrl ?? null,
    })),
    tokens: Object.entries(network.tokens).map(([symbol, { decimals, sides }]) => ({
      symbol,
      decimals,
      sides: Object.entries(sides).map(([chain, side]) => ({ chain: chainName.parse(chain), ...side })),
    })),
    hasDevelopmentWallet: network.developmentAccounts !== undefined,
  };
}
