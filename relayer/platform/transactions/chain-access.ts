import { isError, toQuantity } from "ethers";
import { z } from "zod";
import { RetryableError } from "../../domain/errors.ts";
import { chainAnswer } from "../chain-answer.ts";
import type { Rpc } from "../rpc.ts";
import type { Fees } from "./core.ts";

/** EIP-7825: no transaction may ask for more gas. */
export const TRANSACTION_GAS_CAP = 2n ** 24n;

/** A call to be sent: a contract and its calldata. */
export type Call = {
  readonly to: string;
  readonly data: string;
  /** What should be enough gas, as far as the caller knows: one simulation with it replaces the search for the least. */
  readonly gasLimit?: bigint | undefined;
};

const hex = z.string().regex(/^0x[0-9a-f]*$/i);
const receipt = z.object({
  transactionHash: hex,
  status: hex.transform(Number),
  blockNumber: hex.transform(Number),
  gasUsed: hex.transform(BigInt),
  effectiveGasPrice: hex.transform(BigInt),
  logs: z.array(z.object({ address: hex, topics: z.array(hex), data: hex })),
});

/** A transaction in a block, as its node tells it. `status` 1: it was done; 0: it reverted. Prices are in wei. */
export type Receipt = z.infer<typeof receipt>;

/** The gas limit to send a call with, or why it cannot be sent. */
export type Simulation =
  bigint | { readonly kind: "reverted"; readonly data: string | null } | { readonly kind: "too-big" };

/**
 * How a node took a transaction. `known`: it has it, or a block took the nonce meanwhile. `underpriced`: it wants a higher fee.
 * `later`: it has no room for it, or misses one before it. `too-big`: no block can hold it.
 */
export type Taken = "known" | "underpriced" | "later" | "too-big";

/** What a sender asks of a chain, for one account. Every answer of the chain is told apart here; nothing is decided. */
export class ChainAccess {
  readonly address: string;
  readonly #rpc: Rpc;
  readonly #mostGasPrice: bigint | undefined;

  /** @param mostGasPrice the dearest `maxFeePerGas`, in wei; undefined for any */
  constructor(rpc: Rpc, address: string, mostGasPrice: bigint | undefined) {
    this.#rpc = rpc;
    this.address = address;
    this.#mostGasPrice = mostGasPrice;
  }

  get chain() {
    return this.#rpc.chain;
  }

  get mostGasPrice(): bigint {
    return this.#mostGasPrice ?? 2n ** 256n;
  }

  async simulate(call: Call): Promise<Simulation> {
    const { to, data, gasLimit } = call;
    if (gasLimit !== undefined && (await this.#works(call, gasLimit))) return gasLimit;
    try {
      const request = { to, data, from: this.address, gasLimit: TRANSACTION_GAS_CAP };
      const gas = await this.#rpc.ask("eth_estimateGas", () => this.#rpc.provider.estimateGas(request));
      const withMargin = (gas * 11n) / 10n; // the state may move a little before a block takes it
      return withMargin < TRANSACTION_GAS_CAP ? withMargin : TRANSACTION_GAS_CAP;
    } catch (error) {
      const answer = chainAnswer(error);
      if (answer === "out-of-gas") return { kind: "too-big" };
      if (answer === "insufficient-funds") throw this.#withoutMoney(error);
      if (isError(error, "CALL_EXCEPTION")) return { kind: "reverted", data: error.data };
      throw error;
    }
  }

  async broadcast(raw: string): Promise<Taken> {
    try {
      await this.#rpc.ask("eth_sendRawTransaction", () =>
        this.#rpc.provider.send("eth_sendRawTransaction", [raw]),
      );
      return "known";
    } catch (error) {
      switch (chainAnswer(error)) {
        case "already-known":
        case "nonce-too-low": // a block took one of ours, or another's: the receipts tell
          return "known";
        case "replacement-underpriced":
        case "underpriced":
          return "underpriced";
        case "pool-full":
        case "nonce-too-high":
          return "later";
        case "out-of-gas":
          return "too-big";
        case "insufficient-funds":
          throw this.#withoutMoney(error);
        case "reverted":
        case undefined:
          throw error;
      }
    }
  }

  /** The first nonce that no block holds: up to the newest one, or up to `block`. */
  nextNonce(block: number | "latest" = "latest"): Promise<number> {
    return this.#rpc.ask("eth_getTransactionCount", () =>
      this.#rpc.provider.getTransactionCount(this.address, block),
    );
  }

