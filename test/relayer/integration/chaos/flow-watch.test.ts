import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { id } from "ethers";
import { z } from "zod";
import { FlowWatch } from "../../../../relayer/chaos/adapters/flow-watch.ts";
import { Inbox__factory } from "../../../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import { Outbox__factory } from "../../../../types/ethers-contracts/factories/bridge/Outbox__factory.ts";
import { chainWith, FakeNode } from "../../support/fake-node.ts";
import { until } from "../../support/processes.ts";

const SENT = Outbox__factory.createInterface().getEvent("MessageSent").topicHash;
const EXECUTED = Inbox__factory.createInterface().getEvent("MessageExecuted").topicHash;
const call = z.object({ id: z.number(), method: z.string(), params: z.array(z.unknown()) });

void describe("what crosses between the chains", () => {
  const node = new FakeNode(10);
  let server: Server;
  let url: string;
  before(async () => {
    server = createServer((request, response) => {
      void answer(request).then((text) => response.end(text));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  async function answer(request: Parameters<typeof json>[0]): Promise<string> {
    const asked = z.union([call, z.array(call)]).parse(await json(request));
    const one = async ({ id: which, method, params }: z.output<typeof call>) => ({
      ...{ jsonrpc: "2.0", id: which, result: await node.send(method, params) },
    });
    return JSON.stringify(Array.isArray(asked) ? await Promise.all(asked.map(one)) : await one(asked));
  }
  const logAt = (block: number, kind: string, message: string) => ({
    block,
    topics: [kind, id(message)],
    data: "0x",
  });

  void it("is on its way from when it is seen until it is executed, or its block has vanished", async () => {
    await using watch = await FlowWatch.start([{ ...chainWith(1), url }]);
    node.logs = [logAt(11, SENT, "one"), logAt(12, SENT, "two"), logAt(13, SENT, "three")];
    node.newest = 13;
    await until("all are seen", () => watch.inFlight() === 3);
    const moment = Date.now() + 1;
    assert.equal(watch.inFlight(moment), 3);

    node.logs = node.logs.slice(0, 2);
    node.newest = 12; // the third is gone with its block
    await until("it is known to be gone", () => watch.inFlight() === 2);
    node.newest = 14;
    node.logs = [...node.logs, logAt(14, EXECUTED, "one"), logAt(14, SENT, "four")];
    await until(
      "one is executed, and another one sent",
      () => watch.firstExecutedAfter(moment) !== undefined,
    );
    assert.deepEqual([watch.inFlight(), watch.inFlight(moment)], [2, 1], "four is newer");

    node.newest = 15;
    node.logs = [...node.logs, logAt(15, SENT, "three")];
    await until("it is sent again", () => watch.inFlight() === 3);
    assert.equal(watch.inFlight(moment), 2, "it counts from when it was first seen");
  });
});
