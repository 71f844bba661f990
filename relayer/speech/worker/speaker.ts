import { DchatError, explain } from "../../domain/errors.ts";
import type { UtteranceRequest } from "../../domain/speech-jobs.ts";
import type { Logger } from "../../platform/log.ts";
import {
  type Command,
  control,
  type Control,
  isOn,
  mayTake,
  type Silenced,
  SILENT,
  type SpeakerEvent,
} from "../core/control.ts";
import type { Plan, Segment } from "../core/plan.ts";
import type { SpeechMetrics } from "../metrics.ts";
import type { Archive, Clock, Engine, Outcome, Player, SpeakerNews, UtteranceStore } from "../ports.ts";
import type { Backlog, Taken } from "./backlog.ts";
import { make, type Made, perform } from "./performance.ts";
import type { Planner } from "./planner.ts";
import { Preparation } from "./preparation.ts";
import { silentPlayer } from "./silent-player.ts";

/** How often others' doings are looked at while nothing is said, and how often a claim is kept, in milliseconds. */
const LOOK_MILLISECONDS = 1_000;
/** How often an utterance is tried whose engine or device fails. */
const MOST_ATTEMPTS = 3;

/** What a speaker works with. */
export type SpeakerServices = {
  readonly backlog: Backlog;
  readonly store: UtteranceStore;
  readonly planner: Planner;
  readonly engines: ReadonlyMap<string, Engine>;
  readonly player: Player;
  readonly archive: Archive | undefined;
  readonly clock: Clock;
  readonly metrics: SpeechMetrics;
  readonly logger: Logger;
};

/** Why a performance ends early. */
type End = Silenced | "lost" | "shut-down";

/** The plan of an utterance that will be the next, and its first segment, which is made while the disk is written. */
type Prepared = {
  readonly id: string;
  readonly plan: Plan;
  readonly first: Promise<Made> | undefined;
  readonly cancelling: AbortController;
};

/** An utterance as it is spoken. */
type Speaking = {
  readonly taken: Taken;
  readonly plan: Plan;
  readonly ending: AbortController;
  readonly samples: Int16Array[];
  sentence: number;
  keptAt: number;
  /** Why it ends early. */
  end: End | undefined;
};

/** Speaks what waits, one utterance after the other, by the rules of {@link control}. */
export class Speaker {
  readonly #services: SpeakerServices;
  readonly #watchers = new Set<(news: SpeakerNews) => void>();
  readonly #listeners = new Set<(samples: Int16Array) => void>();
  #control: Control = SILENT;
  /** How many have turned a page's sound on. */
  #attendance = 0;
  readonly #preparation: Preparation;
  #speaking: Speaking | undefined;
  #prepared: Prepared | undefined;
  #wake = Promise.withResolvers<undefined>();
  /** Failures in a row, by utterance: forgotten with a restart, which may be the cure. */
  readonly #failures = new Map<string, number>();

  constructor(services: SpeakerServices) {
    this.#services = services;
    this.#control = { ...SILENT, ...services.store.switches() };
    this.#preparation = new Preparation(services);
  }

  get control(): Control {
    return this.#control;
  }

