import { setImmediate } from "node:timers/promises";
import type {
  Attestation,
  BlockId,
  Finality,
  Lane,
  LaneHead,
  Message,
  Point,
  Statement,
  ValidatorSet,
} from "../../../relayer/domain/bridge.ts";
import {
  address,
  bytes,
  type ChainId,
  type Hash,
  type LaneId,
  type MessageId,
  type PublicKey,
  type Signature,
} from "../../../relayer/domain/ids.ts";
import { advance, emptyLane, laneFrom, messageIdOf } from "../../../relayer/domain/message.ts";
import { decide, type Decision } from "../../../relayer/bridge/core/protection.ts";
import {
  type AttestationStore,
  type CursorStore,
  type Destination,
  type Origin,
  RECENT_BLOCKS,
  type RequestStore,
  type SigningRecords,
} from "../../../relayer/bridge/ports.ts";
import type { Clock } from "../../../relayer/platform/clock.ts";
import { ed25519Set, A, B, hashOf } from "./bridge.ts";

const account = address.parse("0x00000000000000000000000000000000000000aa");

/** A clock that stands still until it is told otherwise. */
export class ManualClock implements Clock {
  #now = 1_000_000;

  now(): number {
    return this.#now;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }

  async sleep(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
    await setImmediate();
  }
}

/** An origin chain in memory, with one lane to {@link B}. Blocks hold any number of messages. */
export class FakeOrigin implements Origin {
  readonly chainId = A;
  readonly lane: Lane = laneFrom(A, account, B);
  readonly lanes = [this.lane];
  readonly sent: Message[] = [];
  /** What {@link advances} was asked for. */
  readonly read: (readonly [number, number])[] = [];
  /** How many requests there were, but for those of how far the chain is. */
  asked = 0;
  /** The number of the newest block. */
  newest = 0;
  final = 0;
  /** The blocks' hashes, by number. */
  readonly #hashes: Hash[] = [hashOf("block 0")];
  #forks = 0;

