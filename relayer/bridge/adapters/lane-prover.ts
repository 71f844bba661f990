import { LaneWitness__factory } from "../../../types/ethers-contracts/factories/bridge/LaneWitness__factory.ts";
import type { LaneWitness } from "../../../types/ethers-contracts/bridge/LaneWitness.ts";
import type { Lane } from "../../domain/bridge.ts";
import { RetryableError } from "../../domain/errors.ts";
import { type Address, hash, type LaneId } from "../../domain/ids.ts";
import type { Rpc } from "../../platform/rpc.ts";
import type { TransactionSender } from "../../platform/transaction-sender.ts";
import type { Origin, Reported } from "../ports.ts";
import { LogSearch } from "./log-search.ts";

/** How many message ids one transaction shows: at about 1,300 gas each, an eighth of what a transaction may take. */
const PIECE = 1_500n;

const witnessInterface = LaneWitness__factory.createInterface();

/** What a prover works with, on the chain of the witness. */
export type ProverServices = {
  readonly origin: Origin;
  readonly rpc: Rpc;
  readonly sender: TransactionSender;
};

/** Shows a `LaneWitness` what the lanes of its Outbox were, piece by piece from a point that it knows already. */
export class LaneProver {
  readonly #contract: LaneWitness;
  readonly #witness: Address;
  readonly #services: ProverServices;
  readonly #search: LogSearch;

  constructor(witness: Address, services: ProverServices) {
    this.#witness = witness;
    this.#services = services;
    this.#contract = LaneWitness__factory.connect(witness, services.rpc.agreed);
    this.#search = new LogSearch(services.rpc);
  }

  /**
   * Sends one piece on the way to acc(`nonce`). Which is next, the witness's own logs say, so it can be called until the point is known.
   */
  async prove(id: LaneId, nonce: bigint, signal: AbortSignal): Promise<Reported> {
    const { origin, sender } = this.#services;
    const lane = origin.lanes.find((each) => each.id === id);
    if (lane === undefined) throw new Error(`lane ${id} does not leave chain ${origin.chainId}`);
    const anchor = await this.#lowestKnown(lane, nonce);
    const data = anchor === undefined ? observation(lane) : await this.#piece(lane, nonce, anchor);
    const sent = await sender.send({ to: this.#witness, data }, signal);
    return sent.kind === "included" && sent.receipt.status === 1
      ? { transactionHash: hash.parse(sent.receipt.transactionHash) }
      : { turnedDown: `the witness took no piece (${sent.kind}): the lane moved on` };
  }

  async #piece({ id, destinationChainId }: Lane, nonce: bigint, anchor: bigint): Promise<string> {
    const { origin } = this.#services;
    const start = anchor - PIECE > nonce ? anchor - PIECE : nonce;
    const [point, messages] = await Promise.all([
      origin.advance(id, start),
      origin.messages(id, start + 1n, anchor),
    ]);
    if (point === undefined || messages.length !== Number(anchor - start))
      throw new RetryableError(
        "MESSAGES_MISSING",
        `Chain ${origin.chainId} does not show messages ${start} to ${anchor} of lane ${id} now. Nothing was sent; they will be read again.`,
      );
    const later = messages.map((message) => message.id);
    return witnessInterface.encodeFunctionData("prove", [
      destinationChainId,
      start,
      point.accumulator,
      later,
    ]);
  }

  /** The lowest point above `nonce` that the witness remembers, of those that it learned of lately. */
  async #lowestKnown({ destinationChainId }: Lane, nonce: bigint): Promise<bigint | undefined> {
    const filter = this.#contract.filters.AccumulatorKnown(destinationChainId);
    const read = async (from: number, to: number | "latest") => {
      const logs = await this.#services.rpc.ask("eth_getLogs", () =>
        this.#contract.queryFilter(filter, from, to),
      );
      const above = logs.map(({ args }) => args.nonce).filter((known) => known > nonce);
      return above.length === 0 ? undefined : above.reduce((a, b) => (a < b ? a : b));
    };
    const { found, from } = await this.#search.recent(read);
    return found ?? (await this.#search.older(read, from - 1));
  }
}

/** Has the witness remember where the lane stands now. */
function observation({ destinationChainId }: Lane): string {
  return witnessInterface.encodeFunctionData("observe", [destinationChainId]);
}
