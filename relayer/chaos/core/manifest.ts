import { ConfigurationError } from "../../domain/errors.ts";
import type { Experiment, Step } from "./experiment.ts";
import { chaosOf } from "./manifest-faults.ts";
import { type Chaos, type Json, LABELS } from "./manifest-selectors.ts";
import type { Schedule } from "./schedule.ts";

/** A resource of Chaos Mesh, as `kubectl apply` takes it. */
export type Manifest = {
  readonly apiVersion: "chaos-mesh.org/v1alpha1";
  readonly kind: Chaos["kind"] | "Schedule";
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Json;
};

/** Says how long after the first of an experiment's resources this one is to be applied: Chaos Mesh begins at once. */
export const START_ANNOTATION = "dchat.dev/start-after";
/** Chaos Mesh's own: a schedule with it makes no runs. */
const PAUSE_ANNOTATION = "experiment.chaos-mesh.org/pause";

/** The keys of a schedule's specification by kind. */
const SCHEDULED = {
  NetworkChaos: "networkChaos",
  PodChaos: "podChaos",
  StressChaos: "stressChaos",
  IOChaos: "ioChaos",
  TimeChaos: "timeChaos",
} as const satisfies Record<Chaos["kind"], string>;

/**
 * The resources that do an experiment's faults in a Kubernetes cluster, one a step, in the order of their beginnings.
 * @param namespace where the fleet's pods are
 * @throws ConfigurationError `NOT_IN_CHAOS_MESH` for a fault or a choice that Chaos Mesh does not have, by name; nothing is generated then
 */
export function manifestsOf(experiment: Experiment, namespace: string): readonly Manifest[] {
  return experiment.method
    .toSorted((a, b) => a.startMilliseconds - b.startMilliseconds)
    .map((step, i) => {
      const { kind, spec } = chaosOf(step, namespace);
      const start = step.startMilliseconds;
      const annotations = start === 0 ? {} : { annotations: { [START_ANNOTATION]: `${start}ms` } };
      return manifest(kind, { name: nameOf(experiment.title, i), namespace, ...annotations }, spec);
    });
}

/**
 * The resources that do the same again and again by a schedule.
 * @throws ConfigurationError `NOT_IN_CHAOS_MESH`, also for a schedule with jitter or seconds, and for steps that do not begin at once
 */
export function scheduledManifestsOf(
  experiment: Experiment,
  schedule: Schedule,
  namespace: string,
): readonly Manifest[] {
  refuse(schedule.jitterMilliseconds > 0, "a schedule with jitter");
  refuse(schedule.cron.trim().split(/\s+/).length !== 5, "a schedule with seconds");
  return experiment.method.map((step: Step, i) => {
    refuse(step.startMilliseconds > 0, "a schedule of steps that begin one after the other");
    const { kind, spec } = chaosOf(step, namespace);
    const annotations = schedule.isEnabled ? {} : { annotations: { [PAUSE_ANNOTATION]: "true" } };
    return manifest(
      "Schedule",
      { name: nameOf(schedule.name, i), namespace, ...annotations },
      {
        schedule: `CRON_TZ=${schedule.timeZone} ${schedule.cron.trim()}`,
        type: kind,
        concurrencyPolicy: schedule.overlap,
        historyLimit: 5,
        [SCHEDULED[kind]]: spec,
      },
    );
  });
}

function refuse(isRefused: boolean, what: string): void {
  if (!isRefused) return;
  throw new ConfigurationError(
    "NOT_IN_CHAOS_MESH",
    `Chaos Mesh does not have ${what}. Nothing was generated; let dchat's own scheduler run it.`,
  );
}

function manifest(
  kind: Manifest["kind"],
  metadata: Omit<Manifest["metadata"], "labels">,
  spec: Json,
): Manifest {
  const labels = { [LABELS.partOf]: "dchat", [LABELS.managedBy]: "dchat-chaos" };
  return { apiVersion: "chaos-mesh.org/v1alpha1", kind, metadata: { ...metadata, labels }, spec };
}

/** The longest name that leaves room for what Chaos Mesh adds to a schedule's. */
const MOST_NAME = 50;

/** A name that Kubernetes takes: small letters, digits and dashes. */
function nameOf(title: string, index: number): string {
  const plain = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, MOST_NAME)
    .replace(/^-+|-+$/g, "");
  return `${plain === "" ? "experiment" : plain}-${index + 1}`;
}
