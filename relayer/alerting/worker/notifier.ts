import { explain } from "../../domain/errors.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import type { Change } from "../core/change.ts";
import { Heap } from "../core/heap.ts";
import type { Delivery, Notification } from "../core/notification.ts";
import { byUrgency, isForFallback, isGivenUp, type OutboxItem, retryDelay } from "../core/outbox.ts";
import type { AlertingState } from "../core/state.ts";
import { supersede, supersedes } from "../core/supersede.ts";
import { TokenBucket } from "../core/token-bucket.ts";
import type { AlertingMetrics } from "../metrics.ts";
import type { AlertingStore, Channel } from "../ports.ts";
import type { Ledger, Work } from "./ledger.ts";
import { attemptEntry, bury, fallbacksOf } from "./undelivered.ts";

/** What sends through which receiver: by name, then by integration. */
export type Channels = ReadonlyMap<string, ReadonlyMap<string, Channel>>;

/** How many notifications are under way at once: in all, and through one integration. */
const MOST_UNDER_WAY = 256;
const MOST_OF_ONE = 96;
/**
 * How long outcomes wait for others to share a flush of the disk with, in milliseconds: while little is under way, and in a storm. Nobody
 * waits for them but the next attempts.
 */
const GATHER_MILLISECONDS = 2;
const GATHER_IN_STORM_MILLISECONDS = 15;
/** How many notifications keep their content in memory until they are sent, so that it need not be read again. */
const MOST_CONTENTS = 4_000;
/** How many that were superseded may be left in the queues before those are cleared of them. */
const MOST_DROPPED = 1_000;
/** How many older notifications one new one takes the place of at a time, so that nothing waits for long. */
const SUPERSEDED_AT_ONCE = 500;
/** How long an attempt may take, in milliseconds. */
const ATTEMPT_MILLISECONDS = 10_000;

/** What a notifier works with. */
export type NotifierServices = {
  readonly ledger: Ledger;
  readonly store: Pick<AlertingStore, "outbox" | "notification" | "waitingOfGroup">;
  readonly channels: Channels;
  /** How many notifications may wait for one integration; see {@link Notifier.supersede}. */
  readonly mostWaiting: number;
  readonly clock: Pick<Clock, "now">;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly metrics: AlertingMetrics;
  readonly logger: Logger;
  /** Aborted when the process ends. */
  readonly signal: AbortSignal;
};

/** One integration of one receiver, as the notifier sees it. */
type Lane = {
  underWay: number;
  /** How many wait, wherever they do. */
  waiting: number;
  /** Those that wait for one under way to end, or for a token. */
  readonly parked: Heap<OutboxItem>;
  bucket: TokenBucket | undefined;
  /** The other side asked for quiet until then, or the limit does. */
  quietUntil: number;
  failures: number;
};

/**
 * Sends what is in the outbox: the most urgent first, the oldest of that; so many at once, and no more often than a receiver's limit
 * allows. An attempt and what became of it are committed before the next one. What cannot be delivered goes to the fallback receiver
 * with the reason.
 */
export class Notifier {
  readonly #services: NotifierServices;
  #channels: Channels;
  readonly #ready = new Heap<OutboxItem>(byUrgency);
  readonly #later = new Heap<OutboxItem>((a, b) => a.nextAttempt - b.nextAttempt);
  readonly #lanes = new Map<string, Lane>();
  /** Lanes that are quiet and have something parked. */
  readonly #quiet = new Set<Lane>();
  readonly #running = new Set<Promise<void>>();
  /** The ids of those whose attempts are under way. */
  readonly #underWay = new Set<string>();
  /** The ids of those that were superseded, and are in a queue yet. */
  readonly #dropped = new Set<string>();
  readonly #contents = new Map<string, Notification>();
  /** How many wait or are under way. */
  #depth = 0;

  constructor(services: NotifierServices) {
    this.#services = services;
    this.#channels = services.channels;
    for (const item of services.store.outbox()) this.add(item);
  }

  /** How many notifications wait or are under way. */
  get depth(): number {
    return this.#depth;
  }

