import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import { once } from "node:events";
import { request } from "node:http";
import { after, before, describe, it } from "node:test";
import { Toxiproxy as Client } from "toxiproxy-node-client";
import { startToxiproxy, type Toxiproxy } from "../../../../relayer/chaos/adapters/toxiproxy/api.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { until } from "../../support/processes.ts";

void describe("Toxiproxy's API, by its Node client", () => {
  let server: Toxiproxy;
  let echo: Server;
  let upstream: string;
  let client: Client;

  before(async () => {
    server = await startToxiproxy(0, { random: Math.random, logger: createLogger("silent", {}) });
    echo = createServer((socket) => socket.on("error", () => undefined).pipe(socket)).listen(0, "127.0.0.1");
    await once(echo, "listening");
    const bound = echo.address();
    assert(bound !== null && typeof bound === "object");
    upstream = `127.0.0.1:${bound.port}`;
    client = new Client(server.url);
  });
  after(async () => {
    await server.close();
    echo.close();
  });

  void it("creates, gets, lists, updates and removes proxies", async () => {
    const made = await client.createProxy({ name: "a", listen: "localhost:0", upstream });
    assert.match(made.listen, /^localhost:[1-9]\d+$/);
    assert.equal(made.enabled, true);
    assert.equal((await client.get("a")).listen, made.listen);
    assert.deepEqual(Object.keys(await client.getAll()), ["a"]);
    const off = await made.update({ enabled: false, listen: made.listen, upstream });
    assert.equal(off.enabled, false);
    assert.equal((await client.get("a")).enabled, false);
    await client.reset();
    assert.equal((await client.get("a")).enabled, true);
    await made.remove();
    assert.deepEqual(await client.getAll(), {});
    await assert.rejects(client.get("a"), /404/);
  });

  void it("refuses a second proxy of the same name", async () => {
    const made = await client.createProxy({ name: "twice", listen: "localhost:0", upstream });
    await assert.rejects(client.createProxy({ name: "twice", listen: "localhost:0", upstream }), /409/);
    await made.remove();
  });

  void it("populates, and leaves alone what is there already", async () => {
    const wanted = [
      { name: "p1", listen: "localhost:0", upstream },
      { name: "p2", listen: "localhost:0", upstream },
    ];
    const first = await client.populate(wanted);
    const second = await client.populate(wanted);
    assert.deepEqual(Object.keys(first), ["p1", "p2"]);
    assert.equal(second["p1"]?.listen, first["p1"]?.listen);
    for (const proxy of Object.values(second)) await proxy.remove();
  });

  void it("says its version", async () => {
    assert.match(await client.getVersion(), /"version":"2\.\d+\.\d+"/);
  });

  const attributes = {
    latency: { latency: 1_000, jitter: 10 },
    bandwidth: { rate: 10 },
    slow_close: { delay: 5 },
    timeout: { timeout: 500 },
    slicer: { average_size: 10, size_variation: 2, delay: 3 },
    limit_data: { bytes: 12 },
    reset_peer: { timeout: 4 },
  } as const;
  for (const [type, given] of Object.entries(attributes)) {
    void it(`creates, gets, updates and removes a toxic ${type}`, async () => {
      const proxy = await client.createProxy({ name: "t", listen: "localhost:0", upstream });
      const toxic = await proxy.addToxic({
        type: type as keyof typeof attributes,
        name: "it",
        stream: "upstream",
        toxicity: 0.5,
        attributes: given,
      });
      assert.deepEqual(toxic.toJson(), {
        attributes: given,
        name: "it",
        stream: "upstream",
        toxicity: 0.5,
        type,
      });
      await toxic.update({
        name: "it",
        type: type as keyof typeof attributes,
        stream: "upstream",
        toxicity: 1,
        attributes: given,
      });
      assert.equal((await proxy.getToxic("it")).toxicity, 1);
      await toxic.remove();
      await assert.rejects(proxy.getToxic("it"), /404/);
      await proxy.remove();
    });
  }

  void it("heals a toxic and a disabled proxy by themselves after their ttl", async () => {
    const proxy = await client.createProxy({ name: "ttl", listen: "localhost:0", upstream });
    const post = (path: string, body: unknown) =>
      fetch(`${server.url}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    await post("/proxies/ttl/toxics", { type: "latency", attributes: { latency: 5, ttl: 30 } });
    await post("/proxies/ttl/toxics", { type: "stall", ttl: 30 });
    assert.equal(server.proxies.get("ttl")?.toxics.length, 2);
    await post("/proxies/ttl", { enabled: false, ttl: 30 });
    assert.equal(server.proxies.get("ttl")?.isEnabled, false);
    await until("all is healed", async () => {
      const answer = await fetch(`${server.url}/proxies/ttl`);
      const { enabled, toxics } = Object(await answer.json()) as { enabled: boolean; toxics: unknown[] };
      return enabled && toxics.length === 0;
    });
    await proxy.remove();
  });

  const refused = [
    ["a foreign Host", { host: "evil.example" }, 403],
    ["an Origin, as pages send", { origin: "http://evil.example" }, 403],
    ["plain text, which pages send without asking", { "content-type": "text/plain" }, 415],
  ] as const;
  for (const [what, headers, status] of refused) {
    void it(`refuses ${what}`, async () => {
      assert.equal(await ask("POST", "/populate", headers, "[]"), status);
    });
  }

  const bad = {
    "no address": { name: "x", listen: "here", upstream: "127.0.0.1:1" },
    "an address beyond loopback": { name: "x", listen: "0.0.0.0:0", upstream: "127.0.0.1:1" },
    "a name that is a path": { name: "../x", listen: "127.0.0.1:0", upstream: "127.0.0.1:1" },
    "a field that nobody knows": { name: "x", listen: "127.0.0.1:0", upstream: "127.0.0.1:1", ttk: 1 },
  };
  for (const [what, body] of Object.entries(bad)) {
    void it(`refuses ${what}`, async () => {
      const type = { "content-type": "application/json" };
      assert.equal(await ask("POST", "/proxies", type, JSON.stringify(body)), 400);
      assert.equal(server.proxies.get("x"), undefined);
    });
  }

  void it("refuses a body that is too large", async () => {
    const body = JSON.stringify("x".repeat(100_000));
    assert.equal(await ask("POST", "/proxies", { "content-type": "application/json" }, body), 413);
  });

  function ask(method: string, path: string, headers: Record<string, string>, body: string): Promise<number> {
    return new Promise((resolve, reject) => {
      request(`${server.url}${path}`, { method, headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      })
        .on("error", reject)
        .end(body);
    });
  }
});
