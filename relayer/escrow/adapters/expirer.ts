import { isError } from "ethers";
import { Escrow__factory } from "../../../types/ethers-contracts/factories/escrow/Escrow__factory.ts";
import { FatalError } from "../../domain/errors.ts";
import type { Rpc } from "../../platform/rpc.ts";
import type { Receipt, TransactionSender } from "../../platform/transaction-sender.ts";
import type { KnownEscrow } from "../core/ledger.ts";
import { packTerms } from "../core/terms.ts";
import type { EscrowId } from "../core/types.ts";
import type { Expiration, Expirer, Tip } from "../ports.ts";

const contractInterface = Escrow__factory.createInterface();

/** An {@link Expirer} that sends `processExpirations` from one key. */
export class BatchExpirer implements Expirer {
  readonly #rpc: Rpc;
  readonly #contract: string;
  readonly #sender: TransactionSender;

  constructor(rpc: Rpc, contract: string, sender: TransactionSender) {
    this.#rpc = rpc;
    this.#contract = contract;
    this.#sender = sender;
  }

  async gasPrice(): Promise<bigint> {
    const { gasPrice } = await this.#rpc.ask("eth_gasPrice", () => this.#rpc.provider.getFeeData());
    return gasPrice ?? 0n;
  }

  async expire(batch: readonly KnownEscrow[], signal: AbortSignal): Promise<Expiration | undefined> {
    const data = contractInterface.encodeFunctionData("processExpirations", [
      batch.map(({ terms }) => packTerms(terms)),
    ]);
    const call = { to: this.#contract, data };
    if ((await this.#simulate(call)) === 0n) return undefined;
    const sent = await this.#sender.send(call, signal);
    if (sent.kind !== "included")
      throw new FatalError(
        "EXPIRATION_REFUSED",
        `The escrow contract ${this.#contract} on chain ${this.#rpc.chain.name} does not take a batch of ${batch.length}: ${sent.kind}. Nothing was sent.`,
      );
    return account(batch, sent.receipt);
  }

  /** @returns how many of the batch would expire */
  async #simulate(call: { readonly to: string; readonly data: string }): Promise<bigint> {
    try {
      const answer = await this.#rpc.ask("eth_call", () =>
        this.#rpc.provider.call({ ...call, from: this.#sender.address }),
      );
      return contractInterface.decodeFunctionResult("processExpirations", answer)[0] as bigint;
    } catch (error) {
      if (isError(error, "CALL_EXCEPTION")) return 0n;
      throw error;
    }
  }
}

/** What a receipt says that a batch did. */
function account(batch: readonly KnownEscrow[], receipt: Receipt): Expiration {
  const tokens = new Map(batch.map(({ id, terms }) => [id, terms.token]));
  const expired: EscrowId[] = [];
  const skipped: EscrowId[] = [];
  const tips: Tip[] = [];
  for (const log of receipt.logs) {
    const parsed = contractInterface.parseLog(log);
    const id = String(parsed?.args["id"]) as EscrowId;
    if (parsed?.name === "Expired" || parsed?.name === "MilestoneExpired") expired.push(id);
    if (parsed?.name === "Tipped")
      tips.push({ token: tokens.get(id) ?? "", amount: BigInt(String(parsed.args["amount"])) });
    const item = parsed?.name === "ExpirationSkipped" ? batch[Number(parsed.args["index"])] : undefined;
    if (item !== undefined) skipped.push(item.id);
  }
  const { transactionHash, gasUsed, effectiveGasPrice } = receipt;
  return { transactionHash, expired, skipped, tips, spent: gasUsed * effectiveGasPrice };
}
