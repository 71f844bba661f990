import { FatalError, RetryableError } from "../../domain/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { observe } from "../core/alert.ts";
import type { Change, EventSample } from "../core/change.ts";
import { ALERTS_PER_MESSAGE } from "../core/compose.ts";
import { dispatch, nextDeadline, sweep, transition } from "../core/dispatch.ts";
import { type EscalationView, viewEscalations } from "../core/escalation-view.ts";
import { fingerprintOf } from "../core/fingerprint.ts";
import type { Actor } from "../../domain/actor.ts";
import { settleMutings } from "../core/muting.ts";
import { assertionOf, type PostedAlert, problemOfPosted } from "../core/posted.ts";
import type { AlertingPlan } from "../core/routing-types.ts";
import type { RuleView } from "../core/rule-views.ts";
import type { RuleGroup } from "../core/rules.ts";
import { SampleIndex } from "../core/samples.ts";
import { MOST_SILENCE_MILLISECONDS } from "../core/silence.ts";
import { MOST_WAITING } from "../core/supersede.ts";
import { type AlertFilter, type AlertView, type GroupView, viewAlerts, viewGroups } from "../core/views.ts";
import type { AlertingMetrics } from "../metrics.ts";
import type { AlertingStore, Waker } from "../ports.ts";
import { Acts } from "./acts.ts";
import { type DirectOutcome, HEARTBEAT, TEST, tellDirectly } from "./direct.ts";
import { EngineClock, type TimeSource } from "./engine-clock.ts";
import { Evaluator } from "./evaluator.ts";
import { Ledger } from "./ledger.ts";
import { type Channels, Notifier } from "./notifier.ts";

/** How many alerts may fire at once: more are refused, so that whoever floods us cannot fill memory. */
const MOST_ALERTS = 100_000;
/** How often groups without an interval of their own are evaluated, in milliseconds; and whenever samples change. */
const EVALUATION_MILLISECONDS = 1_000;
/** How long history is kept where nothing else is configured: 30 days. */
const RETENTION_MILLISECONDS = 30 * 24 * 3_600_000;
/** How often the time is written down while nothing else is, in milliseconds. */
const TOUCH_MILLISECONDS = 5_000;
/** The series of events are a source of their own. */
const EVENTS = "events";

/** What the engine is configured with. Durations in milliseconds; what is left out has a default. */
export type EngineOptions = {
  readonly longestSilence?: number;
  readonly alertsPerMessage?: number;
  readonly resolveTimeout?: number;
  readonly evaluationInterval?: number;
  readonly retention?: number;
  /** How many notifications may wait for one integration before newer ones take the place of older ones of their group. */
  readonly mostWaiting?: number;
};

/** What the engine works with. */
export type EngineServices = {
  readonly store: AlertingStore;
  readonly time: TimeSource;
  /** Who sees to it that notifications are sent; see {@link AlertingEngine.pump}. */
  readonly waker: Waker;
  /** Whether every source of samples was read since the process began. */
  readonly isComplete: () => boolean;
  readonly random: () => number;
  readonly metrics: AlertingMetrics;
  readonly logger: Logger;
  /** Aborted when the process ends. */
  readonly signal: AbortSignal;
};

/** What an engine works by: routes and receivers, what sends, and rules. */
export type Configuration = {
  readonly plan: AlertingPlan;
  readonly channels: Channels;
  readonly rules: readonly RuleGroup[];
};

/**
 * Alerting in one process: takes alerts in, evaluates rules, groups and routes, escalates, and sends. Everything that it answers or
 * sends is on the disk before. It does nothing by itself: see `worker/loop.ts`.
 */
export class AlertingEngine {
  /** The newest samples; scrapers write them. */
  readonly samples = new SampleIndex();
  readonly acts: Acts;
  readonly evaluator: Evaluator;
  readonly notifier: Notifier;
  readonly #services: EngineServices;
  readonly #options: EngineOptions;
  readonly #clock: EngineClock;
  readonly #ledger: Ledger;
  readonly #gap: number;
  #channels: Channels;
  readonly #limit: number;
  #touchedAt = -Infinity;

