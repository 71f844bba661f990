import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Ajv } from "ajv";
import { z } from "zod";
import { roles } from "../../../../relayer/commands/roles.ts";
import {
  chartFile,
  chartValues,
  type Manifest,
  overlay,
  problemsOf,
  renderChart,
  renderNotes,
} from "../../support/helm-chart.ts";

const defaults = chartValues("values.yaml");
const example = overlay(defaults, chartValues("ci/example-values.yaml"));
const isValid = new Ajv({ strict: true }).compile(
  z.record(z.string(), z.unknown()).parse(JSON.parse(chartFile("values.schema.json"))),
);

const strings = z.record(z.string(), z.string());
const containerSchema = z.looseObject({
  name: z.string(),
  args: z.array(z.string()),
  env: z.array(z.looseObject({ name: z.string(), valueFrom: z.looseObject({ secretKeyRef: z.object({}) }) })),
  securityContext: z.object({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.object({ drop: z.tuple([z.literal("ALL")]) }),
  }),
  volumeMounts: z.array(
    z.looseObject({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().optional() }),
  ),
  startupProbe: z.object({}),
  livenessProbe: z.object({}),
  readinessProbe: z.object({}),
  resources: z.object({ requests: strings, limits: z.looseObject({ memory: z.string() }) }),
});
const podSchema = z.looseObject({
  automountServiceAccountToken: z.literal(false),
  securityContext: z.looseObject({ runAsNonRoot: z.literal(true) }),
  containers: z.tuple([containerSchema]),
  volumes: z.array(
    z.looseObject({ name: z.string(), secret: z.looseObject({ secretName: z.string() }).optional() }),
  ),
});
const workloadSchema = z.object({
  spec: z.looseObject({
    replicas: z.number(),
    serviceName: z.string().optional(),
    selector: z.object({ matchLabels: strings }),
    template: z.object({ metadata: z.looseObject({ labels: strings }), spec: podSchema }),
    volumeClaimTemplates: z.array(z.looseObject({ metadata: z.object({ name: z.string() }) })).default([]),
  }),
});
const labelled = z.looseObject({ matchLabels: strings.optional() });
/** What selects pods: services by labels alone. */
const selectingSchema = z.object({
  spec: z
    .looseObject({ selector: z.record(z.string(), z.unknown()).optional(), podSelector: labelled.optional() })
    .default({}),
});
const policySchema = z.object({
  spec: z.object({
    podSelector: labelled.extend({
      matchExpressions: z.array(z.looseObject({ values: z.array(z.string()) })).optional(),
    }),
    policyTypes: z.array(z.string()),
    ingress: z.array(z.unknown()).optional(),
    egress: z.array(z.unknown()).optional(),
  }),
});
type Workload = { readonly manifest: Manifest; readonly spec: z.infer<typeof workloadSchema>["spec"] };

const workloadsOf = (manifests: readonly Manifest[]): readonly Workload[] =>
  manifests
    .filter(({ kind }) => ["Deployment", "StatefulSet"].includes(kind))
    .map((manifest) => ({ manifest, spec: workloadSchema.parse(manifest).spec }));
const hasAll = (labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>) =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value);
const rendered = renderChart(example);
const roleOf = ({ spec }: Workload) => spec.template.spec.containers[0].name;