  /** Takes note of a notification that was put into the outbox; {@link pump} sends it. */
  add(item: OutboxItem, content?: Notification): void {
    this.#depth++;
    this.#lane(item).waiting++;
    if (content !== undefined && this.#contents.size < MOST_CONTENTS) this.#contents.set(item.id, content);
    if (item.nextAttempt <= this.#services.clock.now()) this.#ready.push(item);
    else this.#later.push(item);
  }

  /**
   * Where too many wait for one integration, new ones take the place of older ones of their group: what a receiver that was away has to
   * know is bounded by the groups that there are.
   * @returns what follows from these changes
   */
  supersede(state: AlertingState, changes: readonly Change[], now: number): readonly Change[] {
    const { store, mostWaiting } = this.#services;
    const firing = (episode: string) =>
      state.alerts.get(episode.slice(0, episode.indexOf("-")))?.episode === episode;
    const gone = new Set<string>();
    return changes.flatMap((change) => {
      if (change.kind !== "notification") return [];
      const { notification } = change;
      if (this.#lane(notification).waiting < mostWaiting) return [];
      return store.waitingOfGroup(notification, SUPERSEDED_AT_ONCE).flatMap((older) => {
        if (this.#underWay.has(older.id) || gone.has(older.id)) return [];
        if (!supersedes(notification, older, firing)) return [];
        gone.add(older.id);
        return supersede(notification, older, mostWaiting, now);
      });
    });
  }

  /** Forgets a notification that was superseded. */
  drop(item: Pick<OutboxItem, "id" | "receiver" | "integration">): void {
    this.#depth--;
    this.#lane(item).waiting--;
    this.#contents.delete(item.id);
    this.#dropped.add(item.id);
    if (this.#dropped.size < MOST_DROPPED) return;
    const parked = [...this.#lanes.values()].map((lane) => lane.parked);
    for (const heap of [this.#ready, this.#later, ...parked]) heap.retain(({ id }) => !this.#dropped.has(id));
    this.#dropped.clear();
  }

  /** Sends through other channels from now on; attempts under way end as they began. */
  useChannels(channels: Channels): void {
    this.#channels = channels;
    for (const lane of this.#lanes.values()) lane.bucket = undefined;
  }

  /** Integrations that have failed some times in a row: `receiver/integration` and how often. */
  failing(): readonly (readonly [string, number])[] {
    return [...this.#lanes].flatMap(([name, { failures }]) =>
      failures > 0 ? [[name, failures] as const] : [],
    );
  }

  /** Begins every attempt that may begin now. */
  pump(): void {
    const now = this.#services.clock.now();
    for (
      let next = this.#later.peek();
      next !== undefined && next.nextAttempt <= now;
      next = this.#later.peek()
    ) {
      this.#later.pop();
      this.#ready.push(next);
    }
    for (const lane of this.#quiet) {
      if (lane.quietUntil > now) continue;
      this.#quiet.delete(lane);
      this.#unpark(lane);
    }
    while (this.#running.size < MOST_UNDER_WAY && !this.#services.signal.aborted) {
      const item = this.#ready.pop();
      if (item === undefined) break;
      if (this.#dropped.delete(item.id)) continue;
      this.#begin(item, now);
    }
    this.#services.metrics.outbox.set(this.#depth);
  }

  /** When something may be sent that may not be sent now; Infinity: not before something happens. */
  nextDeadline(): number {
    const quiet = [...this.#quiet].map(({ quietUntil }) => quietUntil);
    return Math.min(this.#later.peek()?.nextAttempt ?? Infinity, ...quiet);
  }

  /** Waits until nothing is under way. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  #begin(item: OutboxItem, now: number): void {
    const lane = this.#lane(item);
    if (lane.quietUntil <= now && lane.underWay < MOST_OF_ONE) {
      const wait = this.#takeToken(lane, item, now);
      if (wait === 0) {
        lane.underWay++;
        const running = this.#attempt(item, lane).finally(() => {
          lane.underWay--;
          this.#underWay.delete(item.id);
          this.#running.delete(running);
          this.#unpark(lane);
          this.pump();
        });
        this.#running.add(running);
        return;
      }
      lane.quietUntil = now + wait;
    }
    lane.parked.push(item);
    if (lane.quietUntil > now) this.#quiet.add(lane);
  }

  /** As many as there is room for may be begun. */
  #unpark(lane: Lane): void {
    if (lane.parked.size === 0) return;
    if (lane.quietUntil > this.#services.clock.now()) {
      this.#quiet.add(lane);
      return;
    }
    for (let room = MOST_OF_ONE - lane.underWay; room > 0; room--) {
      const next = lane.parked.pop();
      if (next !== undefined) this.#ready.push(next);
    }
  }

  #takeToken(lane: Lane, { receiver }: OutboxItem, now: number): number {
    const limit = this.#services.ledger.state.receivers.get(receiver)?.limit;
    if (limit === undefined) return 0;
    lane.bucket ??= new TokenBucket(limit, now);
    return lane.bucket.take(now);
  }

  #lane({ receiver, integration }: Pick<OutboxItem, "receiver" | "integration">): Lane {
    const name = `${receiver}/${integration}`;
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const parked = new Heap<OutboxItem>(byUrgency);
    const lane = { underWay: 0, waiting: 0, parked, bucket: undefined, quietUntil: -Infinity, failures: 0 };
    this.#lanes.set(name, lane);
    return lane;
  }

  /** Never throws: what goes wrong leaves the notification where it is, for another attempt. */
  async #attempt(item: OutboxItem, lane: Lane): Promise<void> {
    const { store, logger, metrics, clock, signal } = this.#services;
    this.#depth--;
    lane.waiting--;
    this.#underWay.add(item.id);
    try {
      const notification = this.#contents.get(item.id) ?? store.notification(item.id);
      this.#contents.delete(item.id);
      if (notification === undefined) return; // delivered already
      const stop = metrics.attemptSeconds.startTimer();
      const delivery = await this.send(notification);
      stop({ outcome: delivery.kind });
      if (signal.aborted && delivery.kind !== "delivered") return; // the next process tries again
      await this.#settle(item, notification, delivery, lane);
    } catch (error) {
      logger.error(
        { err: error, notification: item.id },
        "what became of a notification cannot be recorded; it may be sent again",
      );
      this.add({ ...item, nextAttempt: clock.now() + retryDelay(1, this.#services.random(), undefined) });
    }
  }

  /** Sends one notification now, whatever waits. */
  async send(notification: Notification): Promise<Delivery> {
    const channel = this.#channels.get(notification.receiver)?.get(notification.integration);
    if (channel === undefined)
      return { kind: "refused", reason: "the configuration has no such receiver any more" };
    const attempt = new AbortController();
    const { promise: timeUp, resolve } = Promise.withResolvers<Delivery>();
    const end = () => {
      attempt.abort();
      const reason = `no answer within ${ATTEMPT_MILLISECONDS} ms`;
      resolve({ kind: "retry", reason, afterMilliseconds: undefined });
    };
    const timer = setTimeout(end, ATTEMPT_MILLISECONDS);
    this.#services.signal.addEventListener("abort", end);
    try {
      return await Promise.race([channel.send(notification, attempt.signal), timeUp]);
    } catch (error) {
      // A channel does not throw; one that does has a defect, and must not take the others with it.
      return { kind: "retry", reason: explain(error), afterMilliseconds: undefined };
    } finally {
      clearTimeout(timer);
      this.#services.signal.removeEventListener("abort", end);
    }
  }

  async #settle(item: OutboxItem, notification: Notification, delivery: Delivery, lane: Lane): Promise<void> {
    const { random, logger, metrics } = this.#services;
    if (delivery.kind === "delivered") lane.failures = 0;
    else lane.failures++;
    const labels = { receiver: item.receiver, integration: item.integration };
    metrics.attempts.inc({ ...labels, outcome: delivery.kind });
    let next: OutboxItem | undefined;
    await this.#record((state, commit, now) => {
      commit({ kind: "history", entry: attemptEntry(notification, delivery, now) });
      if (delivery.kind === "delivered") {
        commit({ kind: "delivered", id: item.id });
        return;
      }
      const isRefused = delivery.kind === "refused";
      const fallbacks = isForFallback(notification) ? [] : fallbacksOf(state, notification);
      if (isRefused || isGivenUp(item, fallbacks.length > 0, now)) {
        bury(notification, fallbacks, delivery.reason, { commit, now });
        return;
      }
      const attempts = item.attempts + 1;
      const nextAttempt = now + retryDelay(attempts, random(), delivery.afterMilliseconds);
      if (delivery.afterMilliseconds !== undefined) lane.quietUntil = nextAttempt;
      commit({ kind: "postponed", id: item.id, attempts, nextAttempt });
      next = { ...item, attempts, nextAttempt };
    });
    if (next !== undefined) this.add(next);
    if (delivery.kind === "delivered") return;
    const fields = { ...labels, notification: item.id, attempts: item.attempts + 1 };
    if (next === undefined) {
      metrics.deadLetters.inc(labels);
      logger.error(fields, `a notification cannot be delivered and is a dead letter: ${delivery.reason}`);
    } else
      logger.warn(fields, `a notification was not delivered and will be tried again: ${delivery.reason}`);
  }

  /** Commits what became of an attempt, together with everything else that becomes known in the same moment. */
  #record(record: Work<void>): Promise<void> {
    const isStorm = this.#running.size > MOST_OF_ONE / 4;
    return this.#services.ledger.runSoon(
      record,
      isStorm ? GATHER_IN_STORM_MILLISECONDS : GATHER_MILLISECONDS,
    );
  }
}
