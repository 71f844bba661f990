import { computed, signal } from "@preact/signals";
import { getAddress } from "ethers";
import { z } from "zod";
import type { NetworkView } from "../../../relayer/api/wallet-schema.ts";
import { type AnnouncedWallet, discoverWallets, remembered } from "../core/wallets.ts";
import { readWalletError } from "../core/wallet-error.ts";
import { WalletChain } from "./chain.ts";
import { rememberedWallet, rememberWallet } from "./memory.ts";

export type ChainView = NetworkView["chains"][number];

type Connection = {
  readonly wallet: AnnouncedWallet;
  /** In its EIP-55 spelling. */
  readonly account: string;
  readonly chainId: number;
};

const accountsShape = z.array(z.string().transform(getAddress));
const chainIdShape = z.union([z.string(), z.number()]).transform(Number);

/** All wallets that have announced themselves. */
export const wallets = signal<readonly AnnouncedWallet[]>([]);
/** The wallet in use; undefined before one is connected. */
export const connection = signal<Connection | undefined>(undefined);
/** The chain that the wallet is on, through it. */
export const walletChain = computed(() => {
  const wallet = connection.value?.wallet;
  return wallet === undefined ? undefined : new WalletChain(wallet.provider);
});

let stopFollowing: () => void = () => undefined;

/** Finds wallets from now on, and takes the one of the last visit up again, if it still lets this page. */
export function startDiscovery(): void {
  let isResumed = false;
  discoverWallets(globalThis.window, (found) => {
    wallets.value = found;
    const last = remembered(found, rememberedWallet());
    if (isResumed || last === undefined || connection.value !== undefined) return;
    isResumed = true;
    // Asks for no permission: a wallet that gives none is simply not connected.
    void open(last, "eth_accounts").catch(() => undefined);
  });
}

/** Asks a wallet for its account. @returns what went wrong, told to people; undefined when it is connected */
export async function connect(wallet: AnnouncedWallet): Promise<string | undefined> {
  try {
    if (await open(wallet, "eth_requestAccounts")) return undefined;
    return `${wallet.name} shows no account to this page. Nothing was sent.`;
  } catch (error) {
    return readWalletError(error, "Connecting", NO_CONTRACTS).message;
  }
}

export function disconnect(): void {
  stopFollowing();
  connection.value = undefined;
  rememberWallet(undefined);
}

/**
 * Brings the wallet to a chain, offering it the chain when it does not know it.
 * @returns what went wrong, told to people; undefined when it is there
 */
export async function switchTo({
  chainId,
  name,
  rpcUrl,
  currency,
  explorerUrl,
}: ChainView): Promise<string | undefined> {
  const provider = connection.value?.wallet.provider;
  if (provider === undefined) return "Connect a wallet first.";
  const id = `0x${chainId.toString(16)}`;
  try {
    await provider.request({ method: "wallet_switchEthereumChain", params: [{ chainId: id }] });
    return undefined;
  } catch (error) {
    const trouble = readWalletError(error, `Switching to ${name}`, NO_CONTRACTS);
    if (trouble.kind !== "unknown-chain") return trouble.message;
    if (rpcUrl === null)
      return `Your wallet does not know ${name} (chain id ${chainId}). Add it there with a provider that you trust, then try again. Nothing was sent.`;
  }
  const params = {
    chainId: id,
    chainName: `dchat ${name}`,
    rpcUrls: [rpcUrl],
    nativeCurrency: { name: currency, symbol: currency, decimals: 18 },
    ...(explorerUrl !== null && { blockExplorerUrls: [explorerUrl] }),
  };
  try {
    await provider.request({ method: "wallet_addEthereumChain", params: [params] });
    await provider.request({ method: "wallet_switchEthereumChain", params: [{ chainId: id }] });
    return undefined;
  } catch (error) {
    return readWalletError(error, `Adding ${name}`, NO_CONTRACTS).message;
  }
}

const NO_CONTRACTS = { interfaces: [], tell: () => undefined };

async function open(
  wallet: AnnouncedWallet,
  method: "eth_accounts" | "eth_requestAccounts",
): Promise<boolean> {
  const { provider } = wallet;
  const [account] = accountsShape.parse(await provider.request({ method }));
  if (account === undefined) return false;
  const chainId = chainIdShape.parse(await provider.request({ method: "eth_chainId" }));
  stopFollowing();
  connection.value = { wallet, account, chainId };
  rememberWallet(wallet.rdns);
  stopFollowing = follow(wallet);
  return true;
}

/** Follows accounts and chain as the wallet's owner changes them. */
function follow(wallet: AnnouncedWallet): () => void {
  const { provider } = wallet;
  const onAccounts = (value: unknown) => {
    const [account] = accountsShape.catch([]).parse(value);
    if (account === undefined) disconnect();
    else if (connection.value !== undefined) connection.value = { ...connection.value, account };
  };
  const onChain = (value: unknown) => {
    const read = chainIdShape.safeParse(value);
    if (read.success && connection.value !== undefined)
      connection.value = { ...connection.value, chainId: read.data };
  };
  provider.on?.("accountsChanged", onAccounts);
  provider.on?.("chainChanged", onChain);
  return () => {
    provider.removeListener?.("accountsChanged", onAccounts);
    provider.removeListener?.("chainChanged", onChain);
  };
}
