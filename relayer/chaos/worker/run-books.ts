import type { ExperimentRecord } from "../core/report/record.ts";
import type { RunEntry } from "../core/run-entry.ts";
import type { ChaosMetrics } from "../metrics.ts";
import type { Clock } from "../ports.ts";

/** How long people are alerted of a run that did not pass, in milliseconds. */
const RECENT_MILLISECONDS = 10 * 60_000;

type BookServices = {
  readonly announce: (id: string, text: string, isBad: boolean) => void;
  readonly metrics: ChaosMetrics;
  readonly clock: Clock;
};

/** Tells of runs: by metrics, from which alerts follow, and aloud. */
export class RunBooks {
  readonly #services: BookServices;
  #failedAt: readonly number[] = [];

  constructor(services: BookServices) {
    this.#services = services;
    const { metrics } = services;
    metrics.recentlyFailed.set(0);
    metrics.running.set(0);
  }

  begin({ id, title }: RunEntry): void {
    this.#services.announce(`chaos-${id}-begins`, `Chaos: ${title} begins.`, false);
  }

  end({ id, title }: RunEntry, { verdict, faults, violations, recovery }: ExperimentRecord): void {
    const { metrics, announce } = this.#services;
    this.#count(verdict.kind);
    for (const { type, mechanism, effect } of faults) {
      const isEffective = effect?.isEffective === true && effect.inFlight > 0;
      metrics.faults.inc({ type, tier: mechanism.tier, effective: String(isEffective) });
    }
    for (const { rule } of violations) metrics.violations.inc({ rule });
    for (const [what, milliseconds] of Object.entries(recovery))
      if (milliseconds !== undefined) metrics.recovery.observe({ what }, milliseconds / 1_000);
    const isBad = verdict.kind !== "passed";
    announce(
      `chaos-${id}-ends`,
      `Chaos: ${title} ${verdict.kind}${isBad ? `: ${verdict.reason}` : ""}.`,
      isBad,
    );
  }

  /** Of a run that could not be done. */
  abandon({ id, title }: RunEntry, reason: string): void {
    this.#count("halted");
    this.#services.announce(`chaos-${id}-ends`, `Chaos: ${title} could not be done: ${reason}`, true);
  }

  /** Forgets failures that are no news any more. */
  refresh(): void {
    const { metrics, clock } = this.#services;
    const since = clock.now() - RECENT_MILLISECONDS;
    this.#failedAt = this.#failedAt.filter((at) => at >= since);
    metrics.recentlyFailed.set(this.#failedAt.length);
  }

  #count(verdict: ExperimentRecord["verdict"]["kind"]): void {
    this.#services.metrics.runs.inc({ verdict });
    if (verdict !== "passed") this.#failedAt = [...this.#failedAt, this.#services.clock.now()];
    this.refresh();
  }
}
