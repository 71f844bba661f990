import { isError, keccak256, ZeroHash } from "ethers";
import { LaneWitness__factory } from "../../../types/ethers-contracts/factories/bridge/LaneWitness__factory.ts";
import type { LaneWitness } from "../../../types/ethers-contracts/bridge/LaneWitness.ts";
import type { Lane } from "../../domain/bridge.ts";
import { RetryableError } from "../../domain/errors.ts";
import { type Address, hash } from "../../domain/ids.ts";
import type { Rpc } from "../../platform/rpc.ts";
import type { TransactionSender } from "../../platform/transaction-sender.ts";
import type { FalseProof } from "../core/slashing.ts";
import type { Origin, Reported } from "../ports.ts";
import { hinted } from "./evidence.ts";
import { LogSearch } from "./log-search.ts";

/** How many message ids one transaction shows: at about 1,300 gas each, an eighth of what a transaction may take. */
const PIECE = 1_500n;

const witnessInterface = LaneWitness__factory.createInterface();

/** What a prover works with, on the chain of the witness. */
export type ProverServices = {
  readonly origin: Origin;
  readonly rpc: Rpc;
  readonly sender: TransactionSender;
  /** Whether this is the chain of `Slashing`, which then asks the witness itself. */
  readonly isHome: boolean;
};

/**
 * Shows what the lanes of one chain were: to its `LaneWitness`, piece by piece from a point that it knows already, and from there to
 * `Slashing` on the home chain, by a message of the bridge.
 */
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
   * Goes one transaction further. Which is next, the witness and its own logs say, so it can be called until `Slashing` knows
   * what it misses.
   */
  async prove({ place, signed }: FalseProof, signal: AbortSignal): Promise<Reported> {
    const { origin, isHome } = this.#services;
    const { nonce } = place;
    const lane = origin.lanes.find((each) => each.id === place.lane);
    if (lane === undefined) throw new Error(`lane ${place.lane} does not leave chain ${origin.chainId}`);
    const known = await this.#accumulatorAt(lane, nonce);
    if (known === undefined) return this.#send(await this.#nextPiece(lane, nonce), signal);
    if (isHome) return { turnedDown: "the witness knows it by now" };

    const signatureHash = known === ZeroHash ? keccak256(hinted(signed).signature) : ZeroHash;
    if (await this.#isReported(lane, nonce, signatureHash))
      return { turnedDown: "it is reported, and on its way to the home chain" };
    const { destinationChainId } = lane;
    return this.#send(
      known === ZeroHash
        ? witnessInterface.encodeFunctionData("reportUnreached", [destinationChainId, nonce, signatureHash])
        : witnessInterface.encodeFunctionData("report", [destinationChainId, nonce]),
      signal,
    );
  }

  async #send(data: string, signal: AbortSignal): Promise<Reported> {
    const sent = await this.#services.sender.send({ to: this.#witness, data }, signal);
    return sent.kind === "included" && sent.receipt.status === 1
      ? { transactionHash: hash.parse(sent.receipt.transactionHash) }
      : { turnedDown: `the witness did not take it (${sent.kind}): the lane moved on` };
  }

  /** acc(nonce), the zero hash where the lane has not come so far, undefined where the witness does not know it. */
  #accumulatorAt({ destinationChainId }: Lane, nonce: bigint): Promise<string | undefined> {
    return this.#services.rpc.ask("eth_call", () =>
      this.#contract.accumulatorAt(destinationChainId, nonce).catch((error: unknown) => {
        if (isError(error, "CALL_EXCEPTION") && error.revert?.name === "NotKnown") return undefined;
        throw error;
      }),
    );
  }

  /** Whether the fact was sent home before, by whomever; it arrives in the order of its lane. */
  async #isReported({ destinationChainId }: Lane, nonce: bigint, signatureHash: string): Promise<boolean> {
    const filter = this.#contract.filters.FactReported(destinationChainId, nonce);
    const read = async (from: number, to: number | "latest") => {
      const logs = await this.#services.rpc.ask("eth_getLogs", () =>
        this.#contract.queryFilter(filter, from, to),
      );
      return logs.find(({ args }) => args.signatureHash === signatureHash);
    };
    const { found, from } = await this.#search.recent(read);
    return (found ?? (await this.#search.older(read, from - 1))) !== undefined;
  }

  async #nextPiece(lane: Lane, nonce: bigint): Promise<string> {
    const anchor = await this.#lowestKnown(lane, nonce);
    return anchor === undefined ? observation(lane) : this.#piece(lane, nonce, anchor);
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
