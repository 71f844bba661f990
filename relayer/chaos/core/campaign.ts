import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { z } from "zod";
import { chain, defaultTopology, type Topology } from "./catalogue.ts";
import { type ExperimentInput, experimentSchema, type Step } from "./experiment.ts";
import type { Selector } from "./selector.ts";

/** The eight types of which windows are drawn. */
export const CAMPAIGN_TYPES = [
  "Latency",
  "PacketLoss",
  "CpuSpike",
  "MemoryPressure",
  "DiskSlow",
  "NetworkPartition",
  "ServiceCrash",
  "CascadingFailure",
] as const;
/** {@link CAMPAIGN_TYPES} */
export type CampaignType = (typeof CAMPAIGN_TYPES)[number];

/**
 * What takes time to be there, or to be seen, lasts no shorter than this, where it may last so long: a program fills memory, an inspector opens,
 * and one durable commit waits for the disk four times.
 */
const LEAST_MILLISECONDS: Partial<Record<CampaignType, number>> = { MemoryPressure: 3_000, DiskSlow: 4_000 };

const milliseconds = z.number().int().min(1).max(86_400_000);
const weight = z.number().int().min(0).max(1_000);

/** What a campaign is drawn from. The same options give the same windows, on every machine. */
export const campaignSchema = z
  .strictObject({
    /** 32 bits. */
    seed: z.number().int().min(0).max(0xffff_ffff),
    windows: z.number().int().min(1).max(10_000).default(200),
    /** How many messages are sent at least while they last. */
    messages: z.number().int().min(1).max(1_000_000).default(2_000),
    /** How long one window lasts; where the fault itself takes a while to be there, somewhat longer than the least. */
    leastMilliseconds: milliseconds.default(1_000),
    mostMilliseconds: milliseconds.default(5_000),
    /** How many windows are in a burst at most: those of one burst overlap. */
    mostBurst: z.number().int().min(1).max(100).default(4),
    /** How long nothing lasts after each burst: without it, nobody could tell how long the fleet takes to come back. */
    calmMilliseconds: milliseconds.default(5_000),
    /** How often each type is drawn, compared with the others; 1 where nothing is said. */
    weights: z.partialRecord(z.enum(CAMPAIGN_TYPES), weight).default({}),
  })
  .refine((options) => options.leastMilliseconds <= options.mostMilliseconds, {
    path: ["mostMilliseconds"],
    message: "expected at least leastMilliseconds",
  })
  .refine(({ weights }) => CAMPAIGN_TYPES.some((type) => (weights[type] ?? 1) > 0), {
    path: ["weights"],
    message: "expected one type at least to be drawn at all",
  });
/** {@link campaignSchema}, read. */
export type CampaignOptions = z.output<typeof campaignSchema>;

/** One window of a campaign: faults of one type, from a moment on. */
export type CampaignWindow = {
  /** From 0. */
  readonly index: number;
  readonly type: CampaignType;
  /** From the beginning of the campaign. */
  readonly startMilliseconds: number;
  readonly durationMilliseconds: number;
  /** With offsets from the beginning of the campaign. */
  readonly steps: readonly Step[];
};

/** A die that gives the same numbers for the same seed. */
type Draw = (least: number, most: number) => number;

/** The windows of a campaign, in the order of their beginnings: bursts of windows that overlap, with calm after each. */
export function drawCampaign(
  options: CampaignOptions,
  topology: Topology = defaultTopology,
): readonly CampaignWindow[] {
  const random = xoroshiro128plus(options.seed);
  const draw: Draw = (least, most) => uniformInt(random, least, most);
  let start = 0;
  let end = 0;
  let leftInBurst = draw(1, options.mostBurst);
  return Array.from({ length: options.windows }, (_, index) => {
    const window = drawWindow(index, start, { options, draw, topology });
    end = Math.max(end, start + window.durationMilliseconds);
    if (--leftInBurst > 0) start += draw(0, window.durationMilliseconds - 1);
    else {
      leftInBurst = draw(1, options.mostBurst);
      start = end + options.calmMilliseconds;
    }
    return window;
  });
}

type Drawing = { readonly options: CampaignOptions; readonly draw: Draw; readonly topology: Topology };

function drawWindow(
  index: number,
  startMilliseconds: number,
  { options, draw, topology }: Drawing,
): CampaignWindow {
  const type = drawType(options, draw);
  const drawn = draw(options.leastMilliseconds, options.mostMilliseconds);
  const duration = Math.max(drawn, Math.min(options.mostMilliseconds, LEAST_MILLISECONDS[type] ?? 0));
  const steps = stepsOf(type, { duration, draw, topology }).map((step) => ({
    ...step,
    startMilliseconds: startMilliseconds + (step.startMilliseconds ?? 0),
  }));
  return {
    ...{ index, type, startMilliseconds, durationMilliseconds: duration },
    steps: experimentSchema.shape.method.parse(steps),
  };
}

function drawType({ weights }: CampaignOptions, draw: Draw): CampaignType {
  const weightOf = (type: CampaignType) => weights[type] ?? 1;
  let left = draw(
    1,
    CAMPAIGN_TYPES.reduce((sum, type) => sum + weightOf(type), 0),
  );
  for (const type of CAMPAIGN_TYPES) {
    left -= weightOf(type);
    if (left <= 0) return type;
  }
  throw new Error("the weights add up to less than their sum");
}

type StepInput = ExperimentInput["method"][number];
type Window = { readonly duration: number; readonly draw: Draw; readonly topology: Topology };

function stepsOf(type: CampaignType, window: Window): readonly StepInput[] {
  const { duration, draw, topology } = window;
  if (type === "CascadingFailure") {
    const services = [topology.database, topology.cache, topology.api];
    return chain(services, Math.max(1, Math.floor(duration / 5)), duration);
  }
  if (type === "NetworkPartition") {
    const isFirst = draw(0, 1) === 0;
    const [here, there] = topology.zones.map((zone): Selector => ({ kind: "AZ", zone }));
    const to = isFirst ? there : here;
    const selector = isFirst ? here : there;
    // One way in a third of all windows each: asymmetric partitions are what is hard.
    const direction = (["both", "upstream", "downstream"] as const)[draw(0, 2)] ?? "both";
    if (selector === undefined || to === undefined) return [];
    return [{ fault: { type, direction }, selector, to, durationMilliseconds: duration }];
  }
  const service = [topology.sender, topology.signer][draw(0, 1)] ?? topology.sender;
  const selector: Selector = { kind: "Service", service, most: draw(1, 2) };
  return [{ fault: faultOf(type, window), selector, durationMilliseconds: duration }];
}

function faultOf(
  type: Exclude<CampaignType, "CascadingFailure" | "NetworkPartition">,
  { duration, draw }: Window,
): StepInput["fault"] {
  switch (type) {
    case "Latency":
      return { type, milliseconds: draw(100, 1_000), jitterMilliseconds: draw(0, 100) };
    case "PacketLoss":
      return { type, percent: draw(20, 60) };
    case "CpuSpike":
      return { type, percent: draw(60, 100) };
    case "MemoryPressure":
      // Programs that come and go take and give back as much as a hundred or so.
      return { type, megabytes: draw(200, 500) };
    case "DiskSlow":
      return { type, milliseconds: draw(50, 300) };
    case "ServiceCrash":
      return draw(0, 1) === 0
        ? { type, mode: "freeze" }
        : { type, mode: "kill", restartDelayMilliseconds: draw(Math.floor(duration / 2), duration) };
  }
}
