import { z } from "zod";

/** What a chaos controller answers, as far as this page shows it. Times are Unix milliseconds. */

const tier = z.enum(["portable", "linux", "kubernetes"]);

export const catalogueView = z.object({
  scenarios: z.array(
    z.object({ id: z.string(), title: z.string(), description: z.string(), seconds: z.number() }),
  ),
  faults: z.array(z.object({ type: z.string() })),
  processes: z.array(z.object({ name: z.string() })),
});
/** {@link catalogueView} */
export type CatalogueView = z.infer<typeof catalogueView>;
export type Scenario = CatalogueView["scenarios"][number];

export const previewView = z.object({
  title: z.string(),
  steps: z.array(
    z.object({
      fault: z.object({ type: z.string() }),
      mechanism: z.object({ tier, name: z.string(), what: z.string() }),
      targets: z.array(z.string()),
      startMilliseconds: z.number(),
      durationMilliseconds: z.number(),
    }),
  ),
  /** Every process that would suffer at some time. */
  suffering: z.array(z.string()),
  /** How many there are in all. */
  processes: z.number(),
  milliseconds: z.number(),
});
/** {@link previewView} */
export type PreviewView = z.infer<typeof previewView>;

const state = z.enum(["Pending", "Running", "Recovering", "Completed", "Failed"]);
const verdict = z.object({
  kind: z.enum(["passed", "failed", "ineffective", "halted"]),
  reason: z.string(),
});
const recovery = z.object({
  detect: z.number().optional(),
  firstSuccess: z.number().optional(),
  drained: z.number().optional(),
  steady: z.number().optional(),
});

const run = z.object({
  id: z.string(),
  title: z.string(),
  askedBy: z.string(),
  askedAt: z.number(),
  schedule: z.string().optional(),
  state,
  verdict: verdict.optional(),
  recovery: recovery.optional(),
});
/** One run, without what was measured. */
export type Run = z.infer<typeof run>;

export const runAsked = z.object({ id: z.string() });
export const runList = z.object({ runs: z.array(run) });
export const runsStopped = z.object({ stopped: z.array(z.string()) });

const points = z.array(z.tuple([z.number(), z.number()]));
const record = z.object({
  phases: z.array(z.object({ state, at: z.number(), reason: z.string() })),
  faults: z.array(
    z.object({
      type: z.string(),
      mechanism: z.object({ tier, name: z.string(), what: z.string() }),
      targets: z.array(z.object({ name: z.string() })),
      injectedAt: z.number(),
      healedAt: z.number().optional(),
      effect: z
        .object({
          measure: z.string(),
          before: z.number(),
          during: z.number(),
          isEffective: z.boolean(),
          inFlight: z.number(),
        })
        .optional(),
    }),
  ),
  skipped: z.array(z.object({ type: z.string(), reason: z.string() })),
  messages: z.number(),
  series: z.object({ throughput: points, latency: points }),
  violations: z.array(z.object({ rule: z.string(), text: z.string() })),
});
/** What is known of a run by now. */
export type RunRecord = z.infer<typeof record>;

export const runDetail = z.object({ run, record: record.nullable() });
/** {@link runDetail} */
export type RunDetail = z.infer<typeof runDetail>;

/** Whether something may still happen. */
export function isUnderWay({ state: at }: Pick<Run, "state">): boolean {
  return at !== "Completed" && at !== "Failed";
}
