import { z } from "zod";
import { faultSchema } from "./fault.ts";
import { selectorSchema } from "./selector.ts";

/** Milliseconds, up to a day. */
const milliseconds = z.number().int().min(0).max(86_400_000);

/** What can be measured of a fleet, with its unit. */
export const MEASURES = {
  throughput: "messages executed a second",
  latencyP95: "milliseconds from deposit to execution, for 95 of 100 messages",
  backlog: "final messages that are not executed yet",
  failedJobs: "jobs that failed for good",
  readyShare: "share of the roles that are ready, from 0 to 1",
  firingAlerts: "alerts that fire",
  violations: "violations that the checker finds",
} as const;
const measure = z.enum([
  "throughput",
  "latencyP95",
  "backlog",
  "failedJobs",
  "readyShare",
  "firingAlerts",
  "violations",
]);
/** {@link MEASURES}, by name. */
export type Measure = z.infer<typeof measure>;

/** When a hypothesis is looked at. */
export const phaseSchema = z.enum(["before", "during", "after"]);
/** {@link phaseSchema} */
export type Phase = z.infer<typeof phaseSchema>;

const tolerance = z
  .strictObject({ least: z.number().optional(), most: z.number().optional() })
  .refine(({ least, most }) => least !== undefined || most !== undefined, "expected least, most or both")
  .refine(
    ({ least, most }) => (least ?? -Infinity) <= (most ?? Infinity),
    "expected least to be at most most",
  );
/** From `least` to `most`, both included. */
export type Tolerance = z.infer<typeof tolerance>;

const probe = z.strictObject({
  name: z.string().min(1).max(200),
  measure,
  tolerance,
  /** In which phases it is held to; all of them if left out. */
  phases: z.array(phaseSchema).min(1).default(["before", "during", "after"]),
});
/** One thing that is so in the steady state. */
export type Probe = z.infer<typeof probe>;

const step = z.strictObject({
  name: z.string().min(1).max(200).optional(),
  fault: faultSchema,
  selector: selectorSchema,
  /** For faults on links: only those to these servers. */
  to: selectorSchema.optional(),
  /** When it begins, from the beginning of the method. */
  startMilliseconds: milliseconds.default(0),
  durationMilliseconds: milliseconds.min(1),
  /** The window of a campaign that it belongs to, from 0: the steps of one window are judged together. */
  window: z.number().int().min(0).max(10_000).optional(),
});
/** One fault of a method: what, to whom, when and for how long. */
export type Step = z.infer<typeof step>;

/** What ends an experiment early. */
const halt = z.strictObject({
  measure,
  tolerance,
  /** For how long it may be outside at a stretch. */
  forMilliseconds: milliseconds.default(0),
});

/** What is done in the end beside healing, whatever happened. */
const rollback = z
  .strictObject({
    name: z.string().min(1).max(200),
    action: z.enum(["heal-all", "restart"]),
    /** Who is restarted. */
    selector: selectorSchema.optional(),
  })
  .refine(({ action, selector }) => (action === "restart") === (selector !== undefined), {
    path: ["selector"],
    message: "expected for restart, and for nothing else",
  });

/**
 * An experiment, in the shape of Chaos Toolkit: what is so in the steady state, what is done, what is taken back; and how far it may go.
 * Durations are the full ones; {@link ./time-scale.ts} compresses them.
 */
export const experimentSchema = z.strictObject({
  title: z.string().min(1).max(200),
  description: z.string().max(2_000).default(""),
  steadyState: z.strictObject({ title: z.string().min(1).max(200), probes: z.array(probe).min(1).max(50) }),
  method: z.array(step).min(1).max(30_000),
  rollbacks: z.array(rollback).max(50).default([]),
  blastRadius: z.strictObject({
    /** How many processes may suffer at the same time. */
    mostTargets: z.number().int().min(1).max(1_000),
    /** And which share of all that there are. */
    mostShare: z.number().gt(0).max(1),
  }),
  errorBudget: z
    .strictObject({
      /** Which share of the looks at the steady state during the faults may find it broken; 0 for none, 1 for all. */
      mostBrokenShare: z.number().min(0).max(1),
    })
    .default({ mostBrokenShare: 1 }),
  halting: z.array(halt).max(50).default([]),
  /** T: for how long after healing a message may be on its way. */
  executedWithinMilliseconds: milliseconds.min(1).default(120_000),
  /** The work in flight: how often something is sent. */
  load: z.strictObject({ everyMilliseconds: milliseconds.min(1) }).default({ everyMilliseconds: 500 }),
});
/** {@link experimentSchema}, read. */
export type Experiment = z.output<typeof experimentSchema>;
/** {@link experimentSchema}, as it is written: with what may be left out. */
export type ExperimentInput = z.input<typeof experimentSchema>;

/** When the last fault of a method is over, in milliseconds from its beginning. */
export function methodMilliseconds({
  method,
}: {
  readonly method: readonly Pick<Step, "startMilliseconds" | "durationMilliseconds">[];
}): number {
  return Math.max(...method.map((each) => each.startMilliseconds + each.durationMilliseconds));
}

/** Whether a value is within a tolerance. What is no number is not: nobody could measure it. */
export function isWithin({ least = -Infinity, most = Infinity }: Tolerance, value: number): boolean {
  return value >= least && value <= most;
}
