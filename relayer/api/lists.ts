import { messageState } from "../bridge/core/progress.ts";
import type { AttestationStore } from "../bridge/ports.ts";
import { FatalError, RetryableError } from "../domain/errors.ts";
import type { ChainId, ChainName, Hash, LaneId, PublicKey } from "../domain/ids.ts";
import type {
  IndexedEscrow,
  IndexedMessage,
  IndexedSet,
  IndexQueries,
  Page,
  PageKey,
} from "../indexer/adapters/queries.ts";
import type { FactPlace } from "../indexer/core/facts.ts";
import type { Lag } from "../indexer/metrics.ts";
import type { Clock } from "../platform/clock.ts";
import type { SqlKind } from "../platform/sql.ts";
import type {
  EscrowDetail,
  EscrowList,
  EscrowQuery,
  IndexView,
  MessageList,
  MessageQuery,
  SlashingList,
  ValidatorHistory,
  ValidatorList,
} from "./list-schema.ts";

/** From so many seconds behind on, the index is too old for lists to be trusted. */
const MOST_LAG_SECONDS = 60;

/** What lists are read from. */
export type ListServices = {
  readonly queries: IndexQueries;
  readonly database: SqlKind;
  readonly attestations: AttestationStore;
  readonly chains: readonly { readonly name: ChainName; readonly chainId: ChainId }[];
  readonly clock: Pick<Clock, "now">;
};

/** Answers lists from the index, and says how fresh they are; only the number of attestations is asked elsewhere. */
export class Lists {
  readonly #services: ListServices;
  readonly #names: ReadonlyMap<ChainId, ChainName>;

  constructor(services: ListServices) {
    this.#services = services;
    this.#names = new Map(services.chains.map(({ name, chainId }) => [chainId, name]));
  }

