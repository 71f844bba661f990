import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { repeat } from "../../platform/repeat.ts";
import type { AlertingEngine } from "./engine.ts";
import type { Watchdog } from "./watchdog.ts";

/** How often the engine looks whether something is due, in milliseconds: deadlines are kept to within that. */
const TICK_MILLISECONDS = 50;
const SCRAPE_MILLISECONDS = 500;
/** How much later than its interval an evaluation may come from its queue before the loop does it, in milliseconds. */
const PATIENCE_MILLISECONDS = 250;

/** What the loop drives. */
export type LoopServices = {
  readonly engine: AlertingEngine;
  readonly scraper: { readonly scrape: (signal: AbortSignal) => Promise<boolean> };
  readonly watchdog: Watchdog | undefined;
  /** How often everything is scraped; twice a second if left out. */
  readonly scrapeMilliseconds?: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
};

/** How often the evaluation is asked for through its queue, in milliseconds. */
export const EVALUATION_JOB_MILLISECONDS = 1_000;

/**
 * Does what is due, whether Redis is there or not: deadlines of groups and escalations, attempts to send, scrapes, and evaluations that
 * did not come through their queue in time.
 * @returns what waits for the end, once the signal is aborted
 */
export function runLoop({
  engine,
  scraper,
  watchdog,
  scrapeMilliseconds = SCRAPE_MILLISECONDS,
  clock,
  logger,
  signal,
}: LoopServices): () => Promise<void> {
  const every = (task: () => Promise<void>, pause: number) => repeat(task, pause, { logger, clock, signal });
  const running = [
    every(() => tick(engine), TICK_MILLISECONDS),
    every(async () => {
      const changed = await scraper.scrape(signal);
      if (changed) await engine.evaluateAndDispatch(true);
    }, scrapeMilliseconds),
    every(async () => {
      const { evaluatedAt } = engine.evaluator;
      const isLate =
        evaluatedAt === undefined ||
        engine.now() - evaluatedAt > EVALUATION_JOB_MILLISECONDS + PATIENCE_MILLISECONDS;
      if (isLate) await engine.evaluateAndDispatch(false);
    }, PATIENCE_MILLISECONDS),
    every(async () => {
      await engine.keep();
      await watchdog?.tick();
    }, 1_000),
  ];
  return async () => {
    await Promise.all(running);
  };
}

async function tick(engine: AlertingEngine): Promise<void> {
  if (engine.isDispatchDue()) await engine.dispatch();
  engine.pump();
}