  private constructor({ plan, channels }: Configuration, services: EngineServices, options: EngineOptions) {
    const { store, time, metrics, logger, random, signal } = services;
    this.#services = services;
    this.#options = options;
    this.#channels = channels;
    this.#limit = options.alertsPerMessage ?? ALERTS_PER_MESSAGE;
    const { lastTime } = store.load();
    this.#clock = new EngineClock(time, lastTime);
    const now = () => this.#clock.now();
    this.#gap = lastTime === 0 ? 0 : now() - lastTime;
    this.#ledger = new Ledger(plan, {
      store,
      now,
      complete: (state, changes, at) => [
        ...settleMutings(state, at),
        ...this.notifier.supersede(state, changes, at),
      ],
      onCommitted: (changes) => {
        this.#onCommitted(changes);
      },
    });
    const ledger = this.#ledger;
    this.acts = new Acts(ledger, now, {
      longestSilence: options.longestSilence ?? MOST_SILENCE_MILLISECONDS,
      alertsPerMessage: this.#limit,
    });
    const interval = options.evaluationInterval ?? EVALUATION_MILLISECONDS;
    const { isComplete } = services;
    this.evaluator = new Evaluator({
      ledger,
      samples: this.samples,
      isComplete,
      now,
      interval,
      metrics,
      logger,
    });
    this.notifier = new Notifier({
      ledger,
      store,
      channels,
      mostWaiting: options.mostWaiting ?? MOST_WAITING,
      clock: { now },
      random,
      metrics,
      logger,
      signal,
    });
  }

  /** Takes up what the last process left. */
  static async open(
    configuration: Configuration,
    services: EngineServices,
    options: EngineOptions = {},
  ): Promise<AlertingEngine> {
    const engine = new AlertingEngine(configuration, services, options);
    await engine.evaluator.useRules(configuration.rules, engine.#gap);
    await engine.#forgetOrphans();
    engine.#showEvents();
    return engine;
  }

  /** The engine's time, in Unix milliseconds: see {@link EngineClock}. */
  now(): number {
    return this.#clock.now();
  }

  /** The configuration that is in force. */
  get plan(): AlertingPlan {
    return this.#ledger.state.plan;
  }

  /**
   * Takes alerts of clients in; all of them or none. They are on the disk when it answers.
   * @throws FatalError `ALERTS` naming what is wrong with which of them; RetryableError `TOO_MANY_ALERTS` or `ALERTING_STORE`
   */
  async post(posted: readonly PostedAlert[]): Promise<void> {
    for (const [index, alert] of posted.entries()) {
      const problem = problemOfPosted(alert);
      if (problem !== undefined)
        throw new FatalError(
          "ALERTS",
          `Alert ${index + 1} of ${posted.length} is refused: ${problem}. None of them was taken.`,
        );
    }
    const assertions = posted.map((alert) => {
      const assertion = assertionOf(alert, this.#options.resolveTimeout);
      return { assertion, fingerprint: fingerprintOf(assertion.labels) };
    });
    await this.#ledger.run((state, commit, now) => {
      const added = assertions.filter(({ fingerprint }) => !state.alerts.has(fingerprint)).length;
      if (state.alerts.size + added > MOST_ALERTS)
        throw new RetryableError(
          "TOO_MANY_ALERTS",
          `There are ${state.alerts.size} alerts already, and at most ${MOST_ALERTS} are kept. None of these was taken; post them again when some are over.`,
        );
      const touched: string[] = [];
      for (const { assertion, fingerprint } of assertions) {
        const known = state.alerts.get(fingerprint);
        const alert = observe(known, assertion, now, fingerprint);
        if (alert === undefined) continue;
        commit({ kind: "alert", alert });
        touched.push(fingerprint);
        const isTransition = known?.episode !== alert.episode || known.endsAt !== alert.endsAt;
        if (isTransition) commit(transition(alert, now));
      }
      // What is due at once, for the sake of these, shares their flush of the disk.
      const groups = new Set(touched.flatMap((fingerprint) => state.groupsOf(fingerprint)));
      for (const change of dispatch(state, now, this.#limit, groups)) commit(change);
    });
  }

  /** Takes facts of events in, for as long as they hold; rules select them as they do other samples. */
  async observeEvents(samples: readonly EventSample[]): Promise<void> {
    await this.#ledger.run((_, commit) => {
      for (const sample of samples) commit({ kind: "event-sample", sample });
    });
    this.#showEvents();
  }

  alerts(filter: AlertFilter = {}): readonly AlertView[] {
    return viewAlerts(this.#ledger.state, filter, this.now());
  }

  groups(filter: AlertFilter = {}): readonly GroupView[] {
    return viewGroups(this.#ledger.state, filter, this.now());
  }

  escalations(): readonly EscalationView[] {
    return viewEscalations(this.#ledger.state, this.now());
  }

  /** Every rule, with its instances and how its last evaluation went. */
  rules(): readonly RuleView[] {
    return this.evaluator.views();
  }

  /** Groups, routes, escalates: everything that is due. Its notifications are in the outbox, on the disk, when it answers. */
  async dispatch(): Promise<void> {
    await this.#ledger.run((state, commit, now) => {
      for (const change of sweep(state, now)) commit(change);
      for (const change of dispatch(state, now, this.#limit)) commit(change);
    });
  }

  /** Evaluates rules that are due, and tells what follows. @param isChanged whether samples changed */
  async evaluateAndDispatch(isChanged: boolean): Promise<void> {
    await this.evaluator.evaluate(isChanged);
    if (this.isDispatchDue()) await this.dispatch();
  }

  /** Whether {@link dispatch} has something to do. */
  isDispatchDue(): boolean {
    return nextDeadline(this.#ledger.state) <= this.now();
  }

  /** Begins to send what may be sent now. */
  pump(): void {
    this.notifier.pump();
  }

  /** Keeps the books: time, old history, series of events that no longer hold. */
  async keep(): Promise<void> {
    const now = this.now();
    const { metrics, time, store } = this.#services;
    metrics.clockAhead.set(Math.max(0, now - time.wall.now()) / 1_000);
    metrics.series.set(this.samples.size);
    if (now - this.#touchedAt < TOUCH_MILLISECONDS) return;
    this.#touchedAt = now;
    this.#showEvents();
    this.#countAlerts();
    await this.#ledger.run((state, commit) => {
      for (const change of sweep(state, now)) commit(change);
      for (const silence of state.silences.values())
        if (silence.endsAt + (this.#options.retention ?? RETENTION_MILLISECONDS) < now)
          commit({ kind: "silence-removed", id: silence.id });
    });
    store.transaction(now, () => undefined);
    store.prune(now - (this.#options.retention ?? RETENTION_MILLISECONDS));
  }

  /**
   * Works by another configuration from now on. Whatever it can still be matched with goes on: groups, escalations, rules.
   * @param actor who wants it
   */
  async reload({ plan, channels, rules }: Configuration, actor: Actor): Promise<void> {
    this.#ledger.usePlan(plan);
    this.#channels = channels;
    this.notifier.useChannels(channels);
    await this.evaluator.useRules(rules, 0);
    await this.#forgetOrphans();
    await this.#ledger.run((_, commit, now) => {
      const detail = `${plan.receivers.length} receivers, ${rules.reduce((sum, group) => sum + group.rules.length, 0)} rules`;
      commit({
        kind: "audit",
        entry: { at: now, who: actor.name, what: "reloaded", from: actor.from, detail },
      });
    });
  }

  /**
   * The test button: tells a receiver at once that nothing is wrong.
   * @throws FatalError `NO_RECEIVER`
   */
  test(receiver: string, actor: Actor): Promise<DirectOutcome> {
    return tellDirectly(
      receiver,
      { ...TEST, now: this.now() },
      { ledger: this.#ledger, notifier: this.notifier },
      actor,
    );
  }

  /** Sends a sign of life. @throws FatalError `NO_RECEIVER` */
  beat(receiver: string): Promise<DirectOutcome> {
    const services = { ledger: this.#ledger, notifier: this.notifier };
    return tellDirectly(receiver, { ...HEARTBEAT, now: this.now() }, services, undefined);
  }

  /** Waits for what is under way, and commits it. */
  async close(): Promise<void> {
    await this.notifier.settled();
    this.#ledger.close();
    await Promise.all(
      [...this.#channels.values()].flatMap((all) => [...all.values()].map((channel) => channel.close())),
    );
  }

  #onCommitted(changes: readonly Change[]): void {
    const receivers = new Set<string>();
    const since = new Map<string, number>();
    for (const change of changes)
      if (change.kind === "superseded") {
        this.notifier.drop(change);
        const { receiver, integration } = change;
        this.#services.metrics.superseded.inc({ receiver, integration });
        since.set(change.by, Math.min(change.since, since.get(change.by) ?? Infinity));
      }
    for (const change of changes) {
      const notification =
        change.kind === "notification"
          ? change.notification
          : change.kind === "redriven"
            ? this.#services.store.notification(change.id)
            : undefined;
      if (notification === undefined) continue;
      const { id, receiver, integration, severity, at } = notification;
      const rest = { at: since.get(id) ?? at, attempts: 0, nextAttempt: at };
      const item = { id, receiver, integration, severity, ...rest };
      this.notifier.add(item, notification);
      receivers.add(receiver);
    }
    if (receivers.size > 0) this.#services.waker.wake(receivers);
  }

  #forgetOrphans(): Promise<void> {
    return this.#ledger.run((state, commit) => {
      for (const id of state.orphanRecords()) commit({ kind: "group-removed", id });
    });
  }

  #showEvents(): void {
    const now = this.now();
    const holding = [...this.#ledger.state.eventSamples.values()].filter(({ until }) => until > now);
    this.samples.replace(EVENTS, holding, now);
  }

  #countAlerts(): void {
    const { alerts } = this.#services.metrics;
    const views = this.alerts();
    alerts.set({ state: "active" }, views.filter(({ state }) => state !== "suppressed").length);
    alerts.set({ state: "suppressed" }, views.filter(({ state }) => state === "suppressed").length);
    alerts.set(
      { state: "acknowledged" },
      views.filter(({ acknowledgement }) => acknowledgement !== undefined).length,
    );
  }
}
