import type { AttestationStore, Destination, Origin } from "../bridge/ports.ts";
import { messageState } from "../bridge/core/progress.ts";
import type { Lane, Message } from "../domain/bridge.ts";
import { type ChainId, type ChainName, type MessageId } from "../domain/ids.ts";
import type { StatusView } from "./schema.ts";
import type { MessageDetail } from "./wallet-schema.ts";

/** Where a message is, as far as lanes know; what waits in a token's bridge they do not. */
type MessageWay = Omit<MessageDetail, "waiting">;

/** One chain as the read model sees it. */
export type ChainReaders = {
  readonly name: ChainName;
  readonly origin: Origin;
  readonly destination: Destination;
  readonly outbox: StatusView["chains"][number]["outbox"];
  readonly inbox: StatusView["chains"][number]["inbox"];
};

/** Answers questions about one message, and about lanes, from the chains themselves, and about attestations from their store. */
export class ReadModel {
  readonly #chains: ReadonlyMap<ChainId, ChainReaders>;
  readonly #attestations: AttestationStore;

  constructor(chains: readonly ChainReaders[], attestations: AttestationStore) {
    this.#chains = new Map(chains.map((chain) => [chain.origin.chainId, chain]));
    this.#attestations = attestations;
  }

  /** Where a message is; undefined when no chain knows it. */
  async message(id: MessageId): Promise<MessageWay | undefined> {
    for (const { origin } of this.#chains.values()) {
      const message = await origin.message(id);
      if (message !== undefined) return this.#view(message);
    }
    return undefined;
  }

  /** The state of all chains and lanes. */
  async status(): Promise<StatusView> {
    const chains = [...this.#chains.values()];
    return {
      chains: await Promise.all(chains.map((chain) => this.#chainStatus(chain))),
      lanes: await Promise.all(
        chains.flatMap(({ name, origin }) =>
          origin.lanes.map(async ({ id, destinationChainId }) => {
            const to = this.#chain(destinationChainId);
            const [sent, accepted] = await Promise.all([
              origin.head(destinationChainId),
              to.destination.head(origin.chainId),
            ]);
            return { id, from: name, to: to.name, sent: sent.nonce, accepted: accepted.nonce };
          }),
        ),
      ),
    };
  }

  async #chainStatus({
    name,
    origin,
    destination,
    outbox,
    inbox,
  }: ChainReaders): Promise<StatusView["chains"][number]> {
    const [block, final, set] = await Promise.all([
      origin.newestBlock(),
      origin.finalBlock(),
      destination.validatorSet(),
    ]);
    const { epoch, threshold, scheme, expiresAt } = set;
    const validatorSet = { epoch, threshold, scheme, expiresAt, members: [...set.members] };
    return { name, chainId: origin.chainId, block, final, outbox, inbox, validatorSet };
  }

  async #view(message: Message): Promise<MessageWay> {
    const { lane, origin, from, to } = this.#lane(message);
    const [newest, final, outcome, set] = await Promise.all([
      origin.newestBlock(),
      origin.finalBlock(),
      to.destination.outcome(message.id),
      to.destination.validatorSet(),
    ]);
    const count = await this.#attestationCount(message, set.epoch);
    const { position } = message;
    return {
      messageId: message.id,
      lane: { id: lane.id, from: from.name, to: to.name },
      nonce: message.nonce,
      sender: message.sender,
      recipient: message.recipient,
      state: messageState({
        isFinal: position.blockNumber <= final,
        attestations: count,
        threshold: set.threshold,
        outcome: outcome?.kind,
      }),
      source: {
        chain: from.name,
        transactionHash: position.transactionHash,
        blockNumber: position.blockNumber,
      },
      attestations:
        outcome === undefined ? { count, threshold: set.threshold, validators: set.members.length } : null,
      originBlocks: { newest, final },
      destination:
        outcome === undefined
          ? null
          : { chain: to.name, transactionHash: outcome.transactionHash, blockNumber: outcome.blockNumber },
      kept:
        outcome?.reason === undefined
          ? null
          : { gasLimit: message.gasLimit, payload: message.payload, reason: outcome.reason },
    };
  }

  /** The most signatures that any one point at or after the message has. */
  async #attestationCount({ lane, nonce }: Message, epoch: bigint): Promise<number> {
    const points = await this.#attestations.pointsAbove(lane, nonce - 1n);
    const counts = await Promise.all(
      points.map(async (point) => (await this.#attestations.signatures(point, epoch)).size),
    );
    return Math.max(0, ...counts);
  }

  #lane({ lane: id }: Message): { lane: Lane; origin: Origin; from: ChainReaders; to: ChainReaders } {
    for (const from of this.#chains.values()) {
      const lane = from.origin.lanes.find((candidate) => candidate.id === id);
      if (lane !== undefined)
        return { lane, origin: from.origin, from, to: this.#chain(lane.destinationChainId) };
    }
    throw new Error(`no chain has lane ${id}`);
  }

  #chain(id: ChainId): ChainReaders {
    const chain = this.#chains.get(id);
    if (chain === undefined) throw new Error(`no chain ${id}`);
    return chain;
  }
}
