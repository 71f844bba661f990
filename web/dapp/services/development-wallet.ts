import { getAddress, SigningKey, computeAddress, Transaction, TypedDataEncoder } from "ethers";
import { z } from "zod";
import type { DevelopmentWalletView } from "../../../relayer/api/wallet-schema.ts";
import { DEVELOPMENT_RDNS, type WalletProvider } from "../core/wallets.ts";

/**
 * Wallets for those who have none, on a local network alone: each holds one account, whose key the network itself made and gives
 * away, and signs whatever this page asks. They announce themselves as any other wallet does, so that the page treats them as such.
 */

const quantity = z.string().transform(BigInt);
const answer = z.object({
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() }).optional(),
});
const transactionShape = z.object({
  to: z.string(),
  data: z.string().default("0x"),
  value: z.string().default("0x0"),
});
const typedDataShape = z.object({
  domain: z.record(z.string(), z.unknown()),
  types: z.record(z.string(), z.array(z.object({ name: z.string(), type: z.string() }))),
  message: z.record(z.string(), z.unknown()),
});

/** Announces one wallet an account. */
export function announceDevelopmentWallets({ accounts, chains }: DevelopmentWalletView): void {
  for (const { name, key } of accounts) {
    const provider = new DevelopmentProvider(new SigningKey(key), chains);
    const info = { uuid: crypto.randomUUID(), rdns: DEVELOPMENT_RDNS + name, name: nameOf(name), icon: "" };
    const detail = Object.freeze({ info: Object.freeze(info), provider });
    const announce = () => window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
    window.addEventListener("eip6963:requestProvider", announce);
    announce();
  }
}

function nameOf(name: string): string {
  return name === "wallet" ? "Development wallet" : `Development ${name}`;
}

class DevelopmentProvider implements WalletProvider {
  readonly #key: SigningKey;
  readonly #account: string;
  readonly #chains: DevelopmentWalletView["chains"];
  readonly #listeners = new Map<string, Set<(value: unknown) => void>>();
  #chainId: number;

  constructor(key: SigningKey, chains: DevelopmentWalletView["chains"]) {
    this.#key = key;
    this.#account = getAddress(computeAddress(key));
    this.#chains = chains;
    this.#chainId = chains[0]?.chainId ?? 0;
  }

  on(event: string, listener: (value: unknown) => void): void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
  }

  removeListener(event: string, listener: (value: unknown) => void): void {
    this.#listeners.get(event)?.delete(listener);
  }

  async request({ method, params = [] }: { method: string; params?: readonly unknown[] }): Promise<unknown> {
    switch (method) {
      case "eth_accounts":
      case "eth_requestAccounts":
        return [this.#account];
      case "eth_chainId":
        return `0x${this.#chainId.toString(16)}`;
      case "wallet_switchEthereumChain":
        return this.#switch(params[0]);
      case "eth_sendTransaction":
        return this.#send(params[0]);
      case "eth_signTypedData_v4":
        return this.#sign(params[1]);
      default:
        return this.#node(method, params);
    }
  }

  #switch(to: unknown): null {
    const chainId = Number(z.object({ chainId: z.string() }).parse(to).chainId);
    if (!this.#chains.some((chain) => chain.chainId === chainId))
      throw Object.assign(new Error(`there is no chain ${chainId} here`), { code: 4902 });
    this.#chainId = chainId;
    for (const listener of this.#listeners.get("chainChanged") ?? []) listener(`0x${chainId.toString(16)}`);
    return null;
  }

  async #send(request: unknown): Promise<unknown> {
    const { to, data, value } = transactionShape.parse(request);
    const from = this.#account;
    const [gas, price, nonce] = await Promise.all([
      this.#node("eth_estimateGas", [{ from, to, data, value }]),
      this.#node("eth_gasPrice", []),
      this.#node("eth_getTransactionCount", [from, "pending"]),
    ]);
    const transaction = Transaction.from({
      ...{ type: 2, chainId: this.#chainId, to, data, value, nonce: Number(nonce) },
      gasLimit: (quantity.parse(gas) * 12n) / 10n, // the state may move a little before a block takes it
      maxFeePerGas: quantity.parse(price) * 2n,
      maxPriorityFeePerGas: 1_000_000_000n,
    });
    transaction.signature = this.#key.sign(transaction.unsignedHash);
    return this.#node("eth_sendRawTransaction", [transaction.serialized]);
  }

  #sign(data: unknown): string {
    const { domain, types, message } = typedDataShape.parse(JSON.parse(String(data)));
    const own = Object.fromEntries(Object.entries(types).filter(([name]) => name !== "EIP712Domain"));
    return this.#key.sign(TypedDataEncoder.hash(domain, own, message)).serialized;
  }

  async #node(method: string, params: readonly unknown[]): Promise<unknown> {
    const url = this.#chains.find(({ chainId }) => chainId === this.#chainId)?.rpcUrl;
    if (url === undefined) throw new Error("this local network has no chains");
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const { result, error } = answer.parse(await response.json());
    if (error === undefined) return result;
    throw Object.assign(new Error(error.message), { code: error.code, data: error.data });
  }
}
