import type { AttestedPoints } from "../../../types/ethers-contracts/bridge/AttestedPoints.ts";
import type { Slashing } from "../../../types/ethers-contracts/bridge/Slashing.ts";
import { AttestedPoints__factory } from "../../../types/ethers-contracts/factories/bridge/AttestedPoints__factory.ts";
import { Slashing__factory } from "../../../types/ethers-contracts/factories/bridge/Slashing__factory.ts";
import { getBytes } from "ethers";
import type { Ed25519Set, Lane, Quorum, Statement } from "../../domain/bridge.ts";
import { withHint } from "../../domain/ed25519.ts";
import { RetryableError } from "../../domain/errors.ts";
import { type Address, hash, type Hash, type PublicKey } from "../../domain/ids.ts";
import type { Rpc } from "../../platform/rpc.ts";
import type { Sent, TransactionSender } from "../../platform/transaction-sender.ts";
import type { RecordedPoint } from "../core/downtime.ts";
import { encodeSet } from "../../domain/validator-set.ts";
import type { Answer, Answerable, PointLog, Reported } from "../ports.ts";
import { LogSearch } from "./log-search.ts";

const pointsInterface = AttestedPoints__factory.createInterface();

/** How many points are read side by side. */
const PAGE = 50;
/** How many of the newest points are looked at for signers that are missing; recording one costs some 390,000 gas. */
const MOST_OPEN = 1_000;

/** The contracts that it is about, on the home chain. */
export type PointContracts = { readonly points: Address; readonly slashing: Address };

/** A {@link PointLog} in the contract `AttestedPoints`, written to from one key. */
export class AttestedPointLog implements PointLog {
  readonly #points: AttestedPoints;
  readonly #slashing: Slashing;
  readonly #rpc: Rpc;
  readonly #sender: TransactionSender;
  readonly #search: LogSearch;
  readonly #address: Address;
  /** What cannot change any more: the points whose grace is over. */
  readonly #complete = new Map<string, RecordedPoint>();

  constructor(contracts: PointContracts, rpc: Rpc, sender: TransactionSender) {
    this.#points = AttestedPoints__factory.connect(contracts.points, rpc.agreed);
    this.#slashing = Slashing__factory.connect(contracts.slashing, rpc.agreed);
    this.#address = contracts.points;
    this.#rpc = rpc;
    this.#sender = sender;
    this.#search = new LogSearch(rpc);
  }

  async state(key: PublicKey, epoch: bigint) {
    const [count, claimableFrom, now] = await Promise.all([
      this.#count(epoch),
      this.#rpc.ask("eth_call", () => this.#slashing.claimableFrom(key, epoch)),
      this.#now(),
    ]);
    return { count, claimableFrom: Number(claimableFrom), now };
  }

  async points(epoch: bigint, from: number, to: number): Promise<readonly RecordedPoint[]> {
    const now = await this.#now();
    const indices = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
    return this.#rpc.ask("eth_call", () => Promise.all(indices.map((i) => this.#point(epoch, i, now))));
  }

  async answerable(epoch: bigint): Promise<readonly Answerable[]> {
    const [count, now] = await Promise.all([this.#count(epoch), this.#now()]);
    // The grace of points ends in the order in which they were recorded.
    const open = new Map<number, RecordedPoint>();
    const floor = Math.max(0, count - MOST_OPEN);
    for (let end = count; end > floor; end -= PAGE) {
      const from = Math.max(floor, end - PAGE);
      const page = await this.points(epoch, from, end);
      for (const [i, point] of page.entries()) if (point.graceUntil > now) open.set(from + i, point);
      if ((page[0]?.graceUntil ?? 0n) <= now) break;
    }
    if (open.size === 0) return [];
    const digests = await this.#digests(epoch, Math.min(...open.keys()));
    return [...open].flatMap(([index, { signers }]) => {
      const digest = digests.get(index);
      return digest === undefined ? [] : [{ digest, signers }];
    });
  }

  record(statement: Statement, lane: Lane, quorum: Quorum, signal: AbortSignal): Promise<Reported> {
    const { domain, lane: laneId, nonce, accumulator } = statement;
    const { originChainId, outbox } = lane;
    const { set, signers, signature } = quorum;
    const data = pointsInterface.encodeFunctionData("record", [
      { domain, lane: laneId, nonce },
      originChainId,
      outbox,
      accumulator,
      { set: encodeSet(set), signers, signature },
    ]);
    return this.#send(data, signal);
  }

  answer(set: Ed25519Set, answers: readonly Answer[], signal: AbortSignal): Promise<Reported> {
    const hinted = answers.map(({ signature, ...rest }) => ({
      ...rest,
      signature: withHint(getBytes(signature)),
    }));
    return this.#send(pointsInterface.encodeFunctionData("answer", [encodeSet(set), hinted]), signal);
  }

  async #point(epoch: bigint, index: number, now: bigint): Promise<RecordedPoint> {
    const id = `${epoch} ${index}`;
    const known = this.#complete.get(id);
    if (known !== undefined) return known;
    const { signers, graceUntil } = await this.#points.pointOf(epoch, index);
    const point = { signers, graceUntil };
    if (graceUntil <= now) this.#complete.set(id, point);
    return point;
  }

  /** The digests of the points from `lowest` on, as they were logged. */
  async #digests(epoch: bigint, lowest: number): Promise<ReadonlyMap<number, Hash>> {
    const digests = new Map<number, Hash>();
    const filter = this.#points.filters.PointRecorded(epoch);
    const read = async (from: number, to: number | "latest") => {
      const logs = await this.#rpc.ask("eth_getLogs", () => this.#points.queryFilter(filter, from, to));
      for (const { args } of logs) digests.set(Number(args.index), hash.parse(args.digest));
      return digests.has(lowest) ? true : undefined;
    };
    const { found, from } = await this.#search.recent(read);
    if (found === undefined) await this.#search.older(read, from - 1);
    return digests;
  }

  async #count(epoch: bigint): Promise<number> {
    return Number(await this.#rpc.ask("eth_call", () => this.#points.pointCount(epoch)));
  }

  async #now(): Promise<bigint> {
    const block = await this.#rpc.ask("eth_getBlockByNumber", () => this.#rpc.agreed.getBlock("latest"));
    if (block !== null) return BigInt(block.timestamp);
    throw new RetryableError(
      "RPC",
      `Chain ${this.#rpc.chain.name} does not show its newest block; who is missing will be looked at again.`,
    );
  }

  async #send(data: string, signal: AbortSignal): Promise<Reported> {
    return reportedOf(await this.#sender.send({ to: this.#address, data }, signal));
  }
}

function reportedOf(sent: Sent): Reported {
  if (sent.kind === "included" && sent.receipt.status === 1)
    return { transactionHash: hash.parse(sent.receipt.transactionHash) };
  if (sent.kind !== "reverted") return { turnedDown: `it was not done (${sent.kind})` };
  const error = sent.data === null ? null : pointsInterface.parseError(sent.data);
  return { turnedDown: error?.name ?? sent.data ?? "no reason given" };
}
