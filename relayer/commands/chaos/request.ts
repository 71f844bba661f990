import { existsSync, readFileSync } from "node:fs";
import type { z } from "zod";
import { type CampaignOptions, campaignSchema } from "../../chaos/core/campaign.ts";
import { SCENARIOS, type ScenarioId } from "../../chaos/core/catalogue.ts";
import { parseExperiment } from "../../chaos/core/experiment-text.ts";
import type { RunRequest } from "../../chaos/core/run-request.ts";
import type { Tier } from "../../chaos/core/target.ts";
import { UsageError } from "../../domain/errors.ts";

/** In which time and by what means something is run. */
export type RequestOptions = {
  readonly timeScale?: string;
  readonly tier: Exclude<Tier, "kubernetes"> | "auto";
};

/** A scenario, or a file with an experiment. @throws UsageError `EXPERIMENT`; ConfigurationError `EXPERIMENT` for a file with mistakes */
export function readWhat(named: string): RunRequest["what"] {
  const scenario = SCENARIOS.find((id): id is ScenarioId => id === named);
  if (scenario !== undefined) return { kind: "scenario", scenario };
  if (existsSync(named))
    return { kind: "experiment", experiment: parseExperiment(readFileSync(named, "utf8"), named) };
  throw new UsageError(
    "EXPERIMENT",
    `There is no scenario and no file ${named}. Nothing was done; the scenarios are ${SCENARIOS.join(", ")}.`,
  );
}

/** @throws UsageError `USAGE`, `EXPERIMENT`; ConfigurationError `EXPERIMENT` */
export function readRequest(named: string, options: RequestOptions): RunRequest {
  return { what: readWhat(named), ...readHow(options) };
}

/** @throws UsageError `USAGE` */
export function readHow({ timeScale, tier }: RequestOptions): Pick<RunRequest, "timeScale" | "tier"> {
  if (timeScale === undefined) return { tier };
  return { timeScale: readNumber("--time-scale", timeScale, 1, 1_000), tier };
}

/** The options of a campaign, as the command line has them. */
export type CampaignTexts = {
  readonly seed?: string;
  readonly windows: string;
  readonly messages: string;
  readonly least: string;
  readonly most: string;
  readonly burst: string;
  readonly calm: string;
};

/** @param freshSeed taken where none is given @throws UsageError `USAGE` */
export function readCampaign(texts: CampaignTexts, freshSeed: number): CampaignOptions {
  const seconds = (option: string, text: string) => Math.round(readNumber(option, text, 0, 86_400) * 1_000);
  const input: z.input<typeof campaignSchema> = {
    seed: texts.seed === undefined ? freshSeed : readNumber("--seed", texts.seed, 0, 0xffff_ffff),
    windows: readNumber("--windows", texts.windows, 1, 10_000),
    messages: readNumber("--messages", texts.messages, 1, 1_000_000),
    leastMilliseconds: seconds("--least", texts.least),
    mostMilliseconds: seconds("--most", texts.most),
    mostBurst: readNumber("--burst", texts.burst, 1, 100),
    calmMilliseconds: seconds("--calm", texts.calm),
  };
  const parsed = campaignSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new UsageError("USAGE", `The campaign is wrong: ${problems.join("; ")}. Nothing was done.`);
}

function readNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= least && value <= most) return value;
  throw new UsageError(
    "USAGE",
    `${option} ${text}: expected a number from ${least} to ${most}. Nothing was done.`,
  );
}
