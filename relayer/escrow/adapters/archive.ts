import type { Log, Result } from "ethers";
import { Escrow__factory } from "../../../types/ethers-contracts/factories/escrow/Escrow__factory.ts";
import type { Rpc } from "../../platform/rpc.ts";
import { EscrowLedger, type KnownEscrow } from "../core/ledger.ts";
import type { EscrowId, Hex, Terms } from "../core/types.ts";
import type { EscrowReader } from "../ports.ts";
import { decodeTerms } from "./decode.ts";
import { readPublished } from "./published.ts";

/** How many blocks are asked for at once: what the common providers grant, first for few logs, then for many. */
const BLOCKS_FOR_ONE = 10_000;
const BLOCKS_FOR_ALL = 1_000;

const contractInterface = Escrow__factory.createInterface();

/** A piece of evidence, or the published agreement: who submitted it (nobody is told for an agreement), and where it is. */
export type Paper = { readonly kind: "evidence" | "agreement"; readonly party?: Hex; readonly uri: string };

/** What the logs of one contract tell about escrows. */
export class EscrowArchive {
  readonly #rpc: Rpc;
  readonly #contract: string;

  constructor(rpc: Rpc, contract: string) {
    this.#rpc = rpc;
    this.#contract = contract;
  }

  /** The terms of an escrow, from its `Created` log; undefined when there is none. The newest blocks are read first. */
  async terms(id: EscrowId): Promise<Terms | undefined> {
    const newest = await this.#newest();
    for (let to = newest; to >= this.#first; to -= BLOCKS_FOR_ONE) {
      const from = Math.max(this.#first, to - BLOCKS_FOR_ONE + 1);
      const [log] = await this.#logs(from, to, contractInterface.encodeFilterTopics("Created", [id]));
      if (log !== undefined)
        return decodeTerms((contractInterface.parseLog(log)?.args["terms"] as Result).toObject());
    }
    return undefined;
  }

  /** What the parties have published, oldest first. */
  async papers(id: EscrowId): Promise<readonly Paper[]> {
    const newest = await this.#newest();
    const papers: Paper[] = [];
    for (let from = this.#first; from <= newest; from += BLOCKS_FOR_ONE) {
      const to = Math.min(newest, from + BLOCKS_FOR_ONE - 1);
      const agreements = await this.#logs(
        from,
        to,
        contractInterface.encodeFilterTopics("MetaEvidence", [id]),
      );
      const evidence = await this.#logs(
        from,
        to,
        contractInterface.encodeFilterTopics("Evidence", [null, id]),
      );
      papers.push(
        ...agreements.map(({ data }) => ({ kind: "agreement" as const, uri: readPublished(data) })),
        ...evidence.map((log) => ({
          kind: "evidence" as const,
          party: String(contractInterface.parseLog(log)?.args["_party"]),
          uri: readPublished(log.data),
        })),
      );
    }
    return papers;
  }

  /** Every escrow of the contract, oldest first, closed ones too. */
  async all(reader: EscrowReader): Promise<readonly KnownEscrow[]> {
    const ledger = new EscrowLedger({ keepsClosed: true });
    const newest = await this.#newest();
    for (let from = this.#first; from <= newest; from += BLOCKS_FOR_ALL)
      for (const log of await reader.logs(from, Math.min(newest, from + BLOCKS_FOR_ALL - 1)))
        ledger.apply(log);
    return ledger.all();
  }

  get #first(): number {
    return this.#rpc.chain.deploymentBlock;
  }

  #newest(): Promise<number> {
    return this.#rpc.ask("eth_blockNumber", () => this.#rpc.provider.getBlockNumber());
  }

  #logs(fromBlock: number, toBlock: number, topics: (string | string[] | null)[]): Promise<readonly Log[]> {
    const filter = { address: this.#contract, fromBlock, toBlock, topics };
    return this.#rpc.ask("eth_getLogs", () => this.#rpc.provider.getLogs(filter));
  }
}
