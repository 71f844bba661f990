import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { z } from "zod";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { Queues } from "../../../../relayer/platform/queues.ts";
import { inSpan, startTracing } from "../../../../relayer/platform/tracing.ts";
import { hashOf } from "../../support/bridge.ts";
import { PrivateRedis } from "../../support/private-redis.ts";
import { until } from "../../support/processes.ts";

const attribute = z.looseObject({
  key: z.string(),
  value: z.looseObject({ stringValue: z.string().optional() }),
});
const span = z.looseObject({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  attributes: z.array(attribute).default([]),
});
const exported = z.looseObject({
  resourceSpans: z.array(z.looseObject({ scopeSpans: z.array(z.looseObject({ spans: z.array(span) })) })),
});
const about = z.object({ messageId: z.string() });

describe("a trace", () => {
  it("runs from the source log through the queues to the receipt, with the message id", async () => {
    const spans: z.infer<typeof span>[] = [];
    const collector = createServer((request, response) => {
      void text(request).then((body) => {
        const { resourceSpans } = exported.parse(JSON.parse(body));
        spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
        response.setHeader("content-type", "application/json").end("{}");
      });
    });
    collector.listen(0, "127.0.0.1");
    await once(collector, "listening");
    const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    const tracing = await startTracing(url, "test");
    const server = await PrivateRedis.start();
    const queues = new Queues(server.connect(), createLogger("silent", {}), tracing);
    const messageId = hashOf("a message");
    try {
      let delivered = false;
      queues.work("attest-x", about, (data) => queues.add("deliver-x", "d", about, data), { concurrency: 1 });
      queues.work(
        "deliver-x",
        about,
        () => inSpan("deliver", {}, () => Promise.resolve(void (delivered = true))),
        { concurrency: 1 },
      );
      await inSpan("source log", { "dchat.message_id": messageId }, () =>
        queues.add("attest-x", "a", about, { messageId }),
      );
      await until("it is delivered", () => delivered);
    } finally {
      await queues.close();
      await tracing.close();
      await server.stop();
      collector.close();
    }

    const root = spans.find(({ name }) => name === "source log");
    const end = spans.find(({ name }) => name === "deliver");
    assert(root !== undefined && end !== undefined);
    const path: string[] = [];
    const byId = new Map(spans.map((each) => [each.spanId, each]));
    for (let at: typeof root | undefined = end; at !== undefined; at = byId.get(at.parentSpanId ?? "")) {
      assert.equal(at.traceId, root.traceId);
      path.unshift(at.name);
    }
    assert.deepEqual([path[0], path.at(-1)], ["source log", "deliver"]);
    const words = path.join(" > ");
    assert.match(words, /attest-x.*deliver-x/);
    const named = spans.filter(({ attributes }) =>
      attributes.some(({ key, value }) => key === "dchat.message_id" && value.stringValue === messageId),
    );
    assert.equal(named.length >= 3, true, "the source log and both jobs name the message");
  });
});
