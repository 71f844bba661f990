import { catalogue } from "../../../relayer/chaos/core/catalogue.ts";
import { experimentSchema } from "../../../relayer/chaos/core/experiment.ts";
import { move, pending } from "../../../relayer/chaos/core/lifecycle.ts";
import type { ExperimentRecord, FaultRecord, Point } from "../../../relayer/chaos/core/report/record.ts";
import { processOf } from "./chaos-fleet.ts";

const START = Date.parse("2026-03-04T05:06:07Z");
const SECOND = 1_000;

function fault(step: number, type: string, from: number, to: number, isEffective = true): FaultRecord {
  return {
    step,
    type,
    mechanism: { tier: "portable", name: "proxy", what: "a proxy holds every chunk back" },
    targets: [processOf(`sender-${step + 1}`, "zone-a")],
    injectedAt: START + from * SECOND,
    healedAt: START + to * SECOND,
    effect: {
      measure: "round trip (ms)",
      before: 1.2345,
      during: isEffective ? 251.5 : 1.3,
      isEffective,
      inFlight: 12,
    },
  };
}

const series = (of: (second: number) => number): readonly Point[] =>
  Array.from({ length: 121 }, (_, second) => [START + second * SECOND, of(second)]);
const isHit = (second: number) => second > 30 && second < 80;

/** A run of two minutes that went well: slow and hardly any messages from the 30th to the 80th second, and a burst afterwards. */
export function recordOf(given: Partial<ExperimentRecord> = {}): ExperimentRecord {
  const running = move(pending(START), "Running", START + 20 * SECOND, "the steady state holds");
  const recovering = move(running, "Recovering", START + 80 * SECOND, "the method is over");
  const probe = { name: "nothing is left lying", measure: "backlog" as const, value: 0, holds: true };
  return {
    id: "run-1",
    experiment: experimentSchema.parse(catalogue()["combined-stress"]),
    timeScale: 0.25,
    seed: 42,
    skipped: [],
    messages: 40,
    phases: [
      pending(START),
      running,
      recovering,
      move(recovering, "Completed", START + 120 * SECOND, "the steady state holds again"),
    ],
    faults: [
      fault(0, "Latency", 30, 80),
      fault(1, "CpuSpike", 35, 75),
      fault(2, "MemoryPressure", 45, 70, false),
    ],
    hypothesis: { before: [probe], during: [], after: [{ ...probe, value: undefined, holds: false }] },
    series: {
      throughput: series((second) =>
        isHit(second) ? 1 + (second % 3) / 2 : second < 95 && second >= 80 ? 9 : 4 + Math.sin(second) / 2,
      ),
      latency: series((second) =>
        isHit(second) ? 1_800 + 40 * (second % 7) : 320 + 30 * Math.sin(second / 2),
      ),
    },
    recovery: { detect: 2_340, firstSuccess: 410, drained: 15_000, steady: undefined },
    violations: [],
    verdict: { kind: "passed", reason: "The steady state held before and after, and every fault bit." },
    ...given,
  };
}

/** The same in which every text that people or the fleet gave is this one. */
export function hostileRecord(text: string): ExperimentRecord {
  const record = recordOf();
  const probe = { name: text, measure: "backlog" as const, value: 1, holds: false };
  return {
    ...record,
    id: text,
    experiment: { ...record.experiment, title: text, description: text },
    phases: record.phases.map((phase) => ({ ...phase, reason: text })),
    faults: record.faults.map((each) => ({
      ...each,
      type: text,
      mechanism: { tier: "portable", name: text, what: text },
      targets: [{ ...processOf("x", "y"), name: text }],
    })),
    hypothesis: { before: [probe], during: [probe], after: [probe] },
    violations: [{ rule: "quorum", text }],
    verdict: { kind: "failed", reason: text },
  };
}
