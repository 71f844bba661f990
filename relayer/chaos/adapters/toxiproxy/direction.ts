import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { allowance, heldFor, nextPiece, ofType, type Toxic } from "../../core/toxic.ts";

/** So many bytes are held for a slow direction; then its source is read no further, and its sender feels it. */
const MOST_HELD_BYTES = 1_048_576;
/** The longest that Node's timers take, in milliseconds; longer waits are begun again. */
const LONGEST_WAIT_MILLISECONDS = 2_147_483_647;

/** What a direction asks of its proxy. */
export interface ToxicView {
  /** The toxics that bite this direction of this connection now. */
  toxics(): readonly Toxic[];
  /** Aborts when they change. */
  changed(): AbortSignal;
  /** From 0 to 1. */
  random(): number;
}

type Chunk = { readonly bytes: Buffer; readonly at: number; readonly jitter: number };

/**
 * Carries the bytes of one direction of a connection, as its toxics let them: held, cut, paced or swallowed, always in order. Of all
 * toxics, those that hold come first, then slicer, bandwidth and limit.
 */
export class Direction {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #view: ToxicView;
  readonly #over: AbortSignal;
  readonly #chunks: Chunk[] = [];
  #held = 0;
  #passed = 0;
  #isEnded = false;
  #wake: (() => void) | undefined;

  /** @param over aborts when the connection is gone */
  constructor(from: Socket, to: Socket, view: ToxicView, over: AbortSignal) {
    this.#from = from;
    this.#to = to;
    this.#view = view;
    this.#over = over;
    from.on("data", (bytes: Buffer) => {
      this.#take(bytes);
    });
    from.on("end", () => {
      this.#isEnded = true;
      this.#wake?.();
    });
  }

  /** Bytes that are held here at the moment. */
  get held(): number {
    return this.#held;
  }

  /** Carries everything up to the end of the source and passes that on. @returns whether a limit was what ended it */
  async run(): Promise<"ended" | "limited"> {
    for (;;) {
      const chunk = await this.#next();
      if (chunk === undefined) break;
      await this.#pass(chunk);
      this.#held -= chunk.bytes.length;
      if (this.#held < MOST_HELD_BYTES) this.#from.resume();
      if (allowance(this.#view.toxics(), this.#passed) === 0) return "limited";
    }
    const endedAt = performance.now();
    await this.#until((toxics) => {
      const close = ofType(toxics, "slow_close").reduce((sum, { attributes }) => sum + attributes.delay, 0);
      // Under a stall the end does not pass either; latency has passed with the last byte.
      return endedAt + close + (heldFor(toxics, 0) === Infinity ? Infinity : 0);
    });
    this.#to.end();
    return "ended";
  }

  #take(bytes: Buffer): void {
    if (ofType(this.#view.toxics(), "timeout").length > 0) return;
    this.#chunks.push({ bytes, at: performance.now(), jitter: 2 * this.#view.random() - 1 });
    this.#held += bytes.length;
    if (this.#held >= MOST_HELD_BYTES) this.#from.pause();
    this.#wake?.();
  }

  async #next(): Promise<Chunk | undefined> {
    for (;;) {
      this.#over.throwIfAborted();
      const chunk = this.#chunks.shift();
      if (chunk !== undefined || this.#isEnded) return chunk;
      const { promise, resolve } = Promise.withResolvers<undefined>();
      this.#wake = () => {
        resolve(undefined);
      };
      this.#over.addEventListener("abort", this.#wake, { once: true });
      await promise;
      this.#over.removeEventListener("abort", this.#wake);
      this.#wake = undefined;
    }
  }

  async #pass({ bytes, at, jitter }: Chunk): Promise<void> {
    await this.#until((toxics) => at + heldFor(toxics, jitter));
    for (let sent = 0; sent < bytes.length;) {
      const toxics = this.#view.toxics();
      // What waits when a time-out begins is lost, too.
      if (ofType(toxics, "timeout").length > 0) return;
      const allowed = Math.min(bytes.length - sent, allowance(toxics, this.#passed));
      if (allowed === 0) return;
      const piece = nextPiece(toxics, allowed, this.#view.random());
      if (piece.waitMilliseconds > 0) await this.#wait(piece.waitMilliseconds);
      await this.#until((now) => (heldFor(now, 0) === Infinity ? Infinity : 0));
      await this.#write(bytes.subarray(sent, sent + piece.length));
      sent += piece.length;
      this.#passed += piece.length;
    }
  }

  /** Waits until the moment that the toxics say, which they may change meanwhile. */
  async #until(due: (toxics: readonly Toxic[]) => number): Promise<void> {
    for (;;) {
      this.#over.throwIfAborted();
      const wait = due(this.#view.toxics()) - performance.now();
      if (wait <= 0) return;
      await this.#wait(Math.min(wait, LONGEST_WAIT_MILLISECONDS));
    }
  }

  /** Waits so long, or until the toxics change. */
  async #wait(milliseconds: number): Promise<void> {
    const signal = AbortSignal.any([this.#view.changed(), this.#over]);
    await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
    this.#over.throwIfAborted();
  }

  /** Writes, and waits while the receiver takes no more. */
  async #write(bytes: Buffer): Promise<void> {
    if (this.#to.write(bytes)) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const go = () => {
      resolve(undefined);
    };
    this.#to.once("drain", go);
    this.#over.addEventListener("abort", go, { once: true });
    await promise;
    this.#to.off("drain", go);
    this.#over.removeEventListener("abort", go);
    this.#over.throwIfAborted();
  }
}
