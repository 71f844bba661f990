import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Toxic } from "../../../../relayer/chaos/core/toxic.ts";
import { until } from "../../support/processes.ts";
import { ProxiedEcho, take } from "../../support/proxied-echo.ts";

const stream = fc.constantFrom<Toxic["stream"]>("upstream", "downstream");
const harmless = fc.oneof(
  fc.record({
    type: fc.constant("latency" as const),
    attributes: fc.record({
      latency: fc.integer({ max: 20, min: 0 }),
      jitter: fc.integer({ min: 0, max: 30 }),
    }),
  }),
  fc.record({
    type: fc.constant("bandwidth" as const),
    attributes: fc.record({ rate: fc.integer({ min: 2_000, max: 50_000 }) }),
  }),
  fc.record({
    type: fc.constant("slicer" as const),
    attributes: fc.record({
      average_size: fc.integer({ min: 512, max: 9_999 }),
      size_variation: fc.integer({ min: 0, max: 99 }),
    }),
  }),
  fc.record({ type: fc.constant("slow_close" as const), attributes: fc.constant({ delay: 5 }) }),
);

void describe("toxics on a proxy", () => {
  void it("pass every byte in order, whatever slows them, and whenever that comes and goes", async () => {
    const changes = fc.array(fc.tuple(harmless, stream, fc.boolean()), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(changes, fc.integer({ min: 1, max: 120_000 }), async (steps, length) => {
        await using echo = await ProxiedEcho.start();
        const client = await echo.connect();
        const sent = randomBytes(length);
        client.write(sent);
        for (const [{ type, attributes }, way, isBrief] of steps) {
          echo.put(type, attributes, { stream: way });
          await new Promise(setImmediate);
          if (isBrief) echo.proxy.remove(type);
        }
        client.end();
        assert(sent.equals(await take(client, length)));
        if (!client.readableEnded) {
          client.resume();
          await once(client, "end");
        }
      }),
      { numRuns: 25 },
    );
  });

  void it("keep a proxy from nothing that is to end at once: not clients that do not read, nor a connection that is still being made", async () => {
    await using echo = await ProxiedEcho.start();
    const client = await echo.connect();
    client.pause();
    client.write(randomBytes(30_000_000));
    await until("the client's side is full", () => client.writableLength > 0 && echo.received > 0);
    // It is to end as soon as the client has read everything, which it never does.
    echo.put("timeout", { timeout: 0 });
    echo.proxy.remove("timeout");
    const making = echo.connect(); // not waited for
    await echo.proxy.disable();
    assert(!echo.proxy.isEnabled);
    client.destroy();
    (await making).destroy();
  });

  void it("delay a round trip by the latency of both ways", async () => {
    await using echo = await ProxiedEcho.start();
    const client = await echo.connect();
    echo.put("latency", { latency: 60 });
    echo.proxy.put({
      name: "up",
      type: "latency",
      stream: "upstream",
      toxicity: 1,
      attributes: { latency: 50, jitter: 0 },
    });
    const began = performance.now();
    client.write("x");
    await take(client, 1);
    assert(performance.now() - began >= 110);
  });

  void it("let what latency holds go as soon as it is gone", async () => {
    await using echo = await ProxiedEcho.start();
    const client = await echo.connect();
    echo.put("latency", { latency: 86_400_000 });
    client.write("x");
    await until("it is held", () => echo.proxy.load.held === 1);
    echo.proxy.remove("latency");
    assert.equal((await take(client, 1)).toString(), "x");
  });

  void it("hold no more than a bound for a stalled direction, and lose nothing", async () => {
    await using echo = await ProxiedEcho.start();
    const client = await echo.connect();
    echo.put("stall", {}, { stream: "upstream" });
    const sent = randomBytes(16_000_000);
    const isThrough = client.write(sent);
    assert(!isThrough);
    let last = -1;
    // It stands still once the proxy and the kernel take no more.
    await until("the client is held up", async () => {
      const before = last;
      last = client.bytesWritten - client.writableLength;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return echo.proxy.load.held >= 1_048_576 && before === last;
    });
    assert(echo.proxy.load.held <= 1_048_576 + 65_536, String(echo.proxy.load.held));
    assert(client.writableLength > 0);
    assert.equal(echo.received, 0);
    echo.proxy.remove("stall");
    assert(sent.equals(await take(client, sent.length)));
  });

  void it("part one way alone, ends of connections included", async () => {
    await using echo = await ProxiedEcho.start();
    const client = await echo.connect();
    echo.put("stall", {}, { stream: "downstream" });
    client.end("x");
    await until("the server hears the client", () => echo.received === 1);
    await until("the answer is held", () => echo.proxy.load.held === 1);
    assert.equal(client.read(), null);
    echo.proxy.remove("stall");
    assert.equal(await text(client), "x");
  });

  void it("swallow everything during a time-out, and end the connection with it", async () => {
    await using echo = await ProxiedEcho.start();
    const client = await echo.connect();
    echo.put("timeout", { timeout: 0 }, { stream: "upstream" });
    client.resume().write("lost");
    const other = await echo.connect();
    other.resume().write("lost");
    echo.proxy.remove("timeout");
    await Promise.all([untilClosed(client), untilClosed(other)]);
    assert.equal(echo.received, 0);
    const third = await echo.connect();
    third.write("x");
    assert.equal((await take(third, 1)).toString(), "x");
  });

  void it("end a connection when its time-out is over", async () => {
    await using echo = await ProxiedEcho.start();
    const client = await echo.connect();
    echo.put("timeout", { timeout: 20 });
    await untilClosed(client);
  });

  void it("reset what is connected and what connects", async () => {
    await using echo = await ProxiedEcho.start();
    const client = await echo.connect();
    const isReset = new Promise<NodeJS.ErrnoException>((resolve) => client.once("error", resolve));
    echo.put("reset_peer", { timeout: 0 });
    assert.equal((await isReset).code, "ECONNRESET");
    const late = await echo.connect();
    await untilClosed(late);
  });

  void it("bite the share of connections that the toxicity says", async () => {
    let draw = 0;
    await using echo = await ProxiedEcho.start(() => draw);
    echo.put("reset_peer", { timeout: 0 }, { toxicity: 0.2 });
    for (draw of [0, 0.199, 0.2, 0.99]) {
      const client = await echo.connect();
      client.write("x");
      const isBitten = await Promise.race([
        untilClosed(client).then(() => true),
        once(client, "data").then(
          () => false,
          () => true,
        ),
      ]);
      assert.equal(isBitten, draw < 0.2);
      client.destroy();
      // One that comes is drawn for once the one before is gone.
      await until("it is gone", () => echo.proxy.load.connections === 0);
    }
  });

  void it("close after so many bytes", async () => {
    await using echo = await ProxiedEcho.start();
    const client = await echo.connect();
    echo.put("limit_data", { bytes: 5 });
    client.write("1234567");
    assert.equal(await text(client), "12345");
  });

  void it("delay the end alone under slow_close", async () => {
    await using echo = await ProxiedEcho.start();
    const client = await echo.connect();
    echo.put("slow_close", { delay: 40 });
    const began = performance.now();
    client.end("x");
    assert.equal(await text(client), "x");
    assert(performance.now() - began >= 40);
  });

  void it("pass no more than the bandwidth", async () => {
    await using echo = await ProxiedEcho.start();
    const client = await echo.connect();
    echo.put("bandwidth", { rate: 200 });
    const began = performance.now();
    client.write(randomBytes(40_960));
    await take(client, 40_960);
    // 200 KB/s: 40 KB take a fifth of a second, and timers may come a little early.
    assert(performance.now() - began >= 150);
  });
});

/** Resolves when the socket is closed, by an error or not. */
function untilClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    socket.resume().once("close", () => {
      resolve();
    });
  });
}
