import { setImmediate } from "node:timers/promises";
import type { Outbox } from "../../../types/ethers-contracts/bridge/Outbox.ts";
import { Outbox__factory } from "../../../types/ethers-contracts/factories/bridge/Outbox__factory.ts";
import type { BlockId, Finality, Lane, LaneHead, Message, Point } from "../../domain/bridge.ts";
import { RetryableError } from "../../domain/errors.ts";
import { type ChainId, hash, type LaneId, type MessageId } from "../../domain/ids.ts";
import type { Rpc } from "../../platform/rpc.ts";
import { laneFrom } from "../../domain/message.ts";
import type { BlockRange, Origin } from "../ports.ts";
import { decodeAdvance, decodeMessage } from "./decode.ts";
import { LogSearch } from "./log-search.ts";

/** The widest range of blocks that is read on somebody's word. */
const MOST_HINTED_BLOCKS = 1_000;

/** How many messages are decoded before others get their turn: some 20 ms of processor time. */
const DECODED_AT_ONCE = 25;

/** An {@link Origin} read from its Outbox's logs over JSON-RPC. */
export class OutboxReader implements Origin {
  readonly chainId: ChainId;
  readonly lanes: readonly Lane[];
  readonly #rpc: Rpc;
  readonly #outbox: Outbox;
  /** The same, by the word of one provider. */
  readonly #hearsay: Outbox;
  readonly #search: LogSearch;

  /** @param destinations the chain ids that the network knows; lanes to others are not followed */
  constructor(rpc: Rpc, destinations: readonly ChainId[]) {
    const { chainId, outbox } = rpc.chain;
    this.chainId = chainId;
    this.lanes = destinations.filter((id) => id !== chainId).map((id) => laneFrom(chainId, outbox, id));
    this.#rpc = rpc;
    this.#outbox = Outbox__factory.connect(outbox, rpc.agreed);
    this.#hearsay = Outbox__factory.connect(outbox, rpc.provider);
    this.#search = new LogSearch(rpc);
  }

  finalBlock(): Promise<number> {
    return this.#rpc.finalBlock();
  }

  finality(): Promise<Finality> {
    return this.#rpc.finality();
  }

  newestBlock(): Promise<number> {
    return this.#rpc.newestBlock();
  }

  async block(number: number): Promise<BlockId | undefined> {
    const block = await this.#rpc.block(number);
    return block && { number, hash: hash.parse(block.hash) };
  }

  async head(destination: ChainId): Promise<LaneHead> {
    const { nonce, accumulator } = await this.#rpc.ask("eth_call", () => this.#outbox.lanes(destination));
    return { nonce, accumulator: hash.parse(accumulator) };
  }

  async advances(from: number, to: number): Promise<readonly Point[]> {
    const logs = await this.#logs(() =>
      this.#outbox.queryFilter(this.#outbox.filters.LaneAdvanced(), from, to),
    );
    return logs.flatMap((log) => {
      const lane = this.lanes.find(
        ({ destinationChainId }) => BigInt(destinationChainId) === log.args.destinationChainId,
      );
      return lane === undefined ? [] : [decodeAdvance(lane, log)];
    });
  }

  async advance(id: LaneId, nonce: bigint): Promise<Point | undefined> {
    const { destinationChainId, ...rest } = this.#lane(id);
    const filter = this.#outbox.filters.LaneAdvanced(destinationChainId, nonce);
    const read = async (from: number, to: number | "latest") => {
      const [log] = await this.#logs(() => this.#outbox.queryFilter(filter, from, to));
      return log && decodeAdvance({ destinationChainId, ...rest }, log);
    };
    const [head, { found, from }] = await Promise.all([
      this.head(destinationChainId),
      this.#search.recent(read),
    ]);
    if (found !== undefined) return found;
    // What the lane has not reached needs no search; and there is no message 0.
    if (nonce === 0n || head.nonce < nonce) return undefined;
    return this.#search.byState(read, from - 1, async (blockTag) => {
      const then = await this.#rpc.ask("eth_call", () =>
        this.#hearsay.lanes(destinationChainId, { blockTag }),
      );
      return then.nonce >= nonce;
    });
  }

  async messages(id: LaneId, from: bigint, to: bigint, blocks?: BlockRange): Promise<readonly Message[]> {
    // What somebody says may be a lie, and must not become a lot of work.
    if (blocks !== undefined && blocks.last - blocks.first < MOST_HINTED_BLOCKS) {
      const found = await this.#messagesIn(id, from, to, blocks);
      if (BigInt(found.length) === to - from + 1n) return found;
    }
    const [first, last] = await Promise.all([this.advance(id, from), this.advance(id, to)]);
    if (first === undefined || last === undefined)
      throw new RetryableError(
        "MESSAGES_MISSING",
        `Chain ${this.chainId} shows no messages ${from} to ${to} of lane ${id} now; they will be read again.`,
        { lane: id },
      );
    return this.#messagesIn(id, from, to, {
      first: first.position.blockNumber,
      last: last.position.blockNumber,
    });
  }

  async #messagesIn(id: LaneId, from: bigint, to: bigint, { first, last }: BlockRange) {
    const lane = this.#lane(id);
    const { LaneAdvanced, MessageSent } = this.#outbox.filters;
    const [advances, sent] = await Promise.all([
      this.#logs(() => this.#outbox.queryFilter(LaneAdvanced(lane.destinationChainId), first, last)),
      this.#logs(() => this.#outbox.queryFilter(MessageSent(), first, last)),
    ]);
    const byId = new Map(sent.map((log) => [log.args.sendId, log]));
    const messages: Message[] = [];
    for (const [i, advanced] of advances.entries()) {
      // Done in one go, this would keep locks from being renewed until they are over.
      if (i % DECODED_AT_ONCE === 0) await setImmediate();
      const { nonce, messageId } = advanced.args;
      const log = nonce >= from && nonce <= to ? byId.get(messageId) : undefined;
      if (log !== undefined) messages.push(decodeMessage(lane, log, advanced));
    }
    return messages;
  }

  async message(id: MessageId): Promise<Message | undefined> {
    const { LaneAdvanced, MessageSent } = this.#outbox.filters;
    const read = async (from: number, to: number | "latest") => {
      const [[advanced], [sent]] = await Promise.all([
        this.#logs(() => this.#outbox.queryFilter(LaneAdvanced(undefined, undefined, id), from, to)),
        this.#logs(() => this.#outbox.queryFilter(MessageSent(id), from, to)),
      ]);
      return advanced && sent && { advanced, sent };
    };
    const { found, from } = await this.#search.recent(read);
    const logs = found ?? (await this.#search.older(read, from - 1));
    const lane = this.lanes.find(
      ({ destinationChainId }) => BigInt(destinationChainId) === logs?.advanced.args.destinationChainId,
    );
    return logs && lane && decodeMessage(lane, logs.sent, logs.advanced);
  }

  #lane(id: LaneId): Lane {
    const lane = this.lanes.find((candidate) => candidate.id === id);
    if (lane === undefined) throw new Error(`lane ${id} does not leave chain ${this.chainId}`);
    return lane;
  }

  #logs<T>(request: () => Promise<T>): Promise<T> {
    return this.#rpc.ask("eth_getLogs", request);
  }
}
