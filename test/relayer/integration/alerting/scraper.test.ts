import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { after, before, describe, it } from "node:test";
import { fleetTargets, Scraper } from "../../../../relayer/alerting/adapters/scraper.ts";
import { prepareSelector, SampleIndex } from "../../../../relayer/alerting/core/samples.ts";
import type { ScrapeTarget } from "../../../../relayer/alerting/ports.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";

const { signal } = new AbortController();

describe("scraping a page of metrics", () => {
  let page = "";
  let status = 200;
  let server: Server;
  let targets: ScrapeTarget[];
  const samples = new SampleIndex();
  const scraper = new Scraper({
    samples,
    targets: () => targets,
    now: () => 1_000,
    onScraped: () => undefined,
    logger: createLogger("silent", {}),
  });
  const values = (name: string) =>
    samples
      .select(prepareSelector([{ name: "__name__", operator: "=", value: name }]), 1_000)
      .map(({ labels, value }) => [labels, value]);

  before(async () => {
    server = createServer((_, response) => {
      response.writeHead(status, status === 302 ? { location: "http://127.0.0.1:1/" } : {}).end(page);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert(typeof address === "object" && address !== null);
    targets = [
      ...fleetTargets([{ role: "watcher", chain: "A", pid: 1, url: `http://127.0.0.1:${address.port}` }]),
    ];
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it("gives every series the names of its target, and `up` 1", async () => {
    page = 'lag{to="B"} 5\nlag{to="C",instance="x",role="watcher"} 6\n';
    assert(await scraper.scrape(signal));
    const own = { job: "dchat", instance: "watcher-A", role: "watcher", chain: "A" };
    assert.deepEqual(values("lag"), [
      [{ __name__: "lag", to: "B", ...own }, 5],
      [{ __name__: "lag", to: "C", ...own, exported_instance: "x" }, 6],
    ]);
    assert.deepEqual(values("up"), [[{ __name__: "up", ...own }, 1]]);
    assert.equal(await scraper.scrape(signal), false);
  });

  it("lets a series go that is no longer there", async () => {
    page = 'lag{to="B"} 7\n';
    assert(await scraper.scrape(signal));
    assert.deepEqual(
      values("lag").map(([, value]) => value),
      [7],
    );
  });

  for (const [why, given, answer] of [
    ["refuses", "lag 1\n", 500],
    ["leads elsewhere", "lag 1\n", 302],
    ["is malformed in one line", "lag 1\n<html>\n", 200],
  ] as const)
    it(`takes nothing from one that ${why}, but that it is down`, async () => {
      [page, status] = [given, answer];
      await scraper.scrape(signal);
      assert.deepEqual([values("lag"), values("up").map(([, value]) => value)], [[], [0]]);
    });

  it("knows nothing more of a target that is gone", async () => {
    targets = [];
    assert(await scraper.scrape(signal));
    assert.deepEqual([values("up"), samples.size, scraper.isComplete], [[], 0, true]);
  });
});
