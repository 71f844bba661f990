import { ConfigurationError } from "../../domain/errors.ts";
import type { Step } from "./experiment.ts";
import type { Fault, FaultType } from "./fault.ts";
import { allPods, type Chaos, type Json, podsOf } from "./manifest-selectors.ts";

/** Where the fleet's pods mount what they must not lose: signers' records, senders' journals. */
const VOLUME = "/data";
/** ENOSPC of Linux. */
const NO_SPACE = 28;

/** What Chaos Mesh cannot do, and why. */
const REFUSED = {
  RpcLie: "it does not answer JSON-RPC; dchat's proxy does",
  RpcLag: "it does not answer JSON-RPC; dchat's proxy does",
  EventLoopBlock: "it cannot reach into a process; dchat's portable tier does",
  Reorg: "it knows nothing of chains; dchat asks the node itself",
} as const satisfies Partial<Record<FaultType, string>>;

/** A step in the words of Chaos Mesh. @throws ConfigurationError `NOT_IN_CHAOS_MESH` */
export function chaosOf(step: Step, namespace: string): Chaos {
  const { fault, selector, durationMilliseconds } = step;
  const pods = podsOf(selector, namespace);
  const lasting = { ...pods, duration: milliseconds(durationMilliseconds) };
  switch (fault.type) {
    case "Latency":
    case "PacketLoss":
    case "NetworkPartition":
      return { kind: "NetworkChaos", spec: { ...lasting, ...network(fault, step, namespace) } };
    case "CpuSpike":
      return {
        kind: "StressChaos",
        spec: { ...lasting, stressors: { cpu: { workers: 1, load: Math.round(fault.percent) } } },
      };
    case "MemoryPressure": {
      const memory = { workers: 1, size: `${fault.megabytes}MB` };
      return { kind: "StressChaos", spec: { ...lasting, stressors: { memory } } };
    }
    case "DiskSlow":
    case "DiskFull":
      return {
        kind: "IOChaos",
        spec: { ...lasting, volumePath: VOLUME, path: "**", percent: 100, ...disk(fault) },
      };
    case "ClockSkew": {
      const timeOffset = milliseconds(fault.milliseconds);
      return { kind: "TimeChaos", spec: { ...lasting, timeOffset, clockIds: ["CLOCK_REALTIME"] } };
    }
    case "ServiceCrash":
      return { kind: "PodChaos", spec: crash(fault, pods) };
    case "RedisFailover":
      return { kind: "PodChaos", spec: { ...pods, action: "pod-kill", gracePeriod: 0 } };
    case "RpcLie":
    case "RpcLag":
    case "EventLoopBlock":
    case "Reorg":
      throw refused(fault.type, REFUSED[fault.type]);
  }
}

function network(
  fault: Fault & { readonly type: "Latency" | "PacketLoss" | "NetworkPartition" },
  { to }: Step,
  namespace: string,
): Json {
  // From the clients, who are selected, to the servers, who are the target. All but "to" needs a target.
  const direction = ({ both: "both", upstream: "to", downstream: "from" } as const)[fault.direction];
  const target = { target: to === undefined ? allPods(namespace) : podsOf(to, namespace) };
  switch (fault.type) {
    case "Latency": {
      const [latency, jitter] = [milliseconds(fault.milliseconds), milliseconds(fault.jitterMilliseconds)];
      return { action: "delay", delay: { latency, jitter, correlation: "0" }, direction, ...target };
    }
    case "PacketLoss":
      return {
        action: "loss",
        loss: { loss: String(fault.percent), correlation: "0" },
        direction,
        ...target,
      };
    case "NetworkPartition":
      return { action: "partition", direction, ...target };
  }
}

function disk(fault: Fault & { readonly type: "DiskSlow" | "DiskFull" }): Json {
  return fault.type === "DiskSlow"
    ? { action: "latency", delay: milliseconds(fault.milliseconds), methods: ["flush", "fsync"] }
    : { action: "fault", errno: NO_SPACE, methods: ["write", "create", "mkdir"] };
}

/** Killed once, and started again by Kubernetes as it likes; or kept down for as long as the restart is delayed. */
function crash(
  { mode, restartDelayMilliseconds }: Fault & { readonly type: "ServiceCrash" },
  pods: Json,
): Json {
  if (mode === "freeze") throw refused("ServiceCrash (freeze)", "it kills pods and cannot freeze them");
  return restartDelayMilliseconds === 0
    ? { ...pods, action: "pod-kill", gracePeriod: 0 }
    : { ...pods, action: "pod-failure", duration: milliseconds(restartDelayMilliseconds) };
}

function refused(what: string, why: string): ConfigurationError {
  return new ConfigurationError(
    "NOT_IN_CHAOS_MESH",
    `Chaos Mesh cannot do ${what}: ${why}. Nothing was generated; leave the step out, or run it with another tier.`,
  );
}

/** A duration as Go reads it. */
function milliseconds(count: number): string {
  return `${count}ms`;
}
