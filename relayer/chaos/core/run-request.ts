import { z } from "zod";
import { campaignSchema } from "./campaign.ts";
import { campaignExperiment } from "./campaign-experiment.ts";
import { catalogue, SCENARIOS } from "./catalogue.ts";
import { type Experiment, experimentSchema } from "./experiment.ts";
import { campaignPolicy, experimentPolicy, type RunPolicy } from "./run-policy.ts";
import { scaleExperiment } from "./time-scale.ts";

/** What is asked of a controller: what to run, in which time, and by what means. */
export const runRequestSchema = z.strictObject({
  what: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("scenario"), scenario: z.enum(SCENARIOS) }),
    z.strictObject({ kind: z.literal("experiment"), experiment: experimentSchema }),
    z.strictObject({ kind: z.literal("campaign"), campaign: campaignSchema }),
  ]),
  /** How many times as short everything is. If left out, as short as the fleet's time-outs are; a campaign, whose windows are short, not at all. */
  timeScale: z.number().min(1).max(1_000).optional(),
  /** By what means, and no others; the strongest first where any will do. */
  tier: z.enum(["auto", "portable", "linux"]).default("auto"),
});
/** {@link runRequestSchema}, read. */
export type RunRequest = z.output<typeof runRequestSchema>;

/** A request made into what is run. */
export type PreparedRun = {
  /** In compressed time, if it is compressed. */
  readonly experiment: Experiment;
  readonly timeFactor: number;
  readonly seed: number | undefined;
  readonly policy: RunPolicy;
};

/**
 * What a request means for a fleet. The same request means the same, whoever prepares it.
 * @param fleetScale how many times as short the time-outs of the fleet are
 */
export function prepareRun({ what, timeScale }: RunRequest, fleetScale: number): PreparedRun {
  const timeFactor = 1 / (timeScale ?? (what.kind === "campaign" ? 1 : fleetScale));
  const scale = (experiment: Experiment) =>
    scaleExperiment(experiment, { durations: timeFactor, delays: 1 / fleetScale });
  switch (what.kind) {
    case "scenario":
      return plain(scale(catalogue()[what.scenario]), timeFactor);
    case "experiment":
      return plain(scale(what.experiment), timeFactor);
    case "campaign": {
      const { seed, messages } = what.campaign;
      const experiment = scale(campaignExperiment(what.campaign));
      return { experiment, timeFactor, seed, policy: campaignPolicy(messages) };
    }
  }
}

function plain(experiment: Experiment, timeFactor: number): PreparedRun {
  return { experiment, timeFactor, seed: undefined, policy: experimentPolicy };
}
