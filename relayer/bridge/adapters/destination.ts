import type { Inbox } from "../../../types/ethers-contracts/bridge/Inbox.ts";
import { Inbox__factory } from "../../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import type { LaneHead, ValidatorSet } from "../../domain/bridge.ts";
import { ConfigurationError } from "../../domain/errors.ts";
import { bytes, type ChainId, hash, type Hash, type MessageId } from "../../domain/ids.ts";
import type { Rpc } from "../../platform/rpc.ts";
import { domainOf } from "../../domain/attestation.ts";
import { decodeSet, setHash } from "../../domain/validator-set.ts";
import type { Destination, Outcome } from "../ports.ts";
import { LogSearch } from "./log-search.ts";

/** Below where a message was not found the last time, so many blocks are searched again: a reorganisation may have put it there. */
const REORG_BLOCKS = 256;
/** For how many messages it is remembered how far they were looked for in vain. */
const MOST_ABSENT = 10_000;

/** A {@link Destination} read from its Inbox over JSON-RPC. */
export class InboxReader implements Destination {
  readonly chainId: ChainId;
  readonly domain: Hash;
  readonly #rpc: Rpc;
  readonly #inbox: Inbox;
  /** The same, by the word of one provider. */
  readonly #hearsay: Inbox;
  readonly #search: LogSearch;
  /** The newest set that was read, and the reading of it that is under way. */
  #set: ValidatorSet | undefined;
  #reading: { readonly epoch: bigint; readonly set: Promise<ValidatorSet> } | undefined;
  /** Up to which block the messages without an outcome were looked for. */
  readonly #absent = new Map<MessageId, number>();

  constructor(rpc: Rpc) {
    const { chainId, inbox } = rpc.chain;
    this.chainId = chainId;
    this.domain = domainOf(chainId, inbox);
    this.#rpc = rpc;
    this.#inbox = Inbox__factory.connect(inbox, rpc.agreed);
    this.#hearsay = Inbox__factory.connect(inbox, rpc.provider);
    this.#search = new LogSearch(rpc);
  }

  async head(origin: ChainId): Promise<LaneHead> {
    const { nonce, accumulator } = await this.#rpc.ask("eth_call", () => this.#inbox.lanes(origin));
    return { nonce, accumulator: hash.parse(accumulator) };
  }

  async validatorSet(): Promise<ValidatorSet> {
    const epoch = await this.#rpc.ask("eth_call", () => this.#inbox.currentEpoch());
    if (this.#set?.epoch === epoch) return this.#set;
    if (this.#reading?.epoch !== epoch) this.#reading = { epoch, set: this.#readSet(epoch) };
    const reading = this.#reading;
    try {
      this.#set = await reading.set;
      return this.#set;
    } finally {
      if (this.#reading === reading) this.#reading = undefined;
    }
  }

  /** The set of an epoch from the log of its activation, held against the hash that the contract keeps. */
  async #readSet(epoch: bigint): Promise<ValidatorSet> {
    const { name, inbox, deploymentBlock } = this.#rpc.chain;
    const filter = this.#inbox.filters.ValidatorSetActivated(epoch);
    const read = async (from: number, to: number | "latest") =>
      (await this.#rpc.ask("eth_getLogs", () => this.#inbox.queryFilter(filter, from, to))).at(-1);
    const { found, from } = await this.#search.recent(read);
    const log =
      found ??
      (await this.#search.byState(
        read,
        from - 1,
        async (blockTag) =>
          (await this.#rpc.ask("eth_call", () => this.#hearsay.currentEpoch({ blockTag }))) >= epoch,
      ));
    if (log === undefined)
      throw new ConfigurationError(
        "NO_VALIDATOR_SET",
        `Chain ${name}: the Inbox at ${inbox} activated no validator set of epoch ${epoch} since block ${deploymentBlock}. Correct chains.${name}.inbox or chains.${name}.deploymentBlock.`,
      );
    const set = decodeSet(log.args.set);
    const stored = await this.#rpc.ask("eth_call", () => this.#inbox.validatorSetHash(epoch));
    if (stored !== setHash(set))
      throw new ConfigurationError(
        "VALIDATOR_SET_HASH",
        `Chain ${name}: the validator set in the logs of ${inbox} is not the one that the contract holds. The node is faulty or lies; use another for chains.${name}.rpcUrl, or several that must agree (rpcUrls).`,
      );
    return set;
  }

  async executions(id: MessageId): Promise<number> {
    const inbox = this.#inbox;
    const logs = await this.#rpc.ask("eth_getLogs", () =>
      inbox.queryFilter(inbox.filters.MessageExecuted(id), this.#rpc.chain.deploymentBlock),
    );
    return logs.length;
  }

  async outcome(id: MessageId): Promise<Outcome | undefined> {
    const { MessageExecuted, MessageFailed } = this.#inbox.filters;
    // The newest is found first, so that a failed message which was executed later is executed.
    const read = async (from: number, to: number | "latest"): Promise<Outcome | undefined> => {
      const [[executed], failed] = await Promise.all([
        this.#rpc.ask("eth_getLogs", () => this.#inbox.queryFilter(MessageExecuted(id), from, to)),
        this.#rpc.ask("eth_getLogs", () => this.#inbox.queryFilter(MessageFailed(id), from, to)),
      ]);
      const last = failed.at(-1);
      if (executed !== undefined) return { kind: "executed", ...placeOf(executed) };
      return last && { kind: "failed", ...placeOf(last), reason: bytes.parse(last.args.reason) };
    };
    const floor = Math.max(
      this.#rpc.chain.deploymentBlock,
      (this.#absent.get(id) ?? Number.NEGATIVE_INFINITY) - REORG_BLOCKS,
    );
    const { found, from, to } = await this.#search.recent(read, floor);
    const outcome = found ?? (await this.#search.older(read, from - 1, floor));
    if (outcome === undefined) this.#rememberAbsent(id, to);
    return outcome;
  }

  #rememberAbsent(id: MessageId, upTo: number): void {
    this.#absent.set(id, upTo);
    const [oldest] = this.#absent.keys();
    if (this.#absent.size > MOST_ABSENT && oldest !== undefined) this.#absent.delete(oldest);
  }
}

function placeOf({ transactionHash, blockNumber }: { transactionHash: string; blockNumber: number }) {
  return { transactionHash: hash.parse(transactionHash), blockNumber };
}
