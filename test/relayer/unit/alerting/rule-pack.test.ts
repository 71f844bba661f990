import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, it } from "node:test";
import { collectDefaultMetrics, Registry } from "prom-client";
import { parse } from "yaml";
import { z } from "zod";
import {
  createAttestationMetrics,
  createDeliveryMetrics,
  createLaneMetrics,
  createTokenMetrics,
  createWatchtowerMetrics,
} from "../../../../relayer/bridge/metrics.ts";
import { eventSchema } from "../../../../relayer/domain/event-schema.ts";
import { createChaosMetrics } from "../../../../relayer/chaos/metrics.ts";
import { createKeeperMetrics } from "../../../../relayer/escrow/metrics.ts";
import { createIndexerMetrics, createLagMetrics } from "../../../../relayer/indexer/metrics.ts";
import { createQueueMetrics } from "../../../../relayer/platform/queue-metrics.ts";
import { createRpcMetrics } from "../../../../relayer/platform/rpc/metrics.ts";
import { createTransactionMetrics } from "../../../../relayer/platform/transactions/metrics.ts";
import { samplesOf } from "../../../../relayer/alerting/core/event-samples.ts";
import { parseDuration } from "../../../../relayer/alerting/core/duration.ts";
import { parseRuleTemplate } from "../../../../relayer/alerting/core/template.ts";
import { repository } from "../../support/processes.ts";

const ruleSchema = z.strictObject({
  alert: z.string().regex(/^[A-Z][A-Za-z]+$/),
  expr: z.string(),
  for: z
    .string()
    .refine((text) => parseDuration(text) !== undefined)
    .optional(),
  labels: z.strictObject({ severity: z.enum(["critical", "warning", "info"]) }),
  annotations: z.strictObject({
    summary: z.string().min(5),
    description: z.string().min(5),
    runbook_url: z.string(),
  }),
});
const fileSchema = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(ruleSchema).min(1) })).min(1),
});

const files = globSync(`${repository}/relayer/alerting/rules/*.rules.yml`).sort();
const rules = files.flatMap((file) =>
  fileSchema.parse(parse(readFileSync(file, "utf8"))).groups.flatMap((group) => group.rules),
);
const runbook = readFileSync(`${repository}/docs/operations/runbook.md`, "utf8");

/** Every metric that a role exports, with its labels. */
function exported(): ReadonlyMap<string, readonly string[]> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  createChaosMetrics(registry);
  createDeliveryMetrics(registry);
  createAttestationMetrics(registry);
  createLaneMetrics(registry);
  createTokenMetrics(registry);
  createWatchtowerMetrics(registry);
  createKeeperMetrics(registry);
  createIndexerMetrics(registry);
  createLagMetrics(registry, () => Promise.resolve([]));
  createQueueMetrics(registry, () => Promise.resolve(new Map()));
  createRpcMetrics(registry);
  createTransactionMetrics(registry);
  const labelled = z.object({ name: z.string(), labelNames: z.array(z.string()).default([]) });
  const known = registry.getMetricsAsArray().map((metric) => labelled.parse(metric));
  return new Map(known.map(({ name, labelNames }) => [name, labelNames]));
}

/** Events that rules ask for. */
const EVENTS = [
  { kind: "rpc-outvoted", chain: "A", provider: "one", method: "eth_call", said: "1", agreed: "2" },
  { kind: "rpc-no-agreement", chain: "A", reason: "too-few", method: "eth_call", needed: 2, answers: [] },
  { kind: "deep-reorg", chainId: 31_337, depth: 4, ancestor: 4, points: [] },
].map((event) => eventSchema.parse(event));

/** The labels of a metric, or of an event of the kind that is asked for; undefined where nobody exports it. */
function labelsOf(metric: string, value: string | undefined): readonly string[] | undefined {
  if (metric === "up") return [];
  if (metric !== "dchat_event") return exported().get(metric);
  const event = EVENTS.find(({ kind }) => kind === value);
  return event && samplesOf(event, 0).flatMap(({ labels }) => Object.keys(labels));
}

const SELECTOR = String.raw`(?<metric>[a-z_][a-z0-9_]*)(?:\{(?<label>[a-z]+)(?:=|=~)"(?<value>[a-z|-]+)"\})?`;
const COMPARISON = new RegExp(String.raw`^${SELECTOR} (?:>|<|==|!=|>=|<=) [0-9.]+(?:e\d+)?$`);
const ABSENCE = new RegExp(String.raw`^absent\(${SELECTOR}\)$`);
/** What the scraper itself adds: `up`, and these labels on every series. */
const SCRAPED = ["job", "instance", "role"];

describe("the default rules", () => {
  it("are there for bridge, chaos, escrow and fleet", () => {
    assert.deepEqual(
      files.map((file) => basename(file)),
      ["bridge.rules.yml", "chaos.rules.yml", "escrow.rules.yml", "fleet.rules.yml"],
    );
    const names = rules.map(({ alert }) => alert);
    assert.equal(new Set(names).size, names.length);
  });

  for (const { alert, expr, annotations } of rules)
    it(`${alert}: asks for a metric that the fleet exports, in an expression that alerting takes`, () => {
      const groups = (COMPARISON.exec(expr) ?? ABSENCE.exec(expr))?.groups;
      assert(groups !== undefined, expr);
      const metric = groups["metric"] ?? "";
      const labels = labelsOf(metric, groups["value"]);
      assert(labels !== undefined, `nobody exports ${metric}`);
      const known = [...labels, ...SCRAPED];
      if (groups["label"] !== undefined) assert(known.includes(groups["label"]), groups["label"]);
      for (const text of [annotations.summary, annotations.description]) {
        parseRuleTemplate(text);
        for (const [, label = ""] of text.matchAll(/\$labels\.(\w+)/g))
          assert(known.includes(label), `${metric} has no label ${label}`);
      }
    });

  it("each have an entry in the runbook, and the runbook has no other", () => {
    const headings = [...runbook.matchAll(/^### (\w+)$/gm)].map(([, name = ""]) => name);
    assert.deepEqual(headings.toSorted(), rules.map(({ alert }) => alert).toSorted());
    for (const { alert, annotations } of rules)
      assert.equal(annotations.runbook_url, `docs/operations/runbook.md#${alert.toLowerCase()}`);
  });

  it("stand in the runbook as they are, with what they mean, how to see it and what to do", () => {
    for (const { alert, expr, for: held, labels } of rules) {
      const entry = runbook.split(`### ${alert}\n`)[1]?.split(/^##/m)[0] ?? "";
      const when = held === undefined ? `\`${expr}\`, at once` : `\`${expr}\` for ${held}`;
      assert(entry.toLowerCase().includes(`${labels.severity}: ${when}.`.toLowerCase()), alert);
      for (const part of ["For money", "To see it", "To do"])
        assert.match(entry, new RegExp(`- \\*\\*${part}\\*\\*: \\S`));
    }
  });

  it("the runbook's links lead to files that are there", () => {
    for (const [, file = ""] of runbook.matchAll(/\]\(((?:\.\.\/)?[\w-]+\.md)(?:#[\w-]+)?\)/g))
      assert(globSync(`${repository}/docs/operations/${file}`).length === 1, file);
  });
});