describe("the Helm chart", () => {
  it("makes what Kubernetes takes, without a field that it does not know", async () => {
    const manifests = await rendered;
    assert.deepEqual(manifests.flatMap(problemsOf), []);
    const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    assert.equal(new Set(names).size, names.length, "each once");
    assert(
      manifests.every(
        ({ metadata: { name } }) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name) && name.length <= 63,
      ),
    );
  });

  it("makes one sender and one watcher a chain, one signer a validator, and what is asked for of the rest", async () => {
    const workloads = workloadsOf(await rendered);
    assert.deepEqual(workloads.map(({ manifest: { kind, metadata } }) => `${kind} ${metadata.name}`).sort(), [
      "Deployment lane-indexer",
      "Deployment lane-watcher-base",
      "Deployment lane-watcher-sepolia",
      "StatefulSet lane-alerting",
      "StatefulSet lane-api",
      "StatefulSet lane-keeper-sepolia",
      "StatefulSet lane-sender-base",
      "StatefulSet lane-sender-sepolia",
      "StatefulSet lane-signer-one",
      "StatefulSet lane-signer-three",
      "StatefulSet lane-signer-two",
      "StatefulSet lane-watchtower",
    ]);
    const bare = workloadsOf(await renderChart(defaults)).map(roleOf);
    assert.deepEqual(bare.sort(), ["api", "indexer"]);
  });

  it("runs every container without rights, with probes and limits, and tells it its role", async () => {
    for (const workload of workloadsOf(await rendered)) {
      const { args } = workload.spec.template.spec.containers[0]; // the schema has looked at the rest
      const role = args[args.indexOf("--role") + 1];
      assert(roles.some((known) => known === role));
      assert.equal(role, roleOf(workload));
    }
  });

  it("keeps what is durable on a volume of each pod's own, which outlives the release", async () => {
    const durable = new Set(["signer", "sender", "keeper", "watchtower", "api", "alerting"]);
    for (const workload of workloadsOf(await rendered)) {
      const { manifest, spec } = workload;
      const isDurable = durable.has(roleOf(workload));
      assert.equal(manifest.kind, isDurable ? "StatefulSet" : "Deployment");
      assert.deepEqual(
        spec.volumeClaimTemplates.map(({ metadata }) => metadata.name),
        isDurable ? ["data"] : [],
      );
      if (["signer", "sender", "keeper"].includes(roleOf(workload))) assert.equal(spec.replicas, 1);
      if (isDurable)
        assert.deepEqual(spec["persistentVolumeClaimRetentionPolicy"], {
          whenDeleted: "Retain",
          whenScaled: "Retain",
        });
    }
  });

  it("mounts what each container asks for, secrets for reading alone, and gives keys to those alone that use them", async () => {
    for (const workload of workloadsOf(await rendered)) {
      const { containers, volumes } = workload.spec.template.spec;
      const there = new Set(
        [...volumes, ...workload.spec.volumeClaimTemplates.map(({ metadata }) => metadata)].map(
          ({ name }) => name,
        ),
      );
      for (const { name, mountPath, readOnly } of containers[0].volumeMounts) {
        assert(there.has(name), `${roleOf(workload)} mounts ${name}`);
        if (mountPath.startsWith("/run/secrets")) assert.equal(readOnly, true);
      }
      const secrets = volumes.flatMap(({ secret }) => secret?.secretName ?? []);
      const expected = {
        signer: /^validator-/,
        sender: /^sender-/,
        keeper: /^keeper-/,
        watchtower: /^watchtower$/,
        api: /^dchat-users$/,
      };
      const pattern: RegExp | undefined = Object.entries(expected).find(
        ([role]) => role === roleOf(workload),
      )?.[1];
      assert.equal(secrets.length, pattern === undefined ? 0 : 1, roleOf(workload));
      assert(secrets.every((name) => pattern?.test(name)));
    }
  });

  it("selects what it makes: services, budgets and policies find their pods", async () => {
    const manifests = await rendered;
    const pods = workloadsOf(manifests).map(({ spec }) => spec.template.metadata.labels);
    for (const { spec, manifest } of workloadsOf(manifests)) {
      assert(hasAll(spec.template.metadata.labels, spec.selector.matchLabels));
      assert.equal(
        pods.filter((labels) => hasAll(labels, spec.selector.matchLabels)).length,
        1,
        manifest.metadata.name,
      );
      if (spec.serviceName !== undefined)
        assert(
          manifests.some(({ kind, metadata }) => kind === "Service" && metadata.name === spec.serviceName),
        );
    }
    const selectors = manifests.flatMap((manifest) => {
      const { selector, podSelector } = selectingSchema.parse(manifest).spec;
      const found =
        manifest.kind === "Service" ? selector : (podSelector ?? labelled.parse(selector ?? {})).matchLabels;
      return found ?? [];
    });
    for (const selector of selectors)
      assert(
        pods.some((labels) => hasAll(labels, strings.parse(selector))),
        JSON.stringify(selector),
      );
    const budgets = manifests
      .filter(({ kind }) => kind === "PodDisruptionBudget")
      .map(({ metadata }) => metadata.name);
    assert.deepEqual(budgets.sort(), ["lane-api", "lane-sender", "lane-signer", "lane-watcher"]);
  });

  it("denies everything first, lets only who needs it to the database, and nobody but the ingress to the API", async () => {
    const policies = new Map(
      (await rendered)
        .filter(({ kind }) => kind === "NetworkPolicy")
        .map((manifest) => [manifest.metadata.name, policySchema.parse(manifest).spec] as const),
    );
    const deny = policies.get("lane-deny");
    assert.deepEqual(deny?.policyTypes, ["Ingress", "Egress"]);
    assert.equal(deny.ingress ?? deny.egress, undefined);
    const rolesOf = (policy: string) =>
      policies.get(policy)?.podSelector.matchExpressions?.flatMap(({ values }) => values);
    assert.deepEqual(rolesOf("lane-database"), ["indexer", "api"]);
    assert.deepEqual(policies.get("lane-api")?.ingress, [
      {
        from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "ingress-nginx" } } }],
        ports: [{ port: 8080 }],
      },
    ]);
    assert.equal(rolesOf("lane-chains")?.includes("alerting"), false, "alerting reaches no chain");
  });

  it("says in its notes what was installed", async () => {
    const notes = await renderNotes(example);
    assert.match(notes, /installed as lane: 2 chains, 3 validators/);
    assert.match(notes, /Never run the same validator anywhere else/);
    assert(!notes.includes("<no value>"));
  });
});