  /** A new block with `count` messages. */
  mine(count = 0): void {
    this.newest++;
    const blockHash = hashOf(`block ${this.newest}${this.#forks === 0 ? "" : ` of fork ${this.#forks}`}`);
    this.#hashes[this.newest] = blockHash;
    for (let i = 0; i < count; i++) {
      const head = this.#head();
      const content = {
        nonce: head.nonce + 1n,
        sender: account,
        recipient: account,
        gasLimit: 100_000n,
        // Every second fork says other things; the rest say again what was said before.
        payload: bytes.parse(this.#forks % 2 === 0 ? "0x" : "0x01"),
      };
      const id = messageIdOf(this.lane.id, content);
      const position = {
        blockNumber: this.newest,
        blockHash,
        transactionHash: hashOf(`tx ${content.nonce}`),
        logIndex: i,
      };
      this.sent.push({
        id,
        lane: this.lane.id,
        ...content,
        accumulator: advance(head, [id]).accumulator,
        position,
      });
    }
  }

  /** The last `depth` blocks vanish, with their messages; what is mined from now on is another chain. */
  reorganise(depth: number): void {
    this.newest = Math.max(0, this.newest - depth);
    this.#forks++;
    this.#hashes.length = this.newest + 1;
    while ((this.sent.at(-1)?.position.blockNumber ?? 0) > this.newest) this.sent.pop();
  }

  finalBlock(): Promise<number> {
    return Promise.resolve(this.final);
  }

  block(number: number): Promise<BlockId | undefined> {
    this.asked++;
    const hash = this.#hashes[number];
    return Promise.resolve(hash && { number, hash });
  }

  finality(): Promise<Finality> {
    return Promise.resolve({ number: this.final, anchor: this.#hashes.at(-1) });
  }

  newestBlock(): Promise<number> {
    return Promise.resolve(this.newest);
  }

  head(): Promise<LaneHead> {
    this.asked++;
    return Promise.resolve(this.#head());
  }

  advances(from: number, to: number): Promise<readonly Point[]> {
    this.asked++;
    this.read.push([from, to]);
    return Promise.resolve(
      this.sent
        .filter(({ position }) => position.blockNumber >= from && position.blockNumber <= to)
        .map((message) => this.#point(message)),
    );
  }

  advance(_lane: LaneId, nonce: bigint): Promise<Point | undefined> {
    this.asked++;
    const message = this.sent[Number(nonce) - 1];
    return Promise.resolve(message && this.#point(message));
  }

  messages(_lane: LaneId, from: bigint, to: bigint): Promise<readonly Message[]> {
    return Promise.resolve(this.sent.slice(Number(from) - 1, Number(to)));
  }

  message(id: MessageId): Promise<Message | undefined> {
    return Promise.resolve(this.sent.find((message) => message.id === id));
  }

  #head(): LaneHead {
    return this.sent.at(-1) ?? emptyLane;
  }

  #point({ id: messageId, nonce, accumulator, position }: Message): Point {
    return {
      lane: this.lane.id,
      messageId,
      originChainId: A,
      destinationChainId: B,
      nonce,
      accumulator,
      position,
    };
  }
}

/** A destination chain in memory. */
export class FakeDestination implements Destination {
  readonly chainId = B;
  readonly domain = hashOf("domain");
  accepted: LaneHead = emptyLane;
  set: ValidatorSet;

  constructor(set: ValidatorSet = ed25519Set([], 2)) {
    this.set = set;
  }

  head(_origin: ChainId): Promise<LaneHead> {
    return Promise.resolve(this.accepted);
  }

  validatorSet(): Promise<ValidatorSet> {
    return Promise.resolve(this.set);
  }

  executions(): Promise<number> {
    return Promise.resolve(0);
  }

  outcome(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

/** A {@link CursorStore} in memory. */
export class FakeCursors implements CursorStore {
  blocks: readonly BlockId[] = [];

  get value(): number | undefined {
    return this.blocks[0]?.number;
  }

  wipe(): void {
    this.blocks = [];
  }

  read(): Promise<BlockId | undefined> {
    return Promise.resolve(this.blocks[0]);
  }

  move(_name: string, from: BlockId | undefined, to: BlockId | undefined): Promise<boolean> {
    const now = this.blocks[0];
    if (now?.number !== from?.number || now?.hash !== from?.hash) return Promise.resolve(false);
    this.blocks =
      to === undefined
        ? []
        : [to, ...this.blocks.filter(({ number }) => number < to.number)].slice(0, RECENT_BLOCKS);
    return Promise.resolve(true);
  }

  recent(): Promise<readonly BlockId[]> {
    return Promise.resolve(this.blocks);
  }
}

/** A {@link RequestStore} in memory. */
export class FakeRequests implements RequestStore {
  points: readonly Point[] = [];

  add(_name: string, point: Point): Promise<void> {
    this.points = [...this.points, point];
    return Promise.resolve();
  }

  above(_name: string, block: number): Promise<readonly Point[]> {
    return Promise.resolve(this.points.filter(({ position }) => position.blockNumber > block));
  }

  keep(_name: string, from: number, to: number): Promise<void> {
    this.points = this.points.filter(
      ({ position }) => position.blockNumber >= from && position.blockNumber <= to,
    );
    return Promise.resolve();
  }
}

/** An {@link AttestationStore} in memory. */
export class FakeAttestations implements AttestationStore {
  kept: { point: Point; attestation: Attestation }[] = [];

  add(point: Point, attestation: Attestation): Promise<ReadonlyMap<PublicKey, Signature>> {
    this.kept.push({ point, attestation });
    return this.signatures(point, attestation.epoch);
  }

  pointsAbove(lane: LaneId, nonce: bigint, end?: bigint): Promise<readonly Point[]> {
    const points = this.kept
      .map(({ point }) => point)
      .filter((point) => point.lane === lane && point.nonce > nonce && point.nonce <= (end ?? point.nonce));
    const unique = [...new Map(points.map((point) => [point.accumulator, point])).values()];
    return Promise.resolve(unique.sort((a, b) => Number(b.nonce - a.nonce)));
  }

  signatures(point: Point, epoch: bigint): Promise<ReadonlyMap<PublicKey, Signature>> {
    const matching = this.kept.filter(
      ({ attestation }) => attestation.accumulator === point.accumulator && attestation.epoch === epoch,
    );
    return Promise.resolve(
      new Map(matching.map(({ attestation }) => [attestation.validator, attestation.signature])),
    );
  }

  prune(): Promise<void> {
    return Promise.resolve();
  }

  withdraw({ lane, nonce, accumulator }: Point): Promise<void> {
    this.kept = this.kept.filter(
      ({ point }) => point.lane !== lane || point.nonce !== nonce || point.accumulator !== accumulator,
    );
    return Promise.resolve();
  }
}

/** {@link SigningRecords} in memory. */
export class FakeRecords implements SigningRecords {
  readonly signed = new Map<string, Statement>();
  /** Of every lane. */
  lowWaterMark = 0n;

  checkAndRecord(validator: PublicKey, statement: Statement): Promise<Decision> {
    const key = `${validator} ${statement.domain} ${statement.lane} ${statement.nonce}`;
    const decision = decide(statement, { record: this.signed.get(key), lowWaterMark: this.lowWaterMark });
    if (decision.kind === "sign") this.signed.set(key, statement);
    return Promise.resolve(decision);
  }
}
