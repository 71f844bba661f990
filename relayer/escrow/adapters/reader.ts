import type { Log } from "ethers";
import type { Escrow as EscrowContract } from "../../../types/ethers-contracts/escrow/Escrow.ts";
import { Escrow__factory } from "../../../types/ethers-contracts/factories/escrow/Escrow__factory.ts";
import type { Rpc } from "../../platform/rpc.ts";
import type { EscrowLog } from "../core/ledger.ts";
import type { Escrow, EscrowId, Hex, State } from "../core/types.ts";
import type { BlockTime, EscrowReader } from "../ports.ts";
import { decodeLog } from "./decode.ts";

/** An {@link EscrowReader} over JSON-RPC. */
export class EscrowContractReader implements EscrowReader {
  readonly #rpc: Rpc;
  readonly #contract: EscrowContract;

  constructor(rpc: Rpc, contract: string) {
    this.#rpc = rpc;
    this.#contract = Escrow__factory.connect(contract, rpc.provider);
  }

  async heights(): Promise<{ readonly newest: BlockTime; readonly final: number }> {
    const { newest, final } = await this.#rpc.heights();
    return { newest: { ...newest, time: BigInt(newest.time) }, final };
  }

  async logs(from: number, to: number): Promise<readonly EscrowLog[]> {
    const address = await this.#contract.getAddress();
    const logs = await this.#rpc.ask("eth_getLogs", () =>
      this.#rpc.provider.getLogs({ address, fromBlock: from, toBlock: to }),
    );
    const numbers = [...new Set(logs.map(({ blockNumber }) => blockNumber))];
    const times = new Map(
      await Promise.all(
        numbers.map(async (number) => [number, BigInt(await this.#rpc.timeOf(number))] as const),
      ),
    );
    return logs.flatMap((log) => this.#decode(log, times.get(log.blockNumber) ?? 0n));
  }

  async escrow(id: EscrowId): Promise<Escrow> {
    const view = await this.#rpc.ask("eth_call", () => this.#contract.escrowOf(id));
    return {
      state: Number(view.state) as State,
      milestone: view.milestone,
      since: view.since,
      buyerSequence: view.buyerSequence,
      sellerSequence: view.sellerSequence,
      remaining: view.remaining,
    };
  }

  claimable(token: Hex, account: Hex): Promise<bigint> {
    return this.#rpc.ask("eth_call", () => this.#contract.claimable(token, account));
  }

  #decode(log: Log, time: bigint): readonly EscrowLog[] {
    const parsed = this.#contract.interface.parseLog(log);
    const decoded = parsed === null ? undefined : decodeLog(parsed.name, parsed.args, time);
    return decoded === undefined ? [] : [decoded];
  }
}
