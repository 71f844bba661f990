import type { Interface, Log } from "ethers";
import { Inbox__factory } from "../../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import { Outbox__factory } from "../../../types/ethers-contracts/factories/bridge/Outbox__factory.ts";
import { Slashing__factory } from "../../../types/ethers-contracts/factories/bridge/Slashing__factory.ts";
import { ValidatorRegistry__factory } from "../../../types/ethers-contracts/factories/bridge/ValidatorRegistry__factory.ts";
import { Escrow__factory } from "../../../types/ethers-contracts/factories/escrow/Escrow__factory.ts";
import { decodePosition } from "../../domain/log-position.ts";
import { type Address, type ChainId, type ChainName, hash, type Hash } from "../../domain/ids.ts";
import type { Rpc } from "../../platform/rpc.ts";
import type { Facts } from "../core/facts.ts";
import type { Heights, IndexedBlock, IndexedChain, Range } from "../ports.ts";
import { BridgeDecoder } from "./decode-bridge.ts";
import { decodeEscrow } from "./decode-escrow.ts";
import { decodeSlashing, decodeValidator } from "./decode-validators.ts";
import type { PlacedLog } from "./placed-log.ts";

/** Ranges up to so many blocks are remembered block by block, so that a reorganisation is undone exactly. */
const BLOCK_BY_BLOCK = 32;
/** How many block headers are asked for at once. */
const HEADERS_AT_ONCE = 16;

const interfaces = {
  outbox: Outbox__factory.createInterface(),
  inbox: Inbox__factory.createInterface(),
  registry: ValidatorRegistry__factory.createInterface(),
  slashing: Slashing__factory.createInterface(),
  escrow: Escrow__factory.createInterface(),
} satisfies Record<string, Interface>;
type Contract = keyof typeof interfaces;

/** What else the reader of a chain has to know. */
export type ChainReaderOptions = {
  /** The chain ids that the network knows; messages to others are not indexed. */
  readonly destinations: readonly ChainId[];
  /** The registry and the slashing contract, on the home chain. */
  readonly home: { readonly registry: Address; readonly slashing: Address } | undefined;
  /** The bridges on this chain, each with its token. */
  readonly bridges: ReadonlyMap<Address, Address>;
};

/** An {@link IndexedChain} over JSON-RPC. Where a chain has several providers, they must agree on everything that is read. */
export class ChainReader implements IndexedChain {
  readonly chainId: ChainId;
  readonly name: ChainName;
  readonly deploymentBlock: number;
  readonly #rpc: Rpc;
  readonly #contracts: ReadonlyMap<string, Contract>;
  readonly #bridge: BridgeDecoder;

  constructor(rpc: Rpc, options: ChainReaderOptions) {
    const { chainId, name, deploymentBlock, outbox, inbox, escrow } = rpc.chain;
    this.chainId = chainId;
    this.name = name;
    this.deploymentBlock = deploymentBlock;
    this.#rpc = rpc;
    this.#bridge = new BridgeDecoder({ chainId, outbox }, options);
    const contracts: readonly (readonly [string | undefined, Contract])[] = [
      [outbox, "outbox"],
      [inbox, "inbox"],
      [escrow?.contract, "escrow"],
      [options.home?.registry, "registry"],
      [options.home?.slashing, "slashing"],
    ];
    this.#contracts = new Map(
      contracts.flatMap(([address, kind]) =>
        address === undefined ? [] : [[address.toLowerCase(), kind] as const],
      ),
    );
  }

  async heights(): Promise<Heights> {
    const { newest, final } = await this.#rpc.heights();
    return { head: newest.number, hash: hash.parse(newest.hash), final };
  }

  async block(number: number): Promise<IndexedBlock | undefined> {
    const found = await this.#rpc.ask("eth_getBlockByNumber", () => this.#rpc.agreed.getBlock(number));
    if (found?.hash == null) return undefined;
    const { parentHash, timestamp } = found;
    return { number, hash: hash.parse(found.hash), parentHash: hash.parse(parentHash), time: timestamp };
  }

  async range(from: number, to: number, parent: Hash | undefined): Promise<Range | undefined> {
    const end = await this.block(to);
    const logs = await this.#logs(from, to);
    // Everything after this is read later than the logs: if it fits them, they are of the branch that ends in `end`.
    const all = to - from < BLOCK_BY_BLOCK;
    const wanted = all
      ? Array.from({ length: to - from + 1 }, (_, i) => from + i)
      : [...new Set([from, ...logs.map(({ blockNumber }) => blockNumber), to])].sort((a, b) => a - b);
    const blocks = await this.#blocks(wanted);
    const times = new Map(blocks.map((block) => [block.hash, block.time]));
    const first = blocks[0];
    const isSame =
      blocks.length === wanted.length &&
      blocks.at(-1)?.hash === end?.hash &&
      (parent === undefined || first?.parentHash === parent) &&
      logs.every(({ blockHash }) => times.has(hash.parse(blockHash)));
    if (!isSame || end === undefined) return undefined;
    return { blocks, end, facts: this.#decode(logs, times) };
  }

  async #logs(fromBlock: number, toBlock: number): Promise<readonly Log[]> {
    const address = [...this.#contracts.keys()];
    return this.#rpc.ask("eth_getLogs", () => this.#rpc.agreed.getLogs({ address, fromBlock, toBlock }));
  }

  async #blocks(numbers: readonly number[]): Promise<readonly IndexedBlock[]> {
    const found: IndexedBlock[] = [];
    for (let i = 0; i < numbers.length; i += HEADERS_AT_ONCE) {
      const some = await Promise.all(
        numbers.slice(i, i + HEADERS_AT_ONCE).map((number) => this.block(number)),
      );
      found.push(...some.filter((block) => block !== undefined));
    }
    return found;
  }

  #decode(logs: readonly Log[], times: ReadonlyMap<Hash, number>): Facts {
    const of: Record<Contract, PlacedLog[]> = {
      outbox: [],
      inbox: [],
      registry: [],
      slashing: [],
      escrow: [],
    };
    for (const raw of logs) {
      const contract = this.#contracts.get(raw.address.toLowerCase());
      const log = contract && interfaces[contract].parseLog(raw);
      if (contract === undefined || log == null) continue;
      const { blockHash, ...position } = decodePosition(raw);
      of[contract].push({
        place: { chainId: this.chainId, ...position, blockTime: times.get(blockHash) ?? 0 },
        log,
        data: raw.data,
      });
    }
    const registry = decodeValidator(of.registry);
    return {
      messages: this.#bridge.messages(of.outbox),
      outcomes: this.#bridge.outcomes(of.inbox),
      validatorEvents: registry.events,
      validatorSets: [...registry.sets, ...this.#bridge.sets(of.inbox)],
      slashings: [...registry.payments, ...decodeSlashing(of.slashing)],
      escrowEvents: of.escrow.flatMap(decodeEscrow),
    };
  }
}
