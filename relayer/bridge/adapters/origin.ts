import type { Outbox } from "../../../types/ethers-contracts/bridge/Outbox.ts";
import { Outbox__factory } from "../../../types/ethers-contracts/factories/bridge/Outbox__factory.ts";
import type { Lane, LaneHead, Message, Point } from "../../domain/bridge.ts";
import { RetryableError } from "../../domain/errors.ts";
import { type ChainId, hash, type LaneId, type MessageId } from "../../domain/ids.ts";
import type { Rpc } from "../../platform/rpc.ts";
import { laneFrom } from "../core/message.ts";
import type { Origin } from "../ports.ts";
import { decodeAdvance, decodeMessage } from "./decode.ts";

/** An {@link Origin} read from its Outbox's logs over JSON-RPC. */
export class OutboxReader implements Origin {
  readonly chainId: ChainId;
  readonly lanes: readonly Lane[];
  readonly #rpc: Rpc;
  readonly #outbox: Outbox;

  /** @param destinations the chain ids that the network knows; lanes to others are not followed */
  constructor(rpc: Rpc, destinations: readonly ChainId[]) {
    const { chainId, outbox } = rpc.chain;
    this.chainId = chainId;
    this.lanes = destinations.filter((id) => id !== chainId).map((id) => laneFrom(chainId, outbox, id));
    this.#rpc = rpc;
    this.#outbox = Outbox__factory.connect(outbox, rpc.provider);
  }

  finalBlock(): Promise<number> {
    return this.#rpc.finalBlock();
  }

  newestBlock(): Promise<number> {
    return this.#rpc.ask("eth_blockNumber", () => this.#rpc.provider.getBlockNumber());
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
    const lane = this.#lane(id);
    const filter = this.#outbox.filters.LaneAdvanced(lane.destinationChainId, nonce);
    const [log] = await this.#logs(() => this.#outbox.queryFilter(filter, this.#rpc.chain.deploymentBlock));
    return log === undefined ? undefined : decodeAdvance(lane, log);
  }

  async messages(id: LaneId, from: bigint, to: bigint): Promise<readonly Message[]> {
    const lane = this.#lane(id);
    const [first, last] = await Promise.all([this.advance(id, from), this.advance(id, to)]);
    if (first === undefined || last === undefined)
      throw new RetryableError(
        "MESSAGES_MISSING",
        `Chain ${this.chainId} shows no messages ${from} to ${to} of lane ${id} now; they will be read again.`,
        { lane: id },
      );
    const blocks = [first.position.blockNumber, last.position.blockNumber] as const;
    const { LaneAdvanced, MessageSent } = this.#outbox.filters;
    const [advances, sent] = await Promise.all([
      this.#logs(() => this.#outbox.queryFilter(LaneAdvanced(lane.destinationChainId), ...blocks)),
      this.#logs(() => this.#outbox.queryFilter(MessageSent(), ...blocks)),
    ]);
    const byId = new Map(sent.map((log) => [log.args.sendId, log]));
    return advances
      .filter(({ args }) => args.nonce >= from && args.nonce <= to)
      .flatMap((advanced) => {
        const log = byId.get(advanced.args.messageId);
        return log === undefined ? [] : [decodeMessage(lane, log, advanced)];
      });
  }

  async message(id: MessageId): Promise<Message | undefined> {
    const { LaneAdvanced, MessageSent } = this.#outbox.filters;
    const start = this.#rpc.chain.deploymentBlock;
    const [[advanced], [sent]] = await Promise.all([
      this.#logs(() => this.#outbox.queryFilter(LaneAdvanced(undefined, undefined, id), start)),
      this.#logs(() => this.#outbox.queryFilter(MessageSent(id), start)),
    ]);
    const lane = this.lanes.find(
      ({ destinationChainId }) => BigInt(destinationChainId) === advanced?.args.destinationChainId,
    );
    if (advanced === undefined || sent === undefined || lane === undefined) return undefined;
    return decodeMessage(lane, sent, advanced);
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
