import { type CampaignOptions, drawCampaign } from "./campaign.ts";
import { defaultTopology, STEADY_STATE, type Topology } from "./catalogue.ts";
import { type Experiment, experimentSchema, methodMilliseconds } from "./experiment.ts";

/** T: processes that were killed need their time to start, several at once. */
const EXECUTED_WITHIN = 120_000;

/**
 * A campaign as one experiment: the windows that its seed draws, over a steady state that has to be there before and after. The order of work is
 * such that all of the campaign's messages are sent from its first window's beginning to its last one's end.
 */
export function campaignExperiment(
  options: CampaignOptions,
  topology: Topology = defaultTopology,
): Experiment {
  const windows = drawCampaign(options, topology);
  const method = windows.flatMap(({ index, type, steps }) =>
    steps.map((step) => ({ ...step, name: `window ${index + 1}, ${type}`, window: index })),
  );
  return experimentSchema.parse({
    title: `Campaign ${options.seed}`,
    description: `${windows.length} windows of faults, in bursts, drawn from the seed ${options.seed}, over ${options.messages} messages.`,
    steadyState: STEADY_STATE,
    method,
    rollbacks: [{ name: "everything is healed", action: "heal-all" }],
    // Partitions touch whoever has anybody in the other zone.
    blastRadius: { mostTargets: 50, mostShare: 1 },
    executedWithinMilliseconds: EXECUTED_WITHIN,
    load: { everyMilliseconds: Math.max(1, Math.floor(methodMilliseconds({ method }) / options.messages)) },
  });
}