  /** Read without ethers, which computes checksums of every address in every log. */
  receipt(hash: string): Promise<Receipt | null> {
    return this.#rpc.ask("eth_getTransactionReceipt", async () =>
      receipt.nullable().parse(await this.#rpc.provider.send("eth_getTransactionReceipt", [hash])),
    );
  }

  /** Whether the node has a transaction, in a block or in its pool. */
  async knows(hash: string): Promise<boolean> {
    const found: unknown = await this.#rpc.ask("eth_getTransactionByHash", () =>
      this.#rpc.provider.send("eth_getTransactionByHash", [hash]),
    );
    return found !== null;
  }

  finalBlock(): Promise<number> {
    return this.#rpc.finalBlock();
  }

  balance(): Promise<bigint> {
    return this.#rpc.ask("eth_getBalance", () => this.#rpc.provider.getBalance(this.address));
  }

  /** What a new transaction has to pay now. @throws RetryableError `GAS_TOO_DEAR` or `NO_FEES` */
  async fees(): Promise<Fees> {
    const { name } = this.chain;
    const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = await this.market();
    const most = this.mostGasPrice;
    if (gasPrice !== null && gasPrice > most)
      throw new RetryableError(
        "GAS_TOO_DEAR",
        `Chain ${name}: gas costs ${gasPrice} wei, and mostGasPrice is ${most}. Nothing was sent and nothing is lost: what waits is sent when gas is cheaper, or when you raise mostGasPrice.`,
      );
    const capped = maxFeePerGas < most ? maxFeePerGas : most;
    return {
      maxFeePerGas: capped,
      maxPriorityFeePerGas: maxPriorityFeePerGas < capped ? maxPriorityFeePerGas : capped,
    };
  }

  /** What others pay, whatever we may. @throws RetryableError `NO_FEES` */
  async market(): Promise<Fees & { readonly gasPrice: bigint | null }> {
    const { name } = this.chain;
    const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = await this.#rpc.ask("eth_feeHistory", () =>
      this.#rpc.provider.getFeeData(),
    );
    if (maxFeePerGas === null || maxPriorityFeePerGas === null)
      throw new RetryableError("NO_FEES", `Chain ${name} names no EIP-1559 fees; it will be asked again.`);
    return { gasPrice, maxFeePerGas, maxPriorityFeePerGas };
  }

  /**
   * One run with a limit: nodes search for the least by running a call some fifteen times. Asked without ethers' `call`, which turns
   * calldata into bytes and back four times; those of a batch are 100 KB.
   */
  async #works({ to, data }: Call, gasLimit: bigint): Promise<boolean> {
    const request = { to, data, from: this.address, gas: toQuantity(gasLimit) };
    try {
      await this.#rpc.ask("eth_call", () => this.#rpc.provider.send("eth_call", [request, "latest"]));
      return true;
    } catch (error) {
      if (chainAnswer(error) !== undefined) return false; // the search for the least tells why
      throw error;
    }
  }

  #withoutMoney(cause: unknown): RetryableError {
    const { name } = this.chain;
    return new RetryableError(
      "INSUFFICIENT_FUNDS",
      `Chain ${name}: ${this.address} cannot pay for a transaction. Nothing was sent and nothing is lost; send native currency to it, and it goes on by itself.`,
      { chain: name, address: this.address },
      cause,
    );
  }
}