describe("the values of the Helm chart", () => {
  const withValue = (over: unknown) => overlay(example, over);
  it("are those of its schema, by default and in the example", () => {
    assert(isValid(defaults), JSON.stringify(isValid.errors));
    assert(isValid(example), JSON.stringify(isValid.errors));
  });
  for (const [what, over] of [
    ["a key that there is none of", { redis: { url: "redis://somewhere" } }],
    ["a tag that means something else tomorrow", { image: { tag: "latest" } }],
    ["a signer without a secret", { validators: [{ slug: "four" }] }],
    [
      "a name that Kubernetes does not take",
      { chains: [{ name: "A", slug: "A_1", rpcSecret: "", senderSecret: "s", keeperSecret: "" }] },
    ],
    ["a network that is none", { networkPolicy: { rpc: [{ cidr: "anywhere", port: 443 }] } }],
  ] as const)
    it(`are refused with ${what}`, () => {
      assert(!isValid(withValue(over)));
    });
});

describe("the check of the Helm chart", () => {
  const planted: readonly (readonly [what: string, from: string, to: string, says: RegExp])[] = [
    [
      "a misspelt field",
      "readOnlyRootFilesystem:",
      "readOnlyRootFileSystem:",
      /has no field readOnlyRootFileSystem/,
    ],
    ["a field at the wrong place", "  serviceName:", "  servicename:", /has no field servicename/],
    [
      "a value of another type",
      "terminationGracePeriodSeconds: 30",
      'terminationGracePeriodSeconds: "30"',
      /"30", no number/,
    ],
    ["text in place of a list", "drop: [ALL]", "drop: ALL", /drop is no list/],
  ];
  for (const [what, from, to, says] of planted)
    it(`finds ${what}`, async () => {
      const manifests = await renderChart(example, (template) => template.replaceAll(from, to));
      assert.match(manifests.flatMap(problemsOf).join("\n"), says);
    });

  it("finds a value that nobody gives", async () => {
    const misspelt = (template: string) => template.replaceAll(".Values.image.tag", ".Values.image.tags");
    await assert.rejects(renderChart(example, misspelt));
  });

  it("finds what is no template", async () => {
    await assert.rejects(
      renderChart(example, (template, name) => (name === "api.yaml" ? `${template}{{- if }}` : template)),
    );
  });
});
