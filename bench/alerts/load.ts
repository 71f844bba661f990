import { systemClock } from "../../relayer/platform/clock.ts";
import { wall, type Webhooks } from "./webhooks.ts";

/** How many rules and series, and how many alerts, whoever is measured has to do with. */
export const RULES = 10_000;
const ALERTS = 10_000;
const POST = 100;
const SINGLE_ALERTS = 300;
const WARM_UP = 30;

/** Takes alerts in, as the one that is measured does. */
export type Post = (ids: readonly string[]) => Promise<unknown>;

/** The value below which a part `q` of the values lies. */
export const quantile = (values: readonly number[], q: number) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? 0;

/** Alerts one after the other: from the call that posts it to the webhook's last byte, in milliseconds, 99 % of them. */
export async function measureSingle(post: Post, { cameAt, until }: Webhooks): Promise<number> {
  const latencies: number[] = [];
  for (let i = -WARM_UP; i < SINGLE_ALERTS; i++) {
    const id = `single-${i}`;
    const began = wall();
    await post([id]);
    await until(() => cameAt.has(id));
    if (i >= 0) latencies.push((cameAt.get(id) ?? 0) - began); // what comes before compiles
  }
  return quantile(latencies, 0.99);
}

/**
 * Posts of a hundred alerts.
 * @param every how long from one post to the next, in milliseconds
 */
export async function measureMany(post: Post, { cameAt, until }: Webhooks, name: string, every: number) {
  const ids = Array.from({ length: ALERTS }, (_, i) => `${name}-${i}`);
  const began = new Map<string, number>();
  const known = cameAt.size;
  const start = wall();
  for (let i = 0; i < ids.length; i += POST) {
    const due = start + (i / POST) * every;
    if (due > wall()) await systemClock.sleep(due - wall());
    const some = ids.slice(i, i + POST);
    for (const id of some) began.set(id, wall());
    await post(some);
  }
  await until(() => cameAt.size >= known + ids.length);
  const latencies = ids.map((id) => (cameAt.get(id) ?? 0) - (began.get(id) ?? 0));
  const last = Math.max(...ids.map((id) => cameAt.get(id) ?? 0));
  return { perSecond: (ALERTS * 1_000) / (last - start), p99: quantile(latencies, 0.99) };
}

/** A file of rules that select a series each of the page {@link pageText} gives. */
export function rulesText(): string {
  const rules = Array.from(
    { length: RULES },
    (_, i) =>
      `  - alert: Rule${i}\n    expr: bench_metric{series="${i}"} > 0\n    labels: { id: "rule-${i}" }`,
  );
  return `groups:\n- name: bench\n  rules:\n${rules.join("\n")}\n`;
}

/** A page of metrics with a value for each rule. */
export function pageText(valueOf: (series: number) => number): string {
  const lines = Array.from({ length: RULES }, (_, i) => `bench_metric{series="${i}"} ${valueOf(i)}`);
  return `# TYPE bench_metric gauge\n${lines.join("\n")}\n`;
}