  /** Where the index stands. */
  async index(): Promise<IndexView> {
    const { queries, database } = this.#services;
    const [rebuild, chains] = await Promise.all([queries.rebuildId(), this.#progress()]);
    return { database, rebuild, chains };
  }

  /** The lag of each chain that the index has begun. */
  async lags(): Promise<readonly Lag[]> {
    return (await this.#progress()).flatMap(({ chain, lagBlocks: blocks, lagSeconds: seconds }) =>
      blocks === null || seconds === null ? [] : [{ chain, blocks, seconds }],
    );
  }

  /** @throws RetryableError `INDEX_BEHIND` while lists would be old, or `SQL` */
  async verify(): Promise<void> {
    const late = (await this.#progress()).filter(
      ({ lagSeconds }) => lagSeconds === null || lagSeconds > MOST_LAG_SECONDS,
    );
    if (late.length === 0) return;
    throw new RetryableError(
      "INDEX_BEHIND",
      `The index is behind: ${late.map(({ chain, lagSeconds }) => `chain ${chain} ${lagSeconds === null ? "is not read yet" : `by ${lagSeconds} s`}`).join(", ")}. Messages are carried without it, but lists are old until it has caught up. If it does not, look for an indexer that runs, and whether the chain's node answers.`,
    );
  }

  async messages({ limit, after, from, to, ...filter }: MessageQuery): Promise<MessageList> {
    const { queries } = this.#services;
    const wanted = { ...filter, from: this.#id(from, "from"), to: this.#id(to, "to") };
    const [found, sets, index] = await Promise.all([
      queries.messages(wanted, { limit: limit + 1, after }),
      queries.activeSets(),
      this.#progress(),
    ]);
    const rows = found.slice(0, limit);
    const counts = await this.#attestations(rows, sets);
    return {
      messages: rows.map((row) => this.#message(row, counts.get(row.id) ?? 0, sets)),
      next: nextOf(found, limit, keyOf),
      index,
    };
  }

  async validators(): Promise<ValidatorList> {
    const [validators, index] = await Promise.all([this.#services.queries.validators(), this.#progress()]);
    return { validators: [...validators], index };
  }

  async validator(key: PublicKey): Promise<ValidatorHistory> {
    const [facts, index] = await Promise.all([this.#services.queries.history(key), this.#progress()]);
    return { events: facts.map((fact) => ({ ...fact, ...this.#where(fact) })), index };
  }

  async slashings({
    limit,
    after,
    key,
  }: Page & { readonly key?: PublicKey | undefined }): Promise<SlashingList> {
    const [found, index] = await Promise.all([
      this.#services.queries.slashings(key, { limit: limit + 1, after }),
      this.#progress(),
    ]);
    const slashings = found.slice(0, limit).map((fact) => ({ ...fact, ...this.#where(fact) }));
    return { slashings, next: nextOf(found, limit, keyOf), index };
  }

  async escrows({ limit, after, chain, ...filter }: EscrowQuery): Promise<EscrowList> {
    const wanted = { ...filter, chain: this.#id(chain, "chain") };
    const [found, index] = await Promise.all([
      this.#services.queries.escrows(wanted, { limit: limit + 1, after }),
      this.#progress(),
    ]);
    const escrows = found.slice(0, limit).map((row) => this.#escrow(row));
    return { escrows, next: nextOf(found, limit, escrowKeyOf), index };
  }

  /** One escrow; undefined when the index does not know it. */
  async escrow(id: Hash): Promise<EscrowDetail | undefined> {
    const [found, index] = await Promise.all([this.#services.queries.escrow(id), this.#progress()]);
    if (found === undefined) return undefined;
    const events = found.events.map(({ name, details, ...fact }) => ({
      name,
      details,
      ...this.#where(fact),
    }));
    return { ...this.#escrow(found.escrow), terms: found.escrow.terms, events, index };
  }

  async #progress(): Promise<IndexView["chains"]> {
    const { queries, chains, clock } = this.#services;
    const known = new Map((await queries.progress()).map((progress) => [progress.chainId, progress]));
    const now = Math.floor(clock.now() / 1_000);
    return chains.map(({ name: chain, chainId }) => {
      const progress = known.get(chainId);
      if (progress === undefined)
        return { chain, block: null, head: null, final: null, lagBlocks: null, lagSeconds: null };
      const { block, head, final, blockTime, seenAt } = progress;
      const lagBlocks = Math.max(0, head - block);
      const lagSeconds = Math.max(0, now - (lagBlocks > 0 ? blockTime : seenAt));
      return { chain, block, head, final, lagBlocks, lagSeconds };
    });
  }

  /** How many validators attested to each message that waits, by one look at each lane. */
  async #attestations(
    rows: readonly IndexedMessage[],
    sets: readonly IndexedSet[],
  ): Promise<ReadonlyMap<string, number>> {
    const { attestations } = this.#services;
    const waiting = Map.groupBy(
      rows.filter(({ outcome }) => outcome === null),
      ({ lane }): LaneId => lane,
    );
    const counts = new Map<string, number>();
    for (const [lane, messages] of waiting) {
      const epoch = sets.find(({ chainId }) => chainId === messages[0]?.destinationChainId)?.epoch ?? 0n;
      const first = messages.reduce(
        (least, { nonce }) => (nonce < least ? nonce : least),
        messages[0]?.nonce ?? 0n,
      );
      const points = await attestations.pointsAbove(lane, first - 1n);
      const sizes = await Promise.all(
        points.map(async (point) => ({
          nonce: point.nonce,
          size: (await attestations.signatures(point, epoch)).size,
        })),
      );
      for (const { id, nonce } of messages)
        counts.set(id, Math.max(0, ...sizes.filter((point) => point.nonce >= nonce).map(({ size }) => size)));
    }
    return counts;
  }

  #message(row: IndexedMessage, count: number, sets: readonly IndexedSet[]): MessageList["messages"][number] {
    const { last, isFinal, token, amount, tokenSender, tokenRecipient } = row;
    const set = sets.find(({ chainId }) => chainId === row.destinationChainId);
    const threshold = set?.threshold ?? 0;
    const validators = Array.isArray(set?.members) ? set.members.length : 0;
    const isAttested = threshold > 0 && count >= threshold;
    return {
      messageId: row.id,
      lane: { id: row.lane, from: this.#name(row.chainId), to: this.#name(row.destinationChainId) },
      nonce: row.nonce,
      sender: row.sender,
      recipient: row.recipient,
      state: messageState({
        isFinal,
        attestations: isAttested ? count : 0,
        threshold: Math.max(1, threshold),
        outcome: last?.kind,
      }),
      source: this.#where(row).source,
      attestations: last === undefined ? { count, threshold, validators } : null,
      destination: last === undefined ? null : this.#where(last).source,
      sentAt: row.blockTime,
      deliveredAt: last?.blockTime ?? null,
      isFinal,
      transfer: token === null ? null : { token, sender: tokenSender, recipient: tokenRecipient, amount },
    };
  }

  #escrow(row: IndexedEscrow): EscrowList["escrows"][number] {
    const { chainId, createdBlock: blockNumber, createdTransaction: transactionHash } = row;
    const chain = this.#name(chainId);
    return { ...row, chain, source: { chain, transactionHash, blockNumber } };
  }

  #where({ chainId, transactionHash, blockNumber, blockTime }: Omit<FactPlace, "logIndex">) {
    return { source: { chain: this.#name(chainId), transactionHash, blockNumber }, time: blockTime };
  }

  #name(id: ChainId): ChainName {
    const name = this.#names.get(id);
    if (name === undefined)
      throw new RetryableError(
        "INDEX_CHAIN",
        `The index holds chain ${id}, which the configuration does not name. Nothing is lost. Run "dchat index rebuild", or give that network a database of its own.`,
      );
    return name;
  }

  #id(name: ChainName | undefined, option: string): ChainId | undefined {
    if (name === undefined) return undefined;
    const found = this.#services.chains.find((chain) => chain.name === name);
    if (found !== undefined) return found.chainId;
    const names = this.#services.chains.map((chain) => chain.name).join(", ");
    throw new FatalError("CHAIN", `${option}: there is no chain ${name} here; expected one of ${names}.`);
  }
}

/** Where the page after this one begins; null when there is none. @param found one row more than the page holds, if there is one */
function nextOf<T>(found: readonly T[], limit: number, key: (row: T) => PageKey): string | null {
  const last = found[limit - 1];
  return found.length > limit && last !== undefined ? key(last).join("-") : null;
}

const keyOf = ({ blockTime, chainId, blockNumber, logIndex }: FactPlace): PageKey => [
  blockTime,
  chainId,
  blockNumber,
  logIndex,
];
const escrowKeyOf = (row: IndexedEscrow): PageKey => [
  row.createdAt,
  row.chainId,
  row.createdBlock,
  row.createdLog,
];
