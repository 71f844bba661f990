import { createHash } from "node:crypto";
import { type UtteranceRequest, utteranceRequestSchema } from "../../domain/speech-jobs.ts";
import { digestOf } from "../core/queue/digest.ts";
import { type Entry, SpeechQueue, type Waiting } from "../core/queue/queue.ts";
import { readUtterance } from "../core/utterance.ts";
import type { Clock, Outcome, Stored, UtteranceStore } from "../ports.ts";

/** How a backlog is kept. */
export type BacklogOptions = {
  /** Unique among all processes that share the store. */
  readonly consumer: string;
  /** How long a claim outlives a process that says nothing any more, in milliseconds. */
  readonly claimMilliseconds: number;
  /** So many alerts are said one by one; more become a digest. */
  readonly digestAbove: number;
};

/** An utterance that this process has claimed. */
export type Taken = { readonly stored: Stored; readonly waiting: Waiting };

/**
 * What waits to be spoken: the order is kept in memory, everything else in the store. An utterance is on the disk before it is
 * accepted, and claimed on the disk before it is spoken, so that of several processes one speaks it.
 */
export class Backlog {
  readonly #options: BacklogOptions;
  readonly #store: UtteranceStore;
  readonly #clock: Clock;
  #queue = new SpeechQueue();
  /** How far the store has been read. */
  #read = 0;

  constructor(
    options: BacklogOptions,
    { store, clock }: { readonly store: UtteranceStore; readonly clock: Clock },
  ) {
    this.#options = options;
    this.#store = store;
    this.#clock = clock;
  }

  /** What will be spoken next, the soonest first. @param most how many */
  next(most: number): readonly Entry[] {
    const entries: Entry[] = [];
    for (const { entry } of this.#queue) {
      if (entries.length >= most) break;
      entries.push(entry);
    }
    return entries;
  }

  get size(): number {
    return this.#queue.size;
  }

  /**
   * Takes an utterance in; it is on the disk when this returns.
   * @returns whether it is new
   * @throws FatalError `SSML` when its document is refused
   */
  accept(request: UtteranceRequest): boolean {
    readUtterance(request);
    const isNew = this.#store.add(request, this.#clock.now());
    if (isNew) this.#readNew();
    return isNew;
  }

  /** Catches up with what other processes did: what they took in, gave back, or left when they died. */
  sync(): void {
    this.#store.reclaim(this.#clock.now());
    this.#readNew();
    if (this.#store.waiting() === this.#queue.size) return;
    this.#queue = new SpeechQueue();
    this.#read = 0;
    this.#readNew();
  }

  /** Claims the next that is to be spoken. */
  take(): Taken | undefined {
    const now = this.#clock.now();
    for (const expired of this.#queue.expire(now)) this.#drop(expired, { outcome: "expired" });
    this.#digest(now);
    for (let waiting = this.#queue.take(); waiting !== undefined; waiting = this.#queue.take()) {
      const { consumer, claimMilliseconds } = this.#options;
      const stored = this.#store.claim(waiting.entry.id, consumer, now + claimMilliseconds);
      if (stored !== undefined) return { stored, waiting };
    }
    return undefined;
  }

  /** Says where the speaking is. @returns whether it is still ours to speak */
  keep({ stored }: Taken, sentence: number): boolean {
    const { consumer, claimMilliseconds } = this.#options;
    const until = this.#clock.now() + claimMilliseconds;
    return this.#store.progress(stored.request.id, consumer, sentence, until);
  }

  /** Gives back what was not said to its end: it goes on at the start of a sentence. */
  giveBack({ stored, waiting }: Taken, sentence: number): void {
    const { id } = stored.request;
    const back = this.#queue.putBack({ ...waiting, entry: { ...waiting.entry, sentence } });
    if (back.kind === "superseded") {
      const ended = { outcome: "superseded", at: this.#clock.now(), text: "" } as const;
      this.#store.finish(id, this.#options.consumer, ended);
      return;
    }
    this.#store.release(id, this.#options.consumer, sentence);
    if (back.repeat !== undefined) this.#drop(back.repeat, { outcome: "repeated", into: id });
  }

  finish({ stored }: Taken, outcome: Outcome, text: string): void {
    const at = this.#clock.now();
    this.#store.finish(stored.request.id, this.#options.consumer, { outcome, at, text });
  }

  /** Takes one out that waits, at somebody's wish. @returns whether it did wait */
  remove(id: string): boolean {
    const waiting = this.#queue.remove(id);
    if (waiting !== undefined) this.#drop(waiting, { outcome: "removed" });
    return waiting !== undefined;
  }

  #readNew(): void {
    for (const stored of this.#store.waitingAfter(this.#read)) {
      this.#read = stored.sequence;
      const entry = entryOf(stored);
      const added = this.#queue.add(entry);
      if (added.kind === "repeats") {
        const ended = { outcome: "repeated", at: this.#clock.now(), into: added.of } as const;
        this.#store.drop([entry.id], ended);
      } else if (added.kind === "waits" && added.superseded !== undefined)
        this.#drop(added.superseded, { outcome: "superseded", into: entry.id });
    }
  }

  #drop({ entry }: Waiting, { outcome, into }: { readonly outcome: Outcome; readonly into?: string }): void {
    const at = this.#clock.now();
    this.#store.drop([entry.id], { outcome, at, ...(into === undefined ? {} : { into }) });
  }

  /** Puts one utterance in the place of a storm of alerts. */
  #digest(now: number): void {
    if (this.#queue.size <= this.#options.digestAbove) return;
    const digest = digestOf(this.#queue, this.#options.digestAbove, now);
    if (digest === undefined) return;
    // The same storm makes the same digest, whoever makes it.
    const id = `digest-${createHash("sha256").update(digest.covers.join(" ")).digest("hex").slice(0, 32)}`;
    const request = utteranceRequestSchema.parse({ id, text: digest.text, priority: digest.priority });
    const ids = digest.covers.filter((each) => this.#queue.has(each));
    if (!this.#store.replace(ids, request, now)) return; // another process has; what it left is read by and by
    for (const each of ids) this.#queue.remove(each);
    this.#readNew();
  }
}

function entryOf({ request, addedAt, sentence }: Stored): Entry {
  const {
    id,
    priority,
    key,
    expiresAt,
    labels,
    text,
    ssml,
    voice,
    rate,
    pitch,
    volume,
    language,
    spellsOut,
  } = request;
  return {
    id,
    priority,
    key,
    print: JSON.stringify([priority, text, ssml, voice, rate, pitch, volume, language, spellsOut]),
    expiresAt: priority === "urgent" ? undefined : expiresAt,
    addedAt,
    labels,
    sentence,
  };
}
