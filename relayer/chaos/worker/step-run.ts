import { ConfigurationError, explain } from "../../domain/errors.ts";
import { pause } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import type { ResolvedStep } from "../core/blast-radius.ts";
import { GAUGES, hasBitten } from "../core/effect.ts";
import type { Fence } from "../core/fence.ts";
import type { Fault } from "../core/fault.ts";
import type { EffectMeasurement, FaultRecord } from "../core/report/record.ts";
import type { Target } from "../core/target.ts";
import type { Clock, Gauge, GaugeOf, Injection, Injector, Observer } from "../ports.ts";

/**
 * How many times the effect is measured before it counts as none. The times are spread over the fault: on a busy machine it takes a while until a
 * stopped process stands still, or memory is filled.
 */
const READINGS = 4;

/** How long a question about an effect may take, and how much of that there has to be left for it to be asked, in milliseconds. */
const PATIENCE_MILLISECONDS = 1_500;
const LEAST_PATIENCE_MILLISECONDS = 300;
/** Which part of what is left of the fault a question may take: on a busy machine its end is noticed late, and must not be past the fault's. */
const PATIENT_SHARE = 0.7;
/** How long a fault may take to be there, in milliseconds: its lease is longer by that, so that it lasts as long as it shall. */
const MOST_INJECTION_MILLISECONDS = 5_000;

/** How often it is looked whether messages are on their way, in milliseconds. */
const LOOK_MILLISECONDS = 100;

/** How often healing is tried, and how long after a failure, in milliseconds; the dead-man tries on. */
const MOST_HEALS = 10;
const HEAL_AGAIN_MILLISECONDS = 200;

/** What a step works with. */
export type StepServices = {
  /** In the order in which they are preferred. */
  readonly injectors: readonly Injector[];
  readonly gaugeOf: GaugeOf;
  readonly observer: Pick<Observer, "inFlight">;
  /** That the run has what it does faults to. */
  readonly fence?: Fence | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** The injector that does a fault: the first that can. @throws ConfigurationError `NO_MECHANISM` with every tier's reason */
export function injectorFor(fault: Fault, injectors: readonly Injector[]): Injector {
  const found = injectors.find((injector) => injector.mechanismOf(fault.type) !== undefined);
  if (found !== undefined) return found;
  const reasons = injectors.map((injector) => `${injector.tier}: ${injector.whyNot(fault.type) ?? "?"}`);
  throw new ConfigurationError(
    "NO_MECHANISM",
    `Nothing here can do ${fault.type} (${reasons.join("; ")}). Nothing was done.`,
  );
}

/**
 * Does one step: measures, does the fault, measures again until it is seen, waits for its end and heals it. The fault ends early when the
 * signal aborts.
 * @throws what the injector throws; nothing is left of the fault then
 */
export async function runStep(
  { step, targets }: ResolvedStep,
  index: number,
  services: StepServices,
  signal: AbortSignal,
): Promise<FaultRecord> {
  const { fault, durationMilliseconds } = step;
  const { injectors, clock, observer } = services;
  const injector = injectorFor(fault, injectors);
  const gauges = await Promise.all(targets.map((target) => begin(fault, target, services)));
  const leased = clock.now() + MOST_INJECTION_MILLISECONDS + durationMilliseconds;
  const injection = await injector.inject(fault, targets, leased, services.fence);
  const injectedAt = clock.now();
  const until = injectedAt + durationMilliseconds;
  try {
    const period = { began: injectedAt, until };
    const measuring = Promise.all(gauges.map((gauge) => watch(fault, gauge, period, services, signal)));
    let inFlight = 0;
    while (clock.now() < until && !signal.aborted) {
      inFlight = Math.max(inFlight, observer.inFlight());
      await pause(clock, Math.min(LOOK_MILLISECONDS, until - clock.now()), signal);
    }
    const effects = await measuring;
    await healSurely(injection, clock);
    const effect = effects.find((each) => each?.isEffective) ?? effects[0];
    return {
      ...{ step: index, type: fault.type, mechanism: injection.mechanism, targets, injectedAt },
      healedAt: clock.now(),
      effect: effect && { ...effect, inFlight },
    };
  } catch (error) {
    await healSurely(injection, clock);
    throw error;
  }
}

/** Heals, again where something could not be taken back the first time, as while a probe leaves the same process. */
async function healSurely(injection: Injection, clock: Clock): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await injection.heal();
      return;
    } catch (error) {
      if (tries === MOST_HEALS) throw error;
      await clock.sleep(HEAL_AGAIN_MILLISECONDS);
    }
  }
}

/** A gauge that was taken before the fault. */
type Begun = {
  readonly target: Target;
  readonly gauge: Gauge | undefined;
  readonly before: number | undefined;
};

async function begin(fault: Fault, target: Target, { gaugeOf, logger }: StepServices): Promise<Begun> {
  try {
    const gauge = gaugeOf(fault, target);
    return { target, gauge, before: await gauge(PATIENCE_MILLISECONDS) };
  } catch (error) {
    logger.warn({ target: target.name, reason: explain(error) }, "what a fault does cannot be measured here");
    return { target, gauge: undefined, before: undefined };
  }
}

/** From when a fault is there, and until when; in Unix milliseconds. */
type Period = { readonly began: number; readonly until: number };

/** Measures until the fault is seen to bite, a few times at most, and not after its end. */
async function watch(
  fault: Fault,
  { target, gauge, before }: Begun,
  { began, until }: Period,
  { clock, logger }: StepServices,
  signal: AbortSignal,
): Promise<Omit<EffectMeasurement, "inFlight"> | undefined> {
  let during: number | undefined;
  let bit = false;
  for (let i = 0; i < READINGS && !bit; i++) {
    const early = began + (i * (until - began)) / READINGS - clock.now();
    if (early > 0) await pause(clock, early, signal);
    const left = until - clock.now();
    if (signal.aborted || left <= 0 || (i > 0 && left < LEAST_PATIENCE_MILLISECONDS)) break;
    const patience = Math.max(
      LEAST_PATIENCE_MILLISECONDS,
      Math.min(PATIENCE_MILLISECONDS, left * PATIENT_SHARE),
    );
    try {
      during = await gauge?.(patience);
    } catch (error) {
      logger.debug({ target: target.name, reason: explain(error) }, "a gauge could not be taken");
    }
    // What was measured only after the end says nothing about the fault.
    if (clock.now() > until) break;
    bit = before !== undefined && hasBitten(fault, before, during);
  }
  if (before === undefined || during === undefined) return undefined;
  return { measure: `${GAUGES[fault.type]}, ${target.name}`, before, during, isEffective: bit };
}
