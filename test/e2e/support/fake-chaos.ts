import type { CatalogueView, PreviewView, Run, RunDetail } from "../../../web/dashboard/core/chaos-schema.ts";
import type { Scene } from "./fake-fleet.ts";

/** What a controller of chaos would answer about a fleet that was made up. */

const MECHANISM = {
  tier: "portable",
  name: "proxy",
  what: "the proxy of each link holds what passes",
} as const;

export function fakeCatalogue(): CatalogueView {
  const scenarios = [
    [
      "high-latency",
      "High Latency",
      "The links of senders are slow; deliveries take longer, and none is lost.",
    ],
    ["disk-slow", "Slow Disk", "Every flush of Redis takes half a second."],
    ["zone-failure", "Zone Failure", "All of zone B is gone at once, and comes back."],
    [
      "cascading-failure",
      "Cascading Failure",
      "One process after the other is killed before the last is back.",
    ],
  ] as const;
  return {
    scenarios: scenarios.map(([id, title, description]) => ({ id, title, description, seconds: 120 })),
    faults: [{ type: "Latency" }],
    processes: [{ name: "redis" }],
  };
}

export function fakePreview(): PreviewView {
  const targets = ["sender-A>redis", "sender-B>redis"];
  return {
    title: "High Latency",
    steps: [
      {
        ...{ fault: { type: "Latency" }, mechanism: MECHANISM, targets },
        ...{ startMilliseconds: 0, durationMilliseconds: 12_000 },
      },
    ],
    ...{ suffering: ["sender-A", "sender-B"], processes: 19, milliseconds: 12_000 },
  };
}

function runOf(i: number): Run {
  const base = { askedBy: "local", askedAt: Date.now() - 20_000 - 3_600_000 * i };
  if (i === 0) return { id: "run-0", title: "High Latency", ...base, state: "Running" };
  const kind = (["passed", "failed", "ineffective"] as const)[i % 3] ?? "passed";
  return {
    ...{ id: `run-${i}`, title: "Zone Failure", ...base, state: kind === "failed" ? "Failed" : "Completed" },
    verdict: { kind, reason: "all probes held before, during and after, and the checker found nothing" },
    recovery: { detect: 900, firstSuccess: 1_400, drained: 3_200, steady: 3_400 },
  };
}

export function fakeRuns(scene: Scene): { readonly runs: readonly Run[] } {
  const count = { usual: 0, empty: 0, large: 200, trouble: 5 }[scene];
  return { runs: Array.from({ length: count }, (_, i) => runOf(i)) };
}

export function fakeRun(id: string): RunDetail {
  const run = runOf(Number(id.replace("run-", "")));
  const isLive = run.verdict === undefined;
  const at = isLive ? Date.now() - 20_000 : run.askedAt;
  const phases = [
    { state: "Pending", at, reason: "it was asked for" } as const,
    { state: "Running", at: at + 4_000, reason: "the steady state holds" } as const,
    ...(isLive ? [] : [{ state: "Recovering", at: at + 16_000, reason: "the faults are over" } as const]),
  ];
  const seconds = Array.from({ length: isLive ? 20 : 28 }, (_, i) => i);
  return {
    run,
    record: {
      phases,
      faults: ["sender-A>redis", "sender-B>redis"].map((name, i) => ({
        ...{ type: "Latency", mechanism: MECHANISM, targets: [{ name }], injectedAt: at + 4_000 + 2_000 * i },
        ...(isLive && i === 1 ? {} : { healedAt: at + 12_000 + 2_000 * i }),
        effect: {
          ...{ measure: "round trip through the proxy (ms)", before: 0.4, during: 251, inFlight: 6 },
          isEffective: i === 0,
        },
      })),
      skipped: [],
      messages: 84,
      series: {
        throughput: seconds.map((i): [number, number] => [
          at + 1_000 * i,
          i > 4 && i < 14 ? 1.2 : 4 + (i % 3),
        ]),
        latency: [],
      },
      violations: [],
    },
  };
}
