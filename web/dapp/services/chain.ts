import { hash, integer } from "../../../relayer/domain/ids.ts";
import { z } from "zod";
import type { SentTransaction, ChainWord } from "../core/transaction.ts";
import type { WalletProvider } from "../core/wallets.ts";

const quantity = z
  .string()
  .regex(/^0x[0-9a-fA-F]+$/)
  .transform(BigInt);
const hex = z.string().regex(/^0x[0-9a-fA-F]*$/);
const log = z.object({ address: hex, topics: z.array(hex), data: hex });
const receiptShape = z
  .object({ status: quantity, blockNumber: quantity, blockHash: hash, logs: z.array(log) })
  .nullable();
const transactionShape = z.object({
  hash,
  from: hex,
  to: hex.nullable(),
  input: hex,
  nonce: quantity,
});
const blockShape = z.object({ number: quantity, timestamp: quantity, transactions: z.array(z.unknown()) });

/** How many blocks are looked through for the transaction that took another's place. */
const MOST_BLOCKS = 200n;

/** A transaction to be sent; `value` in wei. */
export type Call = { readonly to: string; readonly data: string; readonly value?: bigint };

export type Receipt = NonNullable<z.infer<typeof receiptShape>>;

/**
 * The chain that a wallet is on, asked through the wallet. ethers' BrowserProvider would be two thirds of the page's weight for
 * these few requests; what is asked is read with a schema all the same.
 */
export class WalletChain {
  readonly #provider: WalletProvider;

  constructor(provider: WalletProvider) {
    this.#provider = provider;
  }

  async chainId(): Promise<number> {
    return Number(quantity.parse(await this.#ask("eth_chainId")));
  }

  async balance(account: string): Promise<bigint> {
    return quantity.parse(await this.#ask("eth_getBalance", account, "latest"));
  }

  /** Runs a call without sending it; rejects as the wallet does when it would be refused. */
  async call(call: Call, from?: string): Promise<string> {
    return hex.parse(await this.#ask("eth_call", request(call, from), "latest"));
  }

  /** What a call would cost now, in wei; rejects when it would be refused. */
  async fee(call: Call, from: string): Promise<bigint> {
    const [gas, price] = await Promise.all([
      this.#ask("eth_estimateGas", request(call, from)),
      this.#ask("eth_gasPrice"),
    ]);
    return quantity.parse(gas) * quantity.parse(price);
  }

  /** Lets the wallet's owner sign and sends. @returns the transaction as it was sent */
  async send(call: Call, from: string): Promise<SentTransaction & { readonly startBlock: number }> {
    const startBlock = Number(quantity.parse(await this.#ask("eth_blockNumber")));
    const expected = await this.#nonce(from, "pending");
    const sent = hash.parse(await this.#ask("eth_sendTransaction", request(call, from)));
    const known = transactionShape.safeParse(await this.#ask("eth_getTransactionByHash", sent));
    const nonce = known.success ? Number(known.data.nonce) : expected;
    return { hash: sent, from, nonce, to: call.to, data: call.data, startBlock };
  }

  async receipt(transaction: string): Promise<Receipt | undefined> {
    return receiptShape.parse(await this.#ask("eth_getTransactionReceipt", transaction)) ?? undefined;
  }

  /** When the newest block was made, in Unix seconds. */
  async now(): Promise<bigint> {
    const block = blockShape.parse(await this.#ask("eth_getBlockByNumber", "latest", false));
    return block.timestamp;
  }

  /** All that the chain says of a transaction. */
  async word(
    sent: SentTransaction & { readonly startBlock: number },
    seenIn: string | undefined,
  ): Promise<{ readonly word: ChainWord; readonly receipt: Receipt | undefined }> {
    const receipt = await this.receipt(sent.hash);
    if (receipt !== undefined) {
      const { blockNumber, blockHash, status } = receipt;
      const found = { blockNumber: Number(blockNumber), blockHash, succeeded: status === 1n };
      const word = { receipt: found, isKnown: true, accountNonce: 0, rival: undefined, seenIn };
      return { word, receipt };
    }
    const [known, accountNonce] = await Promise.all([
      this.#ask("eth_getTransactionByHash", sent.hash),
      this.#nonce(sent.from, "latest"),
    ]);
    const rival = accountNonce > sent.nonce ? await this.#rival(sent) : undefined;
    return {
      word: { receipt: undefined, isKnown: known !== null, accountNonce, rival, seenIn },
      receipt: undefined,
    };
  }

  /** Signs EIP-712 typed data. @param data as JSON, integers as decimal strings */
  async signTypedData(account: string, data: string): Promise<string> {
    return hex.parse(await this.#ask("eth_signTypedData_v4", account, data));
  }

  async #nonce(account: string, at: "latest" | "pending"): Promise<number> {
    return Number(quantity.parse(await this.#ask("eth_getTransactionCount", account, at)));
  }

  /** The transaction of the account that has the nonce, in the blocks since it was sent. */
  async #rival(
    sent: SentTransaction & { readonly startBlock: number },
  ): Promise<NonNullable<ChainWord["rival"]> | undefined> {
    const newest = quantity.parse(await this.#ask("eth_blockNumber"));
    const last = BigInt(sent.startBlock) + MOST_BLOCKS;
    for (let number = BigInt(sent.startBlock); number <= newest && number <= last; number++) {
      const block = blockShape.parse(
        await this.#ask("eth_getBlockByNumber", `0x${number.toString(16)}`, true),
      );
      const found = z
        .array(transactionShape)
        .parse(block.transactions)
        .find(
          ({ from, nonce }) => from.toLowerCase() === sent.from.toLowerCase() && Number(nonce) === sent.nonce,
        );
      if (found !== undefined) return { ...found, data: found.input };
    }
    return undefined;
  }

  #ask(method: string, ...params: readonly unknown[]): Promise<unknown> {
    return this.#provider.request({ method, params });
  }
}

function request({ to, data, value }: Call, from: string | undefined) {
  return {
    to,
    data,
    ...(from !== undefined && { from }),
    ...(value !== undefined && { value: `0x${value.toString(16)}` }),
  };
}

/** A transfer that was sent from this device, and how it is kept. */
export const ownTransfer = z.object({
  hash,
  from: z.string(),
  nonce: z.number(),
  to: z.string(),
  data: z.string(),
  startBlock: z.number(),
  /** Unix seconds. */
  signedAt: z.number(),
  origin: z.string(),
  destination: z.string(),
  symbol: z.string(),
  amount: integer,
  recipient: z.string(),
  /** The transaction with another fee that took its place. */
  replacedBy: z.string().optional(),
  /** The block in which it was seen last. */
  seenIn: z.string().optional(),
  /** The message that it, or the transaction that took its place, has sent. */
  messageId: z.string().optional(),
});
/** {@link ownTransfer} */
export type OwnTransfer = z.output<typeof ownTransfer>;
