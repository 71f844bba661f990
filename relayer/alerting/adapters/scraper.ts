import { explain } from "../../domain/errors.ts";
import type { RunningRole } from "../../platform/role-files.ts";
import type { Logger } from "../../platform/log.ts";
import { type HeadCache, parseExposition } from "../core/exposition.ts";
import type { Labels } from "../core/labels.ts";
import { METRIC_NAME } from "../core/promql.ts";
import type { Sample, SampleIndex } from "../core/samples.ts";
import type { ScrapeTarget } from "../ports.ts";

/** How long a page may take, in milliseconds, how long it may be, in bytes, and how many series it may have. */
const MOST_MILLISECONDS = 2_000;
const MOST_BYTES = 32 * 1024 * 1024;
const MOST_SERIES = 100_000;

/** What a scraper works with. */
export type ScraperServices = {
  readonly samples: SampleIndex;
  /** Asked before every round. */
  readonly targets: () => readonly ScrapeTarget[];
  readonly now: () => number;
  /** Told of what became of each scrape. */
  readonly onScraped: (job: string, outcome: "done" | "failed") => void;
  readonly logger: Logger;
};

type Known = {
  readonly heads: HeadCache;
  /** Labels with those of the target, by what the page says. */
  readonly labels: WeakMap<Labels, Labels>;
  isUp: boolean | undefined;
};

/**
 * Reads pages of metrics into the samples. As in Prometheus, a target that cannot be read has `up` 0, and nothing else; one that is no
 * longer among the targets has nothing.
 */
export class Scraper {
  readonly #services: ScraperServices;
  readonly #known = new Map<string, Known>();
  #hasRead = false;

  constructor(services: ScraperServices) {
    this.#services = services;
  }

  /** Whether every target was asked once. */
  get isComplete(): boolean {
    return this.#hasRead;
  }

  /** Asks every target once, side by side. @returns whether any sample changed */
  async scrape(signal: AbortSignal): Promise<boolean> {
    const { samples, targets } = this.#services;
    const now = targets();
    const ids = new Set(now.map(({ id }) => id));
    let changed = false;
    for (const id of this.#known.keys())
      if (!ids.has(id)) {
        this.#known.delete(id);
        changed = samples.drop(sourceOf(id)) || changed;
      }
    const results = await Promise.all(now.map((target) => this.#scrapeOne(target, signal)));
    this.#hasRead = true;
    return results.some((each) => each) || changed;
  }

  async #scrapeOne(target: ScrapeTarget, signal: AbortSignal): Promise<boolean> {
    const { samples, now, onScraped, logger } = this.#services;
    const known = this.#known.get(target.id) ?? { heads: new Map(), labels: new WeakMap(), isUp: undefined };
    this.#known.set(target.id, known);
    const up = { key: "up", labels: { ...target.labels, [METRIC_NAME]: "up" } };
    const job = target.labels["job"] ?? "";
    try {
      const read = await this.#read(target, known, signal);
      known.isUp = true;
      onScraped(job, "done");
      return samples.replace(sourceOf(target.id), [{ ...up, value: 1 }, ...read], now());
    } catch (error) {
      if (signal.aborted) return false;
      if (known.isUp !== false)
        logger.warn({ target: target.id }, `metrics cannot be read: ${explain(error)}`);
      known.isUp = false;
      known.heads.clear();
      onScraped(job, "failed");
      return samples.replace(sourceOf(target.id), [{ ...up, value: 0 }], now());
    }
  }

  async #read(target: ScrapeTarget, known: Known, signal: AbortSignal): Promise<readonly Sample[]> {
    const text = await readPage(
      target.url,
      AbortSignal.any([signal, AbortSignal.timeout(MOST_MILLISECONDS)]),
    );
    const page = parseExposition(text, MOST_SERIES, known.heads);
    if ("problem" in page) throw new Error(`line ${page.line}: ${page.problem}`);
    // Series that came and went leave their heads behind.
    if (known.heads.size > 2 * page.samples.length + 1_000) known.heads.clear();
    return page.samples.map(({ key, labels, value }) => {
      const all = known.labels.get(labels) ?? withTarget(labels, target.labels);
      known.labels.set(labels, all);
      return { key: ` ${key}`, labels: all, value };
    });
  }
}

/** The roles of the fleet on this machine, as targets. Their names stay the same when they start again. */
export function fleetTargets(roles: readonly RunningRole[]): readonly ScrapeTarget[] {
  const counts = new Map<string, number>();
  return roles.map(({ role, chain, url }) => {
    const name = chain === undefined ? role : `${role}-${chain}`;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    const instance = count === 1 ? name : `${name}-${count}`;
    const labels = { job: "dchat", instance, role, ...(chain === undefined ? {} : { chain }) };
    return { id: instance, url: new URL("/metrics", url).href, labels };
  });
}

/** As in Prometheus, what the target is called counts, and what the page says under the same name becomes `exported_…`. */
function withTarget(labels: Labels, target: Labels): Labels {
  const all: Record<string, string> = { ...labels };
  for (const [name, value] of Object.entries(target)) {
    if (Object.hasOwn(all, name) && all[name] !== value) all[`exported_${name}`] = all[name] ?? "";
    all[name] = value;
  }
  return all;
}

async function readPage(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, {
    signal,
    redirect: "error",
    headers: { accept: "text/plain;version=0.0.4" },
  });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(`it answered ${response.status}`);
  }
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let [text, bytes] = ["", 0];
  const body: ReadableStream<Uint8Array> = response.body;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > MOST_BYTES) throw new Error(`it is longer than ${MOST_BYTES} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function sourceOf(id: string): string {
  return `scrape ${id}`;
}
