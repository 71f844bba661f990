import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse as renderGoTemplate } from "@evertdespiegeleer/go-template";
import * as kubernetes from "@kubernetes/client-node";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { repository } from "./processes.ts";

const CHART = join(repository, "deploy/helm/dchat");
const RELEASE = { Name: "lane", Namespace: "bridge", Service: "Helm" };

/** An object of Kubernetes, as far as every kind has it. */
const manifestSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()) }),
});
/** {@link manifestSchema}, read. */
export type Manifest = z.infer<typeof manifestSchema>;

/** A text of the chart. */
export const chartFile = (name: string): string => readFileSync(join(CHART, name), "utf8");
/** The values of a file of the chart. */
export const chartValues = (name: string): unknown => parse(chartFile(name));

/** What Helm does with values over defaults: maps are merged, everything else is replaced. */
export function overlay(base: unknown, over: unknown): unknown {
  const maps = [base, over].map((each) => z.record(z.string(), z.unknown()).safeParse(each));
  const [below, above] = maps;
  if (below?.success !== true || above?.success !== true) return over ?? base;
  const entries = Object.entries(above.data).map(([key, value]) => [key, overlay(below.data[key], value)]);
  return { ...below.data, ...Object.fromEntries(entries) };
}

/**
 * Renders the chart with the engine that Helm has (Go's text/template, as WebAssembly). The chart uses nothing of what Helm adds to it.
 * @param change what is done to each template first, to plant a fault
 */
export async function renderChart(
  values: unknown,
  change: (template: string, name: string) => string = (template) => template,
): Promise<readonly Manifest[]> {
  const { version, appVersion } = z
    .object({ version: z.string(), appVersion: z.string() })
    .parse(chartValues("Chart.yaml"));
  const context = { Values: values, Release: RELEASE, Chart: { Version: version, AppVersion: appVersion } };
  const parts = chartFile("templates/_parts.tpl");
  const names = readdirSync(join(CHART, "templates")).filter((name) => name.endsWith(".yaml"));
  const manifests: Manifest[] = [];
  for (const name of names) {
    const text = await renderGoTemplate(
      `${change(parts, "_parts.tpl")}${change(chartFile(`templates/${name}`), name)}`,
      context,
    );
    if (/<no value>|%!/.test(text))
      throw new Error(`${name} asks for a value that there is none of:\n${text}`);
    for (const document of parseAllDocuments(text)) {
      const [error] = document.errors;
      if (error !== undefined) throw new Error(`${name} is no YAML: ${error.message}\n${text}`);
      const content: unknown = document.toJS();
      if (content !== null) manifests.push(manifestSchema.parse(content));
    }
  }
  return manifests;
}

/** The notes that are shown after an installation. */
export function renderNotes(values: unknown): Promise<string> {
  return renderGoTemplate(chartFile("templates/NOTES.txt"), {
    Values: values,
    Release: RELEASE,
    Chart: { AppVersion: "0.1.0" },
  });
}

const attributes = z.array(z.object({ baseName: z.string(), type: z.string() }));
const KINDS: Readonly<Record<string, string>> = {
  "apps/v1 Deployment": "V1Deployment",
  "apps/v1 StatefulSet": "V1StatefulSet",
  "v1 Service": "V1Service",
  "v1 ServiceAccount": "V1ServiceAccount",
  "policy/v1 PodDisruptionBudget": "V1PodDisruptionBudget",
  "networking.k8s.io/v1 NetworkPolicy": "V1NetworkPolicy",
};

/** What Kubernetes would not take of a manifest, or would silently ignore: fields that its kind does not have, and values of another type. */
export function problemsOf(manifest: Manifest): readonly string[] {
  const type = KINDS[`${manifest.apiVersion} ${manifest.kind}`];
  if (type === undefined)
    return [`${manifest.kind} of ${manifest.apiVersion} is no kind that this chart makes`];
  return check(manifest, type, `${manifest.kind} ${manifest.metadata.name}`);
}

function check(value: unknown, type: string, at: string): readonly string[] {
  const [, item] = /^Array<(.+)>$/.exec(type) ?? [];
  const [, member] = /^\{ \[key: string\]: (.+); \}$/.exec(type) ?? [];
  if (item !== undefined)
    return Array.isArray(value)
      ? value.flatMap((each: unknown, i) => check(each, item, `${at}[${i}]`))
      : [`${at} is no list`];
  const scalar = scalarProblem(value, type);
  if (scalar !== undefined) return scalar ? [] : [`${at} is ${JSON.stringify(value)}, no ${type}`];
  const fields = z.record(z.string(), z.unknown()).safeParse(value);
  if (!fields.success) return [`${at} is ${JSON.stringify(value)}, no ${type}`];
  const known = member === undefined ? attributesOf(type) : undefined;
  return Object.entries(fields.data).flatMap(([name, each]) => {
    const found = member ?? known?.get(name);
    return found === undefined ? [`${at} has no field ${name}`] : check(each, found, `${at}.${name}`);
  });
}

/** Whether a value is of a type without fields; undefined for other types. */
function scalarProblem(value: unknown, type: string): boolean | undefined {
  switch (type) {
    case "string":
    case "number":
    case "boolean":
      return typeof value === type;
    case "IntOrString":
      return typeof value === "string" || Number.isInteger(value);
    default:
      return undefined;
  }
}

function attributesOf(type: string): ReadonlyMap<string, string> {
  const model: unknown = Reflect.get(kubernetes, type);
  if (typeof model !== "function") throw new Error(`Kubernetes has no type ${type}`);
  return new Map(
    attributes.parse(Reflect.get(model, "attributeTypeMap")).map(({ baseName, type: of }) => [baseName, of]),
  );
}