  /** Hands every piece of news to `watcher`. @returns what ends that */
  watch(watcher: (news: SpeakerNews) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Hands everything that is heard to `listener`, as samples. @returns what ends that */
  listen(listener: (samples: Int16Array) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Somebody has turned on what is said on a page, and hears it whatever the device does. @returns what ends that, once */
  attend(): () => void {
    this.#attendance++;
    this.#apply({ kind: "attended", isAttended: true });
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#attendance--;
      if (this.#attendance === 0) this.#apply({ kind: "attended", isAttended: false });
    };
  }

  /**
   * Takes an utterance in; it outlives the process when this returns. Urgent ones interrupt.
   * @returns whether it is new
   * @throws FatalError `SSML` when its document is refused
   */
  accept(request: UtteranceRequest): boolean {
    const { backlog, metrics } = this.#services;
    const prepared = this.#prepare(request);
    const isNew = backlog.accept(request);
    metrics.waiting.set(backlog.size);
    if (!isNew) {
      prepared?.cancelling.abort(); // it was said long ago
      return false;
    }
    this.#prepared = prepared ?? this.#prepared;
    metrics.accepted.inc({ priority: request.priority });
    this.#tell({ kind: "queued", id: request.id, priority: request.priority });
    this.#apply({ kind: "arrived", priority: request.priority });
    return true;
  }

  /** Does what a listener asks for; what it switches is on the disk when this returns. */
  command(command: Command): void {
    this.#apply({ kind: "command", command });
    const { isEnabled, isPaused } = this.#control;
    this.#services.store.setSwitches({ isEnabled, isPaused });
    this.#tell({ kind: "command", command });
  }

  /** Takes out what waits, at somebody's wish. @returns whether it did wait */
  remove(id: string): boolean {
    const isRemoved = this.#services.backlog.remove(id);
    if (isRemoved) this.#tell({ kind: "ended", id, outcome: "removed" });
    return isRemoved;
  }

  /** The device failed: what is being said is not heard, and is said again. */
  deviceFailed(why: string): void {
    this.#services.metrics.failures.inc({ part: "player" });
    this.#services.logger.warn({ why }, "the player failed; what it was playing is played again");
    this.#speaking?.ending.abort(new Error(`the player failed: ${why}`));
  }

  /** Speaks until `signal` aborts; what is being said then goes on at the start of its sentence, in the next process. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener("abort", () => {
      this.#end("shut-down");
      this.#wake.resolve(undefined);
    });
    while (!signal.aborted) {
      this.#lookAround();
      this.#preparation.prepare(this.#control, signal);
      const taken = mayTake(this.#control) ? this.#services.backlog.take() : undefined;
      this.#services.metrics.waiting.set(this.#services.backlog.size);
      if (taken === undefined) await this.#idle(signal);
      else await this.#speak(taken, signal);
    }
  }

  /** What other processes did, and what listeners told them. */
  #lookAround(): void {
    const { backlog, store } = this.#services;
    backlog.sync();
    const { isEnabled, isPaused } = store.switches();
    if (isEnabled !== this.#control.isEnabled)
      this.#apply({ kind: "command", command: isEnabled ? "enable" : "disable" });
    if (isPaused !== this.#control.isPaused)
      this.#apply({ kind: "command", command: isPaused ? "pause" : "resume" });
  }

  async #idle(signal: AbortSignal): Promise<void> {
    const woken = this.#wake.promise;
    const waking = new AbortController();
    const timeout = this.#services.clock
      .sleep(LOOK_MILLISECONDS, AbortSignal.any([signal, waking.signal]))
      .catch((error: unknown) => {
        if (!signal.aborted && !waking.signal.aborted) throw error;
      });
    await Promise.race([woken, timeout]);
    waking.abort();
    this.#wake = Promise.withResolvers();
  }

  /** Begins to make what will be heard next: an engine in a thread works while the disk is written. */
  #prepare(request: UtteranceRequest): Prepared | undefined {
    const { current } = this.#control;
    const { planner, engines, backlog } = this.#services;
    const isNext = request.priority === "urgent" ? current?.priority !== "urgent" : current === undefined;
    if (!isOn(this.#control) || !isNext || backlog.size > 0) return undefined;
    this.#prepared?.cancelling.abort();
    const plan = planner.plan(request);
    const cancelling = new AbortController();
    const [segment] = plan.segments;
    const first = segment && make(segment, engines, cancelling.signal);
    first?.catch(() => undefined); // told when it is played
    return { id: request.id, plan, first, cancelling };
  }

  /** What was prepared for an utterance, if it was. */
  #takePrepared({ stored, waiting }: Taken): Prepared | undefined {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    if (prepared?.id === stored.request.id && stored.sentence === 0 && waiting.repeats.length === 0)
      return prepared;
    prepared?.cancelling.abort();
    return undefined;
  }

  #apply(event: SpeakerEvent): void {
    const { state, silence } = control(this.#control, event);
    this.#control = state;
    if (silence !== undefined) this.#end(silence);
    this.#wake.resolve(undefined);
  }

  #end(end: End): void {
    const speaking = this.#speaking;
    if (speaking === undefined || speaking.end !== undefined) return;
    speaking.end = end;
    speaking.ending.abort();
  }

  async #speak(taken: Taken, signal: AbortSignal): Promise<void> {
    const { planner, clock } = this.#services;
    const { request, sentence } = taken.stored;
    const prepared = this.#takePrepared(taken);
    const plan = prepared?.plan ?? planner.plan(request, taken.waiting.repeats.length);
    const speaking: Speaking = {
      ...{ taken, plan, ending: new AbortController(), samples: [] },
      ...{ sentence, keptAt: clock.now(), end: undefined },
    };
    this.#speaking = speaking;
    this.#apply({ kind: "started", current: { id: request.id, priority: request.priority } });
    if (signal.aborted) this.#end("shut-down");
    if (plan.notes.length > 0)
      this.#services.logger.info({ id: request.id, notes: plan.notes }, "not as asked for");
    const outcome = await this.#performed(speaking, prepared?.first);
    this.#speaking = undefined;
    this.#apply({ kind: "ended" });
    this.#settle(speaking, outcome);
  }

