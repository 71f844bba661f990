import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { gaugeOf } from "../../../../relayer/chaos/adapters/gauges.ts";
import { faultSchema } from "../../../../relayer/chaos/core/fault.ts";
import type { LinkTarget } from "../../../../relayer/chaos/core/target.ts";

/** Longer than a lost packet holds an answer up. */
const SLOW_MILLISECONDS = 400;
const PATIENCE = 1_500;
const loss = faultSchema.parse({ type: "PacketLoss", percent: 20 });

/** A server that answers after so long, or not at all. */
async function serve(milliseconds: number | "never"): Promise<Server> {
  const server = createServer((_request, response) => {
    if (milliseconds === "never") response.destroy();
    else setTimeout(() => response.end(), milliseconds);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

const linkTo = (client: string, server: Server): LinkTarget => ({
  kind: "link",
  name: `${client}>chain-A`,
  client,
  server: "chain-A",
  port: (server.address() as AddressInfo).port,
});

describe("the gauges of links", () => {
  let [quick, slow, failing]: Server[] = [];
  let links: { quick: LinkTarget; slow: LinkTarget; alsoSlow: LinkTarget; failing: LinkTarget };
  before(async () => {
    const servers = [await serve(0), await serve(SLOW_MILLISECONDS), await serve("never")] as const;
    [quick, slow, failing] = servers;
    links = {
      quick: linkTo("watcher-A", servers[0]),
      slow: linkTo("sender-A", servers[1]),
      alsoSlow: linkTo("keeper-A", servers[1]),
      failing: linkTo("sender-B", servers[2]),
    };
  });
  after(() => {
    for (const server of [quick, slow, failing]) server?.close();
  });

  async function read(link: LinkTarget, others: readonly LinkTarget[], fault = loss): Promise<number> {
    const options = {
      folder: "unused",
      links: [link, ...others],
      redisUrl: "redis://127.0.0.1:1",
      chainUrl: () => undefined,
    };
    return gaugeOf(fault, link, options)(PATIENCE);
  }

  it("take no loss for what is slow over every link, as on a busy machine", async () => {
    assert.equal(await read(links.slow, [links.alsoSlow]), 0);
  });

  it("see what is held up over one link alone", async () => {
    assert.equal(await read(links.slow, [links.quick]), 1);
    assert.equal(await read(links.slow, []), 1);
  });

  it("see what is not answered, whatever becomes of the other link", async () => {
    assert.equal(await read(links.failing, [links.quick]), 1);
    assert.equal(await read(links.failing, [links.slow]), 1);
  });

  it("do not take a process of the same service for another, for it has the same fault", async () => {
    assert.equal(await read(links.slow, [{ ...links.alsoSlow, client: "sender-B" }, links.quick]), 1);
  });

  it("say a number of milliseconds where nothing answers, too: JSON has no infinity", async () => {
    const latency = faultSchema.parse({ type: "Latency", milliseconds: 100 });
    assert.equal(await read(links.failing, [], latency), PATIENCE);
  });
});
