import type { PostedAlert } from "../core/posted.ts";
import type { AlertingEngine } from "./engine.ts";

/** A sign of life that has to come from somebody else: another instance, or Prometheus's own watchdog alert. */
export type ExpectedHeartbeat = {
  /** The value of the label `alertname` by which it is known. */
  readonly name: string;
  /** How long it may stay out, in milliseconds. */
  readonly within: number;
};

/** What the watchdog watches over. Durations in milliseconds. */
export type WatchdogOptions = {
  /** Where a sign of life is sent, how often; undefined: nowhere. */
  readonly heartbeat: { readonly receiver: string; readonly every: number } | undefined;
  readonly expected: readonly ExpectedHeartbeat[];
};

/** How late an evaluation may be, in milliseconds, and how often an integration may fail in a row, before people are told. */
const LATE_MILLISECONDS = 30_000;
const MOST_FAILURES = 3;
/** For how long what the watchdog says holds unless it is said again, in milliseconds. */
const HOLD_MILLISECONDS = 60_000;

/**
 * Watches the alerting itself: sends a sign of life, so that its silence is noticed elsewhere; expects signs of life of others; and
 * raises alerts when rules are not evaluated in time or an integration keeps failing.
 */
export class Watchdog {
  readonly #engine: AlertingEngine;
  readonly #options: WatchdogOptions;
  readonly #startedAt: number;
  /** When each was last heard of. */
  readonly #heard = new Map<string, number>();
  #beatAt = -Infinity;

  constructor(engine: AlertingEngine, options: WatchdogOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#startedAt = engine.now();
  }

  /** Takes note of posted alerts: a heartbeat is one that is posted again and again. */
  hear(posted: readonly PostedAlert[]): void {
    for (const { labels } of posted) {
      const name = labels["alertname"];
      if (name !== undefined && this.#options.expected.some((each) => each.name === name))
        this.#heard.set(name, this.#engine.now());
    }
  }

  /** Looks at everything once. */
  async tick(): Promise<void> {
    const alerts = [...this.#missing(), ...this.#late(), ...this.#failing()];
    if (alerts.length > 0) await this.#engine.post(alerts);
    await this.#beat();
  }

  async #beat(): Promise<void> {
    const { heartbeat } = this.#options;
    const now = this.#engine.now();
    if (heartbeat === undefined || now - this.#beatAt < heartbeat.every) return;
    this.#beatAt = now;
    await this.#engine.beat(heartbeat.receiver);
  }

  #missing(): readonly PostedAlert[] {
    const now = this.#engine.now();
    return this.#options.expected.flatMap(({ name, within }) => {
      const silent = now - (this.#heard.get(name) ?? this.#startedAt);
      if (silent <= within) return [];
      return this.#alert(
        "HeartbeatMissing",
        { heartbeat: name },
        `The heartbeat ${name} has not come for ${Math.floor(silent / 1_000)} s. Who sends it is down, or cannot reach us: its alerts do not arrive either.`,
      );
    });
  }

  #late(): readonly PostedAlert[] {
    const age = this.#engine.now() - (this.#engine.evaluator.evaluatedAt ?? this.#startedAt);
    if (age <= LATE_MILLISECONDS) return [];
    return this.#alert(
      "EvaluationLate",
      {},
      `No rule was evaluated for ${Math.floor(age / 1_000)} s. Nothing new is noticed meanwhile.`,
    );
  }

  #failing(): readonly PostedAlert[] {
    return this.#engine.notifier
      .failing()
      .filter(([, failures]) => failures >= MOST_FAILURES)
      .flatMap(([integration, failures]) =>
        this.#alert(
          "ReceiverFailing",
          { integration },
          `${integration} has failed ${failures} times in a row. What it should be told is tried again, and goes to its fallback in the end.`,
        ),
      );
  }

  #alert(alertname: string, labels: PostedAlert["labels"], summary: string): readonly PostedAlert[] {
    const endsAt = this.#engine.now() + HOLD_MILLISECONDS;
    return [
      {
        labels: { alertname, severity: "critical", source: "watchdog", ...labels },
        annotations: { summary },
        startsAt: undefined,
        endsAt,
        generatorUrl: "",
      },
    ];
  }
}
