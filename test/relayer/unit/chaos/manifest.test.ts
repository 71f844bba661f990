import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Ajv } from "ajv";
import fc from "fast-check";
import { parse } from "yaml";
import { z } from "zod";
import { drawCampaign, campaignSchema } from "../../../../relayer/chaos/core/campaign.ts";
import { catalogue } from "../../../../relayer/chaos/core/catalogue.ts";
import {
  type Experiment,
  type ExperimentInput,
  experimentSchema,
} from "../../../../relayer/chaos/core/experiment.ts";
import type { Fault } from "../../../../relayer/chaos/core/fault.ts";
import {
  type Manifest,
  manifestsOf,
  scheduledManifestsOf,
  START_ANNOTATION,
} from "../../../../relayer/chaos/core/manifest.ts";
import { scheduleSchema } from "../../../../relayer/chaos/core/schedule.ts";
import { PROTECTED } from "../../../../relayer/chaos/core/selector.ts";
import { repository } from "../../support/processes.ts";

const definition = z.object({
  spec: z.object({
    names: z.object({ kind: z.string() }),
    versions: z.array(z.object({ schema: z.object({ openAPIV3Schema: z.record(z.string(), z.unknown()) }) })),
  }),
});

/**
 * A schema in which nothing is allowed that it does not name, which a cluster would drop without a word. OpenAPI 3.0 says of a minimum
 * whether it is exclusive; JSON Schema has a number of its own for that, and no schema here needs it.
 */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema)
    .filter(([key, value]) => key !== "exclusiveMinimum" || typeof value !== "boolean")
    .map(([key, value]) => [key, closed(value)]);
  const isOpen = ["additionalProperties", "x-kubernetes-preserve-unknown-fields"].some(
    (key) => key in schema,
  );
  const isClosed = "properties" in schema && !isOpen;
  return { ...Object.fromEntries(entries), ...(isClosed ? { additionalProperties: false } : {}) };
}

const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
const validators = new Map(
  ["networkchaos", "podchaos", "stresschaos", "iochaos", "timechaos", "schedules"].map((name) => {
    const text = readFileSync(join(repository, "test/vectors/chaos-mesh", `${name}.yaml`), "utf8");
    const { spec } = definition.parse(parse(text));
    const schema = closed(spec.versions[0]?.schema.openAPIV3Schema);
    assert.ok(typeof schema === "object" && schema !== null);
    return [spec.names.kind, ajv.compile(schema)] as const;
  }),
);

