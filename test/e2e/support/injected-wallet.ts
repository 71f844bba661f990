import assert from "node:assert/strict";
import { join } from "node:path";
import { JsonRpcProvider, Transaction, type TransactionLike, Wallet } from "ethers";
import type { BrowserContext, Page } from "playwright-core";
import { z } from "zod";
import type { ChainConfig } from "../../../relayer/domain/network.ts";

const call = z.object({ method: z.string(), params: z.array(z.unknown()).default([]) });
const transaction = z.object({ to: z.string(), data: z.string(), value: z.string().default("0x0") });
const target = z.object({ chainId: z.string() });
const typedData = z.object({
  domain: z.record(z.string(), z.unknown()),
  types: z.record(z.string(), z.array(z.object({ name: z.string(), type: z.string() }))),
  message: z.record(z.string(), z.unknown()),
});

/** The user of a browser with a wallet: an account, the chains that the wallet knows, and a mind to decline. */
export class InjectedWallet {
  readonly address: string;
  /** Declines whatever is asked to be signed. */
  isDeclining = false;
  /** What it was asked to sign or to send. */
  readonly asked: string[] = [];
  readonly #chains: readonly ChainConfig[];
  readonly #providers: ReadonlyMap<number, JsonRpcProvider>;
  readonly #known: Set<number>;
  readonly #wallet: Wallet;
  #chainId: number;
  #last: Transaction | undefined;

  /** @param known the ids of the chains that it knows from the start; it is on the first */
  constructor(key: string, chains: readonly ChainConfig[], known: readonly number[]) {
    this.#wallet = new Wallet(key);
    this.address = this.#wallet.address;
    this.#chains = chains;
    this.#providers = new Map(
      chains.map(({ chainId, rpcUrl }) => [
        chainId,
        new JsonRpcProvider(rpcUrl, chainId, { staticNetwork: true, cacheTimeout: -1, batchMaxCount: 1 }),
      ]),
    );
    this.#known = new Set(known);
    this.#chainId = known[0] ?? assert.fail("a wallet is on some chain");
  }

  /** Puts it into all pages of a browser's context. */
  async install(context: BrowserContext): Promise<void> {
    await context.exposeFunction("askWallet", (text: string) => this.#answer(text));
    await context.addInitScript({ path: join(import.meta.dirname, "injected-wallet.js") });
  }

  /** Its user turns to another chain in the wallet itself. */
  async turnTo(page: Page, { chainId }: ChainConfig): Promise<void> {
    this.#known.add(chainId);
    this.#chainId = chainId;
    await page.evaluate(`globalThis.tellPage("chainChanged", "0x${chainId.toString(16)}")`);
  }

  /** Its user sends the last transaction once more, as it is. */
  async sendAgain(): Promise<void> {
    await this.#provider().broadcastTransaction(this.#sent().serialized);
  }

  /** Its user sends the last transaction once more, for twice the fee. @returns the hash of what takes its place */
  speedUp(): Promise<string> {
    return this.#replace({});
  }

  /** Its user takes the last transaction back: another with its number pays nothing to nobody else. */
  cancel(): Promise<string> {
    return this.#replace({ to: this.address, data: "0x", value: 0n });
  }

  /** The hash of the last transaction. */
  get lastHash(): string {
    return this.#sent().hash ?? assert.fail("it is signed");
  }

  close(): void {
    for (const provider of this.#providers.values()) provider.destroy();
  }

  async #answer(text: string): Promise<string> {
    try {
      const { method, params } = call.parse(JSON.parse(text));
      return JSON.stringify({ result: (await this.#do(method, params)) ?? null });
    } catch (error) {
      const inner = z.object({
        info: z.object({ error: z.object({ code: z.number(), message: z.string() }).loose() }),
      });
      const said = inner.safeParse(error);
      if (said.success) return JSON.stringify({ error: said.data.info.error });
      const { code, message } = z
        .object({ code: z.union([z.number(), z.string()]).default(-32603), message: z.string() })
        .loose()
        .parse(error);
      return JSON.stringify({ error: { code, message } });
    }
  }

  async #do(method: string, params: readonly unknown[]): Promise<unknown> {
    const provider = this.#providers.get(this.#chainId);
    switch (method) {
      case "eth_accounts":
      case "eth_requestAccounts":
        return [this.address];
      case "eth_chainId":
        return `0x${this.#chainId.toString(16)}`;
      case "wallet_switchEthereumChain":
        return this.#switch(Number(target.parse(params[0]).chainId));
      case "wallet_addEthereumChain":
        return this.#add(Number(target.parse(params[0]).chainId));
      case "eth_sendTransaction": {
        this.#consider(method);
        const signer = this.#wallet.connect(provider ?? null);
        return this.#broadcast(await signer.populateTransaction(transaction.parse(params[0])));
      }
      case "eth_signTypedData_v4": {
        this.#consider(method);
        const { domain, types, message } = typedData.parse(JSON.parse(String(params[1])));
        const own = Object.fromEntries(Object.entries(types).filter(([name]) => name !== "EIP712Domain"));
        return this.#wallet.signTypedData(domain, own, message);
      }
      default:
        return provider?.send(method, [...params]);
    }
  }

  #replace(change: Pick<TransactionLike, "to" | "data" | "value">): Promise<string> {
    const { maxFeePerGas, maxPriorityFeePerGas, ...same } = this.#sent().toJSON() as TransactionLike;
    const twice = (fee: TransactionLike["maxFeePerGas"]) => 2n * BigInt(fee ?? 0);
    return this.#broadcast({
      ...{ ...same, signature: null, hash: null },
      ...{ maxFeePerGas: twice(maxFeePerGas), maxPriorityFeePerGas: twice(maxPriorityFeePerGas) },
      ...change,
    });
  }

  async #broadcast(filled: TransactionLike): Promise<string> {
    const raw = await this.#wallet.signTransaction(Transaction.from({ ...filled, from: null }));
    this.#last = Transaction.from(raw);
    await this.#provider().broadcastTransaction(raw);
    return this.lastHash;
  }

  #sent(): Transaction {
    return this.#last ?? assert.fail("it has sent nothing yet");
  }

  #provider(): JsonRpcProvider {
    return this.#providers.get(this.#chainId) ?? assert.fail("it is on a chain that it knows");
  }

  #consider(method: string): void {
    this.asked.push(method);
    if (this.isDeclining) throw Object.assign(new Error("User rejected the request."), { code: 4001 });
  }

  #switch(chainId: number): null {
    this.asked.push("wallet_switchEthereumChain");
    if (!this.#known.has(chainId)) throw Object.assign(new Error("Unrecognized chain ID."), { code: 4902 });
    this.#chainId = chainId;
    return null;
  }

  #add(chainId: number): null {
    this.asked.push("wallet_addEthereumChain");
    assert(this.#chains.some((chain) => chain.chainId === chainId));
    this.#known.add(chainId);
    return null;
  }
}
