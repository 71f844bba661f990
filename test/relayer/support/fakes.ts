import { setImmediate } from "node:timers/promises";
import type {
  Attestation,
  Lane,
  LaneHead,
  Message,
  Point,
  ValidatorSet,
} from "../../../relayer/domain/bridge.ts";
import {
  address,
  bytes,
  type ChainId,
  type LaneId,
  type MessageId,
  type PublicKey,
  type Signature,
} from "../../../relayer/domain/ids.ts";
import { advance, emptyLane, laneFrom, messageIdOf } from "../../../relayer/bridge/core/message.ts";
import type { AttestationStore, CursorStore, Destination, Origin } from "../../../relayer/bridge/ports.ts";
import type { Clock } from "../../../relayer/platform/clock.ts";
import { ed25519Set, A, B, hashOf } from "./bridge.ts";

const account = address.parse("0x00000000000000000000000000000000000000aa");

/** A clock that stands still until it is told otherwise. */
export class ManualClock implements Clock {
  #now = 1_000_000;

  now(): number {
    return this.#now;
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
  block = 0;
  final = 0;

  /** A new block with `count` messages. */
  mine(count = 0): void {
    this.block++;
    for (let i = 0; i < count; i++) {
      const head = this.#head();
      const content = {
        nonce: head.nonce + 1n,
        sender: account,
        recipient: account,
        gasLimit: 100_000n,
        payload: bytes.parse("0x"),
      };
      const id = messageIdOf(this.lane.id, content);
      const position = {
        blockNumber: this.block,
        blockHash: hashOf(`block ${this.block}`),
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

  finalBlock(): Promise<number> {
    return Promise.resolve(this.final);
  }

  newestBlock(): Promise<number> {
    return Promise.resolve(this.block);
  }

  head(): Promise<LaneHead> {
    return Promise.resolve(this.#head());
  }

  advances(from: number, to: number): Promise<readonly Point[]> {
    this.read.push([from, to]);
    return Promise.resolve(
      this.sent
        .filter(({ position }) => position.blockNumber >= from && position.blockNumber <= to)
        .map((message) => this.#point(message)),
    );
  }

  advance(_lane: LaneId, nonce: bigint): Promise<Point | undefined> {
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
  value: number | undefined;

  read(): Promise<number | undefined> {
    return Promise.resolve(this.value);
  }

  move(_name: string, from: number | undefined, to: number): Promise<boolean> {
    if (this.value !== from) return Promise.resolve(false);
    this.value = to;
    return Promise.resolve(true);
  }
}

/** An {@link AttestationStore} in memory. */
export class FakeAttestations implements AttestationStore {
  readonly kept: { point: Point; attestation: Attestation }[] = [];

  add(point: Point, attestation: Attestation): Promise<void> {
    this.kept.push({ point, attestation });
    return Promise.resolve();
  }

  pointsAbove(lane: LaneId, nonce: bigint): Promise<readonly Point[]> {
    const points = this.kept
      .map(({ point }) => point)
      .filter((point) => point.lane === lane && point.nonce > nonce);
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
}
