import { z } from "zod";
import type { Network } from "../../domain/network.ts";
import { ApiClient } from "../../platform/api-client.ts";
import { requireChaos } from "./fleet.ts";

const nothing = z.null().transform(() => undefined);
const took = z.union([z.number(), nothing]).optional();
const spread = z.object({ runs: z.number(), never: z.number(), p50: took, p95: took });

/** A run as the API shows it. */
export const runView = z.object({
  id: z.string(),
  title: z.string(),
  askedBy: z.string(),
  askedAt: z.number(),
  schedule: z.string().optional(),
  state: z.enum(["Pending", "Running", "Recovering", "Completed", "Failed"]),
  verdict: z.object({ kind: z.string(), reason: z.string() }).optional(),
});
/** {@link runView}, read. */
export type RunView = z.output<typeof runView>;

/** Runs, and how the fleet came back over all of them, in milliseconds. */
export const runsView = z.object({
  runs: z.array(runView),
  recovery: z.object({ detect: spread, firstSuccess: spread, drained: spread, steady: spread }),
});

/** What is shown of a run's record while it goes on and at its end; the rest of it is passed on as it is. */
export const recordView = z.looseObject({
  experiment: z.looseObject({
    method: z.array(z.looseObject({ startMilliseconds: z.number(), durationMilliseconds: z.number() })),
  }),
  phases: z.array(z.object({ state: z.string(), at: z.number(), reason: z.string() })),
  faults: z.array(
    z.looseObject({
      type: z.string(),
      mechanism: z.looseObject({ tier: z.string(), name: z.string() }),
      targets: z.array(z.looseObject({ name: z.string() })),
      effect: z
        .looseObject({
          measure: z.string(),
          before: z.number(),
          during: z.number(),
          isEffective: z.boolean(),
        })
        .optional(),
    }),
  ),
  skipped: z.array(z.object({ step: z.number(), type: z.string(), reason: z.string() })),
  messages: z.number(),
  violations: z.array(z.looseObject({ rule: z.string(), text: z.string() })),
  recovery: z.object({ detect: took, firstSuccess: took, drained: took, steady: took }),
  verdict: z.object({ kind: z.string(), reason: z.string() }),
});
/** {@link recordView}, read. */
export type RecordView = z.output<typeof recordView>;

/** One run, with its record once it has begun. */
export const oneRunView = z.object({ run: runView, record: recordView.nullable() });

/** What a run would do. */
export const previewView = z.looseObject({
  title: z.string(),
  steps: z.array(
    z.looseObject({
      fault: z.looseObject({ type: z.string() }),
      mechanism: z.object({ tier: z.string(), name: z.string(), what: z.string() }),
      targets: z.array(z.string()),
      startMilliseconds: z.number(),
      durationMilliseconds: z.number(),
    }),
  ),
  suffering: z.array(z.string()),
  processes: z.number(),
  milliseconds: z.number(),
});

/** A schedule as the API shows it. */
export const scheduleView = z.looseObject({
  schedule: z.object({
    name: z.string(),
    cron: z.string(),
    timeZone: z.string(),
    isEnabled: z.boolean(),
    jitterMilliseconds: z.number(),
    overlap: z.string(),
  }),
  askedBy: z.string(),
  next: z.object({ plannedAt: z.number(), startsAt: z.number() }).optional(),
});

/** What there is to choose from. */
export const catalogueView = z.object({
  scenarios: z.array(
    z.object({ id: z.string(), title: z.string(), description: z.string(), seconds: z.number() }),
  ),
  faults: z.array(
    z.object({
      type: z.string(),
      bitesOn: z.string(),
      tiers: z.array(
        z.object({ tier: z.string(), mechanism: z.string().nullable(), whyNot: z.string().nullable() }),
      ),
    }),
  ),
  processes: z.array(z.looseObject({ name: z.string(), service: z.string(), zone: z.string() })),
  links: z.array(z.looseObject({ name: z.string(), client: z.string(), server: z.string() })),
});

/** Asks the chaos controller of a network, in the name of the user whose token the configuration names. */
export class ChaosClient extends ApiClient {
  /** @throws ConfigurationError `NO_CHAOS` */
  constructor(network: Network) {
    super(`http://127.0.0.1:${requireChaos(network).port}`, {
      tokenFile: network.tokenFile,
      code: "CHAOS_API",
      name: "The chaos controller",
      port: "chaos.port",
      whileAway:
        "faults that were there are healed by its dead-man. Start the role chaos, or look at the log of chaos-controller.",
    });
  }
}
