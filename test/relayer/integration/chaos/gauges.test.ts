import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gaugeOf } from "../../../../relayer/chaos/adapters/gauges.ts";
import { addToxic } from "../../../../relayer/chaos/adapters/toxiproxy/client.ts";
import { faultSchema } from "../../../../relayer/chaos/core/fault.ts";
import { toxicSchema } from "../../../../relayer/chaos/core/toxic.ts";
import { FakeHttpNode } from "../../support/chaos-cases.ts";
import { ChaosScene, makeLink } from "../../support/chaos-scene.ts";
import { until } from "../../support/processes.ts";

void describe("the gauge of lost packets", () => {
  void it("takes a link on which all answers are late for one that loses nothing", async () => {
    await using scene = new ChaosScene();
    await using node = await FakeHttpNode.start();
    const api = await scene.toxiproxy();
    const link = await makeLink(api, "watcher>chain", node.address);
    const add = (name: string, type: "latency" | "reset_peer", attributes: object) =>
      addToxic(
        api,
        link.name,
        toxicSchema.parse({ name, type, stream: "downstream", toxicity: 1, attributes }),
      );
    await add("late", "latency", { latency: 400, jitter: 0 });
    const gauge = await gaugeOf(faultSchema.parse({ type: "PacketLoss", percent: 100 }), link, {
      ...{ folder: scene.folder, links: [link], redisUrl: "redis://127.0.0.1:1", chainUrl: () => undefined },
    });
    assert((await gauge()) < 0.5);
    await add("lost", "reset_peer", { timeout: 0 });
    await until("it is seen", async () => (await gauge()) === 1);
  });
});
