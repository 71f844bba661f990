import { fleetTargets, Scraper } from "../../../../alerting/adapters/scraper.ts";
import { METRIC_NAME } from "../../../../alerting/core/promql.ts";
import { prepareSelector, SampleIndex } from "../../../../alerting/core/samples.ts";
import type { Logger } from "../../../../platform/log.ts";
import type { RunningRole } from "../../../../platform/role-files.ts";
import type { MetricFacts } from "../facts.ts";
import { metricFacts } from "../metric-facts.ts";

/** Reads what the roles on this machine show of themselves, as alerting does. */
export class MetricsSource {
  readonly #samples = new SampleIndex();
  readonly #scraper: Scraper;
  readonly #now: () => number;

  constructor(services: {
    readonly roles: () => readonly RunningRole[];
    readonly now: () => number;
    readonly logger: Logger;
  }) {
    const { roles, now, logger } = services;
    this.#now = now;
    this.#scraper = new Scraper({
      ...{ samples: this.#samples, now, logger },
      targets: () => fleetTargets(roles()),
      onScraped: () => undefined, // alerting counts its own
    });
  }

  async read(signal: AbortSignal): Promise<MetricFacts> {
    await this.#scraper.scrape(signal);
    return metricFacts((name) => {
      const selector = prepareSelector([{ name: METRIC_NAME, operator: "=", value: name }]);
      return this.#samples.select(selector, this.#now());
    });
  }
}
