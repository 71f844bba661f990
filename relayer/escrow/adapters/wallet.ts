import { isError, type TransactionReceipt, type Wallet } from "ethers";
import { explain, FatalError, InterruptedError, RetryableError } from "../../domain/errors.ts";
import type { Address } from "../../domain/ids.ts";
import { orAborted } from "../../platform/abort.ts";
import { chainAnswer } from "../../platform/chain-answer.ts";
import type { Rpc } from "../../platform/rpc.ts";
import { explainRevert, type ShowAmount } from "./refusals.ts";

/** A transaction to be sent, and what to call it before people. `value` is in wei. */
export type WalletCall = {
  readonly to: Address;
  readonly data: string;
  readonly value?: bigint;
  readonly what: string;
};

/** Whom a wallet tells what is under way, and who may end it. */
export type WalletContext = {
  readonly onStep: (text: string) => void;
  readonly signal: AbortSignal;
};

/** Sends transactions of one account: simulates each first, so that what would be refused is not sent. */
export class EscrowWallet {
  readonly signer: Wallet;
  readonly #rpc: Rpc;
  readonly #context: WalletContext;

  /** @param signer the account's key; it need not be connected */
  constructor(rpc: Rpc, signer: Wallet, context: WalletContext) {
    this.#rpc = rpc;
    this.signer = signer.connect(rpc.provider);
    this.#context = context;
  }

  /**
   * Finds out whether a call would go through now.
   * @throws FatalError with the contract's error as a sentence; nothing was sent
   */
  async simulate({ to, data, value = 0n, what }: WalletCall, show: ShowAmount): Promise<void> {
    const request = { from: this.signer.address, to, data, value };
    try {
      await this.#rpc.ask("eth_call", () => this.#rpc.provider.call(request));
    } catch (error) {
      throw this.#refused(error, what, show);
    }
  }

  /**
   * Simulates a call, sends it, and waits until a block holds it.
   * @throws FatalError with the contract's error as a sentence, when nothing was done; RetryableError `RPC` when nothing was
   *   sent, and `UNCERTAIN` when the chain fell silent over a transaction; InterruptedError when the signal aborts
   */
  async send(call: WalletCall, show: ShowAmount): Promise<TransactionReceipt> {
    const { signal, onStep } = this.#context;
    await this.simulate(call, show);
    const isInterrupted = () => signal.aborted;
    if (isInterrupted())
      throw new InterruptedError("INTERRUPTED", `Interrupted before ${call.what}. Nothing was sent.`);
    onStep(call.what);
    const { to, data, value = 0n, what } = call;
    let place = "";
    try {
      const gas = await this.signer.estimateGas({ to, data, value });
      const gasLimit = (gas * 11n) / 10n; // the state may move a little before a block takes it
      const response = await this.signer.sendTransaction({ to, data, value, gasLimit });
      place = ` (transaction ${response.hash})`;
      const receipt = await orAborted(response.wait(), signal);
      if (receipt === null) throw new Error("no block holds it");
      return receipt;
    } catch (error) {
      const receipt = receiptOf(error);
      if (receipt !== undefined) throw await this.#overtaken(receipt, call, show);
      if (chainAnswer(error) !== undefined) throw this.#refused(error, what, show);
      const uncertain = `It may go through or not: look with "dchat escrow show" before you do it again.`;
      if (isInterrupted())
        throw new InterruptedError("INTERRUPTED", `Interrupted during ${what}${place}. ${uncertain}`);
      throw new RetryableError(
        "UNCERTAIN",
        `Chain ${this.#rpc.chain.name} fell silent over ${what}${place}: ${explain(error)}. ${uncertain}`,
        {},
        error,
      );
    }
  }

  /** A block holds the transaction, but the contract refused it there: somebody else was faster. */
  async #overtaken(receipt: TransactionReceipt, call: WalletCall, show: ShowAmount): Promise<FatalError> {
    const why = await this.simulate(call, show).then(
      () => "It would go through now: try again.",
      (error: unknown) => (error instanceof FatalError ? error.message : explain(error)),
    );
    return new FatalError(
      "OVERTAKEN",
      `${sentence(call.what)}: the chain was moved on by somebody else before transaction ${receipt.hash} was included, which did nothing but cost its fee. ${why}`,
    );
  }

  #refused(error: unknown, what: string, show: ShowAmount): unknown {
    const { name } = this.#rpc.chain;
    if (chainAnswer(error) === "insufficient-funds")
      return new FatalError(
        "BALANCE",
        `${sentence(what)}: ${this.signer.address} has too little native currency on ${name} for the amount and the fee. Nothing was sent, and the money stays where it is. Send it some, then try again.`,
        {},
        error,
      );
    if (!isError(error, "CALL_EXCEPTION")) return error;
    const { code, text } = explainRevert(error.data, show);
    return new FatalError(
      code,
      `${sentence(what)}: ${text} Nothing was sent, and the money stays where it is.`,
      {},
      error,
    );
  }
}

function receiptOf(error: unknown): TransactionReceipt | undefined {
  return isError(error, "CALL_EXCEPTION") ? (error.receipt ?? undefined) : undefined;
}

function sentence(what: string): string {
  return `${what.charAt(0).toUpperCase()}${what.slice(1)}`;
}
