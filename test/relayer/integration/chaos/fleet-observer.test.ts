import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Registry } from "prom-client";
import { FleetObserver } from "../../../../relayer/chaos/adapters/fleet-observer.ts";
import { readHealthPlace, startHealthServer } from "../../../../relayer/platform/health-server.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { Readiness } from "../../../../relayer/platform/readiness.ts";

const flow = {
  flow: () => ({ throughput: 2, latencyP95: 900 }),
  inFlight: () => 3,
  firstExecutedAfter: () => undefined,
};

describe("what is seen of a fleet", () => {
  it("is how messages flow at each look, and what its roles say, whom many looks ask once", async () => {
    let looks = 0;
    const readiness = new Readiness(() => 1_000 * looks); // a role that would look anew for whoever asks
    readiness.add("chain A", () => {
      looks++;
    });
    const logger = createLogger("silent", {});
    const health = await startHealthServer(readHealthPlace(undefined, undefined), {
      ...{ registry: new Registry(), readiness, logger },
    });
    try {
      const gone = { role: "sender", chain: "A", pid: 2, url: "http://127.0.0.1:1" };
      const roles = [{ role: "watcher", chain: "A", pid: 1, url: health.url }, gone];
      const observer = new FleetObserver(flow, {
        ...{ roles: () => roles, alertingUrl: undefined, windowMilliseconds: 5_000 },
      });
      const samples = await Promise.all([1, 2, 3].map(() => observer.sample()));
      for (const { values } of samples)
        assert.deepEqual(values, {
          ...{ throughput: 2, latencyP95: 900, backlog: 3 },
          ...{ readyShare: 0.5, failedJobs: 0 },
        });
      assert.equal(looks, 1);
    } finally {
      await health.close();
    }
  });
});