function requireValid(manifest: Manifest): void {
  const validate = validators.get(manifest.kind);
  assert.ok(validate !== undefined, manifest.kind);
  // Kubernetes checks metadata by rules of its own.
  const { metadata, ...rest } = manifest;
  assert.ok(validate({ ...rest, metadata: {} }), JSON.stringify(validate.errors));
  assert.match(metadata.name, /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
}

const experiment = (method: ExperimentInput["method"], title = "Any"): Experiment =>
  experimentSchema.parse({ ...catalogue()["cpu-spike"], title, method });
const aim = { selector: { kind: "Service" as const, service: "sender" }, durationMilliseconds: 1_000 };

const faults: readonly Fault[] = [
  { type: "Latency", milliseconds: 500, jitterMilliseconds: 50, direction: "both" },
  { type: "PacketLoss", percent: 20, direction: "upstream" },
  { type: "NetworkPartition", direction: "downstream" },
  { type: "CpuSpike", percent: 90.4 },
  { type: "MemoryPressure", megabytes: 500 },
  { type: "DiskSlow", milliseconds: 200 },
  { type: "DiskFull" },
  { type: "ServiceCrash", mode: "kill", restartDelayMilliseconds: 30_000 },
  { type: "ServiceCrash", mode: "kill", restartDelayMilliseconds: 0 },
  { type: "ClockSkew", milliseconds: -60_000 },
  { type: "RedisFailover" },
];
const refused: readonly [Fault, RegExp][] = [
  [{ type: "RpcLie", percent: 100 }, /cannot do RpcLie/],
  [{ type: "RpcLag", blocks: 3 }, /cannot do RpcLag/],
  [{ type: "EventLoopBlock", milliseconds: 100 }, /cannot do EventLoopBlock/],
  [{ type: "Reorg", depth: 2 }, /cannot do Reorg/],
  [
    { type: "ServiceCrash", mode: "freeze", restartDelayMilliseconds: 0 },
    /cannot do ServiceCrash \(freeze\)/,
  ],
];

describe("manifests for Chaos Mesh", () => {
  it("are held against schemas that refuse what is wrong", () => {
    const [good] = manifestsOf(experiment([{ ...aim, fault: faults[0] ?? assert.fail() }]), "dchat");
    assert.ok(good !== undefined);
    requireValid(good);
    for (const spec of [{ ...good.spec, action: "slow" }, { ...good.spec, extra: 1 }, {}])
      assert.throws(() => {
        requireValid({ ...good, spec });
      });
  });

  for (const fault of faults)
    it(`do ${JSON.stringify(fault)}`, () => {
      for (const selector of [
        { kind: "Pod" as const, name: "sender-0" },
        { kind: "Service" as const, service: "sender", most: 2 },
        { kind: "AZ" as const, zone: "a", share: 0.5 },
        { kind: "Region" as const, region: "r" },
      ])
        for (const manifest of manifestsOf(experiment([{ ...aim, fault, selector }]), "dchat"))
          requireValid(manifest);
    });

  for (const [fault, message] of refused)
    it(`refuse ${JSON.stringify(fault)} by name`, () => {
      assert.throws(() => manifestsOf(experiment([{ ...aim, fault }]), "dchat"), {
        code: "NOT_IN_CHAOS_MESH",
        message,
      });
    });

  it("do every scenario of the catalogue but the one that freezes", () => {
    for (const [id, scenario] of Object.entries(catalogue()))
      if (id === "cascading-failure")
        assert.throws(() => manifestsOf(scenario, "dchat"), { code: "NOT_IN_CHAOS_MESH" });
      else for (const manifest of manifestsOf(scenario, "dchat")) requireValid(manifest);
  });

  it("are valid for whatever a campaign draws, unless they are refused by name", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
        const windows = drawCampaign(campaignSchema.parse({ seed, windows: 30 }));
        for (const step of windows.flatMap(({ steps }) => steps)) {
          const one = experiment([step]);
          if (step.fault.type === "ServiceCrash" && step.fault.mode === "freeze")
            assert.throws(() => manifestsOf(one, "dchat"), { code: "NOT_IN_CHAOS_MESH" });
          else for (const manifest of manifestsOf(one, "dchat")) requireValid(manifest);
        }
      }),
      { numRuns: 20 },
    );
  });

  it("have names that Kubernetes takes, whatever the title", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 200 }), (title) => {
        for (const manifest of manifestsOf(experiment([{ ...aim, fault: { type: "DiskFull" } }], title), "x"))
          requireValid(manifest);
      }),
    );
  });

  it("never select the controller and the checker", () => {
    const text = JSON.stringify(manifestsOf(catalogue()["network-partition"], "dchat"));
    for (const name of PROTECTED) assert.equal(text.split(`"${name}"`).length - 1, 4); // both sides of both steps
  });

  it("say when those begin that do not begin at once", () => {
    const fault: Fault = { type: "DiskFull" };
    const [first, second] = manifestsOf(
      experiment([
        { ...aim, fault, startMilliseconds: 5_000 },
        { ...aim, fault },
      ]),
      "dchat",
    );
    assert.equal(first?.metadata.annotations, undefined);
    assert.equal(second?.metadata.annotations?.[START_ANNOTATION], "5000ms");
  });

  it("refuse a count and a share at the same time", () => {
    const selector = { ...aim.selector, most: 1, share: 0.5 };
    assert.throws(() => manifestsOf(experiment([{ ...aim, selector, fault: { type: "DiskFull" } }]), "x"), {
      code: "NOT_IN_CHAOS_MESH",
    });
  });
});

describe("schedules for Chaos Mesh", () => {
  const schedule = (given: object = {}) =>
    scheduleSchema.parse({
      name: "nightly",
      cron: "30 2 * * *",
      timeZone: "Europe/Zurich",
      ...given,
    });

  it("have the time zone in the expression, and forbid overlaps", () => {
    for (const fault of faults) {
      const [manifest] = scheduledManifestsOf(experiment([{ ...aim, fault }]), schedule(), "dchat");
      assert.ok(manifest !== undefined);
      requireValid(manifest);
      assert.partialDeepStrictEqual(manifest.spec, {
        schedule: "CRON_TZ=Europe/Zurich 30 2 * * *",
        concurrencyPolicy: "Forbid",
      });
    }
  });

  it("pause what is disabled", () => {
    const of = experiment([{ ...aim, fault: { type: "DiskFull" } }]);
    const [manifest] = scheduledManifestsOf(of, schedule({ isEnabled: false }), "dchat");
    assert.deepEqual(manifest?.metadata.annotations, { "experiment.chaos-mesh.org/pause": "true" });
  });

  it("refuse jitter, seconds, and steps that do not begin at once", () => {
    const now = experiment([{ ...aim, fault: { type: "DiskFull" } }]);
    const later = experiment([{ ...aim, fault: { type: "DiskFull" }, startMilliseconds: 1 }]);
    for (const [which, given] of [
      [now, { jitterMilliseconds: 5 }],
      [now, { cron: "0 30 2 * * *" }],
      [later, {}],
    ] as const)
      assert.throws(() => scheduledManifestsOf(which, schedule(given), "x"), { code: "NOT_IN_CHAOS_MESH" });
  });
});
