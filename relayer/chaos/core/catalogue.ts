import { type Experiment, type ExperimentInput, experimentSchema, type Step } from "./experiment.ts";
import type { Selector } from "./selector.ts";

/** The names that a fleet has for what the scenarios are done to. */
export type Topology = {
  /** The service that delivers. */
  readonly sender: string;
  /** The service that attests, and writes to its disk before it does. */
  readonly signer: string;
  readonly database: string;
  readonly cache: string;
  readonly api: string;
  /** Two zones between which the fleet is spread. */
  readonly zones: readonly [string, string];
};

/** As the local network names them. */
export const defaultTopology: Topology = {
  sender: "sender",
  signer: "signer",
  database: "database",
  cache: "redis",
  api: "api",
  zones: ["zone-a", "zone-b"],
};

const MINUTE = 60_000;
const SECOND = 1_000;
/** Which share of the fleet a scenario may hit, where it says nothing else. */
const MOST_SHARE = 0.75;

type StepInput = ExperimentInput["method"][number];

/** The ten scenarios of the catalogue, by their ids, in order. */
export const SCENARIOS = [
  "high-latency",
  "packet-loss",
  "cpu-spike",
  "memory-pressure",
  "network-partition",
  "service-crash",
  "cascading-failure",
  "disk-slow",
  "combined-stress",
  "zone-failure",
] as const;
/** {@link SCENARIOS} */
export type ScenarioId = (typeof SCENARIOS)[number];

/** The ten scenarios with their full durations, as experiments on a fleet with these names. */
export function catalogue(topology: Topology = defaultTopology): Readonly<Record<ScenarioId, Experiment>> {
  return { ...faultScenarios(topology), ...compoundScenarios(topology) };
}

type FaultScenarioId = Exclude<
  ScenarioId,
  "network-partition" | "cascading-failure" | "combined-stress" | "zone-failure"
>;

function faultScenarios({ sender, signer }: Topology): Record<FaultScenarioId, Experiment> {
  const senders = { kind: "Service", service: sender } as const;
  const signers = { kind: "Service", service: signer } as const;
  return {
    "high-latency": scenario(
      "High Latency",
      "Everything that senders ask of chains and queues takes half a second longer.",
      [lasting(5 * MINUTE, { type: "Latency", milliseconds: 500, jitterMilliseconds: 50 }, senders)],
    ),
    "packet-loss": scenario(
      "Packet Loss",
      "A fifth of what senders exchange with chains and queues is lost.",
      [lasting(3 * MINUTE, { type: "PacketLoss", percent: 20 }, senders)],
    ),
    "cpu-spike": scenario("CPU Spike", "Nine tenths of a processor are taken from every signer.", [
      lasting(2 * MINUTE, { type: "CpuSpike", percent: 90 }, signers),
    ]),
    "memory-pressure": scenario("Memory Pressure", "Every sender has 500 MB less of memory.", [
      lasting(3 * MINUTE, { type: "MemoryPressure", megabytes: 500 }, senders),
    ]),
    "service-crash": scenario(
      "Service Crash",
      "Every sender is killed, and comes back after half a minute.",
      [
        lasting(
          MINUTE,
          { type: "ServiceCrash", mode: "kill", restartDelayMilliseconds: 30 * SECOND },
          senders,
        ),
      ],
    ),
    "disk-slow": scenario("Disk Slow", "Every flush of a signer's disk takes 200 ms longer.", [
      lasting(4 * MINUTE, { type: "DiskSlow", milliseconds: 200 }, signers),
    ]),
  };
}

function compoundScenarios(topology: Topology): Record<Exclude<ScenarioId, FaultScenarioId>, Experiment> {
  const { sender, signer, zones } = topology;
  const [here, there] = zones.map((zone): Selector => ({ kind: "AZ", zone }));
  const split =
    here && there
      ? [
          { selector: here, to: there },
          { selector: there, to: here },
        ]
      : [];
  return {
    "network-partition": scenario(
      "Network Partition",
      "Nothing passes between the two zones, neither way.",
      split.map((aim) => ({
        ...aim,
        fault: { type: "NetworkPartition" },
        durationMilliseconds: 5 * MINUTE,
      })),
      1, // whoever has anybody in the other zone
    ),
    "cascading-failure": scenario(
      "Cascading Failure",
      "The database freezes, two minutes later the cache, and two minutes later the API; all of them come back at the end.",
      chain([topology.database, topology.cache, topology.api], 2 * MINUTE, 10 * MINUTE),
    ),
    "combined-stress": scenario(
      "Combined Stress",
      "Links are slow, processors are busy and memory is short, all at the same time.",
      [
        lasting(3 * MINUTE, { type: "Latency", milliseconds: 250, jitterMilliseconds: 50 }, of(sender)),
        lasting(3 * MINUTE, { type: "CpuSpike", percent: 70 }, of(signer)),
        lasting(3 * MINUTE, { type: "MemoryPressure", megabytes: 250 }, of(sender)),
      ],
    ),
    "zone-failure": scenario("Zone Failure", "A whole zone is down.", [
      lasting(
        10 * MINUTE,
        { type: "ServiceCrash", mode: "kill", restartDelayMilliseconds: 10 * MINUTE },
        { kind: "AZ", zone: zones[1] },
      ),
    ]),
  };
}

const of = (service: string): Selector => ({ kind: "Service", service });

/** Services that stop one after the other, each until the end. */
export function chain(services: readonly string[], delay: number, duration: number): StepInput[] {
  return services.map((service, i) => ({
    name: `${service} fails`,
    fault: { type: "ServiceCrash", mode: "freeze" },
    selector: of(service),
    startMilliseconds: i * delay,
    durationMilliseconds: duration - i * delay,
  }));
}

function lasting(
  durationMilliseconds: number,
  fault: StepInput["fault"],
  selector: Step["selector"],
): StepInput {
  return { fault, selector, durationMilliseconds };
}

/** What holds of every fleet that is well: messages arrive, each once. */
export const STEADY_STATE: ExperimentInput["steadyState"] = {
  title: "Messages arrive, each once",
  probes: [
    {
      name: "nothing is lost, doubled or forged",
      measure: "violations",
      tolerance: { most: 0 },
      phases: ["before", "after"],
    },
    {
      name: "messages are executed",
      measure: "throughput",
      tolerance: { least: 0.1 },
      phases: ["before", "after"],
    },
    {
      name: "nothing is left lying",
      measure: "backlog",
      tolerance: { most: 20 },
      phases: ["before", "after"],
    },
    { name: "no job fails for good", measure: "failedJobs", tolerance: { most: 0 } },
    {
      name: "every role is ready",
      measure: "readyShare",
      tolerance: { least: 1 },
      phases: ["before", "after"],
    },
  ],
};

/** What all scenarios have in common: nothing is lost or doubled at any time, and the fleet is well before and after. */
function scenario(
  title: string,
  description: string,
  method: StepInput[],
  mostShare = MOST_SHARE,
): Experiment {
  return experimentSchema.parse({
    title,
    description,
    steadyState: STEADY_STATE,
    method,
    rollbacks: [{ name: "everything is healed", action: "heal-all" }],
    blastRadius: { mostTargets: 50, mostShare },
    halting: [{ measure: "backlog", tolerance: { most: 5_000 }, forMilliseconds: 30 * SECOND }],
  });
}
