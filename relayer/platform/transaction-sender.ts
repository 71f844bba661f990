import { isError, keccak256, type TransactionReceipt, type Wallet } from "ethers";
import PQueue from "p-queue";
import { RetryableError } from "../domain/errors.ts";
import { chainAnswer } from "./chain-answer.ts";
import type { Clock } from "./clock.ts";
import type { Logger } from "./log.ts";
import type { Rpc } from "./rpc.ts";

/** EIP-7825: no transaction may ask for more gas. */
export const TRANSACTION_GAS_CAP = 2n ** 24n;

/** How many times a transaction is replaced before its sender gives up and reads the chain again. */
const MOST_REPLACEMENTS = 20;

/** A call to be sent: a contract and its calldata. */
export type Call = { readonly to: string; readonly data: string };

/**
 * What became of a call. `included`: a block holds the transaction (it may have reverted there: see the receipt's status).
 * `reverted`: the simulation failed with these data, and nothing was sent. `too-big`: it needs more gas than one transaction may
 * have, and nothing was sent.
 */
export type Sent =
  | { readonly kind: "included"; readonly receipt: TransactionReceipt }
  | { readonly kind: "reverted"; readonly data: string | null }
  | { readonly kind: "too-big" };

type Fees = { readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint };

/**
 * Sends transactions from one key, one after the other: simulate, take the first nonce that no block holds, sign, broadcast, wait,
 * and replace by one that pays more when no block takes it.
 *
 * It keeps no journal: the chain is the journal. A predecessor that was killed may have left a transaction with the same nonce
 * in the pool; ours replaces it or loses to it, and the caller reads the chain again either way. So one nonce yields one
 * transaction, and nothing is doubled as long as the contract refuses what was done before.
 */
export class TransactionSender {
  readonly address: string;
  readonly #rpc: Rpc;
  readonly #wallet: Wallet;
  readonly #replaceMilliseconds: number;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #queue = new PQueue({ concurrency: 1 });

  /** @param options.replaceMilliseconds how long a transaction may wait for a block before it is replaced */
  constructor(
    options: { readonly rpc: Rpc; readonly wallet: Wallet; readonly replaceMilliseconds: number },
    services: { readonly logger: Logger; readonly clock: Clock },
  ) {
    this.address = options.wallet.address;
    this.#rpc = options.rpc;
    this.#wallet = options.wallet;
    this.#replaceMilliseconds = options.replaceMilliseconds;
    this.#logger = services.logger;
    this.#clock = services.clock;
  }

  /**
   * Sends one call once the calls before it are through.
   * @throws RetryableError `NONCE_TAKEN`, `UNDERPRICED`, `INSUFFICIENT_FUNDS` or `RPC`: read the chain again before another try
   */
  send(call: Call, signal: AbortSignal): Promise<Sent> {
    return this.#queue.add(() => this.#send(call, signal));
  }

  async #send(call: Call, signal: AbortSignal): Promise<Sent> {
    const gas = await this.#simulate(call);
    if (typeof gas !== "bigint") return gas;

    const nonce = await this.#nonce();
    const hashes: string[] = [];
    let fees = await this.#fees();
    for (let replacement = 0; replacement <= MOST_REPLACEMENTS; replacement++) {
      const signed = await this.#wallet.signTransaction({
        type: 2,
        chainId: this.#rpc.chain.chainId,
        nonce,
        gasLimit: gas,
        ...call,
        ...fees,
      });
      if (await this.#broadcast(signed)) {
        hashes.push(keccak256(signed));
        this.#logger.debug({ nonce, transactionHash: hashes.at(-1), replacement }, "transaction broadcast");
        const receipt = await this.#awaitReceipt(hashes, nonce, signal);
        if (receipt !== undefined) return { kind: "included", receipt };
      }
      fees = raise(fees);
    }
    throw new RetryableError(
      "UNDERPRICED",
      `Chain ${this.#rpc.chain.name}: no block took transaction ${nonce} of ${this.address} after ${MOST_REPLACEMENTS} raises of its fee. It stays in the pool and will be tried again.`,
    );
  }

  /** @returns the gas limit to send with, or why the call cannot be sent */
  async #simulate(call: Call): Promise<bigint | Sent> {
    try {
      const request = { ...call, from: this.address, gasLimit: TRANSACTION_GAS_CAP };
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

  /** @returns whether the pool holds the transaction now; false when it wants a higher fee */
  async #broadcast(signed: string): Promise<boolean> {
    try {
      await this.#rpc.ask("eth_sendRawTransaction", () => this.#rpc.provider.broadcastTransaction(signed));
      return true;
    } catch (error) {
      switch (chainAnswer(error)) {
        case "already-known":
        case "nonce-too-low": // a block took one of ours, or another's: the receipts tell
          return true;
        case "underpriced":
          return false;
        case "insufficient-funds":
          throw this.#withoutMoney(error);
        case "out-of-gas":
        case "reverted":
        case undefined:
          throw error;
      }
    }
  }

  #withoutMoney(cause: unknown): RetryableError {
    const { name } = this.#rpc.chain;
    return new RetryableError(
      "INSUFFICIENT_FUNDS",
      `Chain ${name}: ${this.address} cannot pay for a transaction. Nothing was sent and nothing is lost; send native currency to it, and deliveries go on by themselves.`,
      { chain: name, address: this.address },
      cause,
    );
  }

  /** @returns the receipt of whichever of `hashes` a block holds, or undefined when it is time for a replacement */
  async #awaitReceipt(
    hashes: readonly string[],
    nonce: number,
    signal: AbortSignal,
  ): Promise<TransactionReceipt | undefined> {
    const deadline = this.#clock.now() + this.#replaceMilliseconds;
    while (this.#clock.now() < deadline) {
      const isTaken = (await this.#nonce()) > nonce;
      for (const hash of hashes) {
        const receipt = await this.#rpc.ask("eth_getTransactionReceipt", () =>
          this.#rpc.provider.getTransactionReceipt(hash),
        );
        if (receipt !== null) return receipt;
      }
      if (isTaken)
        throw new RetryableError(
          "NONCE_TAKEN",
          `Chain ${this.#rpc.chain.name}: another transaction of ${this.address} took nonce ${nonce}. The chain will be read again before anything else is sent.`,
        );
      await this.#clock.sleep(Math.min(this.#rpc.chain.pollMilliseconds, 1_000), signal);
    }
    return undefined;
  }

  #nonce(): Promise<number> {
    return this.#rpc.ask("eth_getTransactionCount", () =>
      this.#rpc.provider.getTransactionCount(this.address, "latest"),
    );
  }

  async #fees(): Promise<Fees> {
    const { maxFeePerGas, maxPriorityFeePerGas } = await this.#rpc.ask("eth_feeHistory", () =>
      this.#rpc.provider.getFeeData(),
    );
    if (maxFeePerGas === null || maxPriorityFeePerGas === null)
      throw new RetryableError(
        "NO_FEES",
        `Chain ${this.#rpc.chain.name} names no EIP-1559 fees; it will be asked again.`,
      );
    return { maxFeePerGas, maxPriorityFeePerGas };
  }
}

/** Raises both fees by a quarter: pools ask for a tenth or more (geth: 10%, for blobs 100%). */
function raise({ maxFeePerGas, maxPriorityFeePerGas }: Fees): Fees {
  const raised = (fee: bigint) => (fee * 5n) / 4n + 1n;
  return { maxFeePerGas: raised(maxFeePerGas), maxPriorityFeePerGas: raised(maxPriorityFeePerGas) };
}