  async #performed(speaking: Speaking, first: Promise<Made> | undefined): Promise<"spoken" | End | Error> {
    const { engines, player, clock } = this.#services;
    const stage = {
      ...{ engines, clock },
      // Where only pages listen, this machine's device is silent.
      player: this.#control.isEnabled ? player : silentPlayer,
      onSound: (samples: Int16Array) => {
        this.#hear(speaking, samples);
      },
      onSegment: (segment: Segment) => {
        this.#follow(speaking, segment);
      },
    };
    try {
      await perform(speaking.plan, speaking.sentence, stage, speaking.ending.signal, first);
      return "spoken";
    } catch (error) {
      return speaking.end ?? (error instanceof Error ? error : new Error(explain(error)));
    }
  }

  #hear(speaking: Speaking, samples: Int16Array): void {
    const { clock, metrics, archive, backlog } = this.#services;
    const now = clock.now();
    if (speaking.samples.length === 0 && speaking.taken.stored.sentence === 0)
      metrics.firstSound.observe(Math.max(0, now - speaking.taken.stored.addedAt) / 1_000);
    if (archive !== undefined || speaking.samples.length === 0) speaking.samples.push(samples);
    for (const listener of this.#listeners) listener(samples);
    if (now - speaking.keptAt < LOOK_MILLISECONDS) return;
    speaking.keptAt = now;
    if (!backlog.keep(speaking.taken, speaking.sentence)) this.#end("lost");
  }

  /** Notes where the speaking is: on the disk first, for a process that dies goes on there. */
  #follow(speaking: Speaking, segment: Segment): void {
    const { backlog, clock } = this.#services;
    const { id, priority } = speaking.taken.stored.request;
    if (segment.kind === "mark") this.#tell({ kind: "mark", id, name: segment.name });
    if (segment.kind !== "speech") return;
    const isNew = segment.sentence !== speaking.sentence;
    speaking.sentence = segment.sentence;
    if (isNew) {
      speaking.keptAt = clock.now();
      if (!backlog.keep(speaking.taken, segment.sentence)) this.#end("lost");
    }
    const isFirst = speaking.samples.length === 0;
    const text = speaking.plan.sentences[segment.sentence];
    if ((isNew || isFirst) && text !== undefined)
      this.#tell({ kind: "said", id, priority, sentence: segment.sentence, text });
  }

  #settle(speaking: Speaking, ended: "spoken" | End | Error): void {
    const { backlog } = this.#services;
    if (ended instanceof Error) this.#failed(speaking, ended);
    else if (ended === "put-back" || ended === "shut-down") {
      backlog.giveBack(speaking.taken, speaking.sentence);
      this.#tell({ kind: "ended", id: speaking.taken.stored.request.id, outcome: "interrupted" });
    } else if (ended === "lost")
      this.#tell({ kind: "ended", id: speaking.taken.stored.request.id, outcome: "lost" });
    else this.#finish(speaking, ended);
  }

  /** An engine or a device may do better the next time; after some attempts the text alone remains, and somebody is told. */
  #failed(speaking: Speaking, error: Error): void {
    const { logger, metrics, backlog } = this.#services;
    const { id } = speaking.taken.stored.request;
    const failures = (this.#failures.get(id) ?? 0) + 1;
    this.#failures.set(id, failures);
    metrics.failures.inc({ part: error instanceof DchatError ? "engine" : "speaker" });
    if (failures < MOST_ATTEMPTS) {
      logger.warn({ id, err: error, failures }, "an utterance failed, and is tried again");
      backlog.giveBack(speaking.taken, speaking.sentence);
      return;
    }
    logger.error({ id, err: error }, "an utterance was not heard; its text is in the transcript");
    this.#finish(speaking, "failed");
  }

  #finish(speaking: Speaking, outcome: Outcome): void {
    const { backlog, archive, metrics, clock, logger } = this.#services;
    const { id, priority } = speaking.taken.stored.request;
    backlog.finish(speaking.taken, outcome, speaking.plan.sentences.join(" "));
    this.#failures.delete(id);
    metrics.ended.inc({ outcome, priority });
    this.#tell({ kind: "ended", id, outcome });
    const recording = { samples: speaking.samples, transcript: speaking.plan.sentences, outcome };
    archive?.keep({ id, at: clock.now(), ...recording }).catch((error: unknown) => {
      metrics.failures.inc({ part: "archive" });
      logger.warn({ id, err: error }, "what was said could not be archived; its text is in the transcript");
    });
  }

  #tell(news: SpeakerNews): void {
    for (const watcher of this.#watchers) watcher(news);
  }
}
