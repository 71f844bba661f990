import { stringify } from "yaml";
import { catalogue } from "../../chaos/core/catalogue.ts";
import { type Manifest, manifestsOf, scheduledManifestsOf } from "../../chaos/core/manifest.ts";
import { scheduleSchema } from "../../chaos/core/schedule.ts";
import { UsageError } from "../../domain/errors.ts";
import type { LocalContext } from "../context.ts";
import { readWhat } from "./request.ts";

/** The options of `dchat chaos manifest`. */
export type ManifestOptions = {
  readonly namespace: string;
  readonly cron?: string;
  readonly timeZone: string;
};

/** `dchat chaos manifest`: the same experiment for Chaos Mesh, as `kubectl apply -f -` takes it. Needs no network. */
export function printManifests(named: string, options: ManifestOptions, { output }: LocalContext): void {
  const what = readWhat(named);
  if (what.kind === "campaign") throw new Error("a campaign is no name");
  const experiment = what.kind === "scenario" ? catalogue()[what.scenario] : what.experiment;
  const manifests =
    options.cron === undefined
      ? manifestsOf(experiment, options.namespace)
      : scheduledManifestsOf(experiment, readSchedule(options.cron, options.timeZone), options.namespace);
  output.result({ manifests }, textOf(manifests));
}

function readSchedule(cron: string, timeZone: string) {
  const read = scheduleSchema.safeParse({ name: "dchat", cron, timeZone });
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new UsageError("SCHEDULE", `The schedule is wrong: ${problems.join("; ")}. Nothing was generated.`);
}

function textOf(manifests: readonly Manifest[]): string {
  return manifests.map((manifest) => stringify(manifest, { lineWidth: 120 }).trimEnd()).join("\n---\n");
}
