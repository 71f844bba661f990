import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { afterEach, describe, it } from "node:test";
import { RetryableError } from "../../../../relayer/domain/errors.ts";
import { address, chainId, chainName } from "../../../../relayer/domain/ids.ts";
import { CheckedNode } from "../../../../relayer/chaos/adapters/checker/node.ts";

const account = address.parse("0x00000000000000000000000000000000000000a1");
const block = {
  ...{ number: "0x7", hash: `0x${"07".repeat(32)}`, parentHash: `0x${"06".repeat(32)}`, timestamp: "0x1" },
  ...{ nonce: "0x0000000000000000", difficulty: "0x0", gasLimit: "0x1", gasUsed: "0x0", miner: account },
  ...{ extraData: "0x", transactions: [] },
};

describe("the checker's connection to a node", () => {
  let server: Server;
  let node: CheckedNode;
  let requests = 0;

  /** A node that hangs up on its first requests, and answers the others. */
  async function nodeThatHangsUp(times: number): Promise<void> {
    requests = 0;
    server = createServer((request, response) => {
      requests++;
      if (requests <= times) {
        request.socket.destroy();
        return;
      }
      void json(request).then((body) => {
        const { id } = body as { readonly id: number };
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ jsonrpc: "2.0", id, result: block }));
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const contracts = { outbox: account, inbox: account, deploymentBlock: 0, finality: { depth: 0 } };
    node = new CheckedNode({ chainId: chainId.parse(4_321), name: chainName.parse("T"), ...contracts, url });
  }
  afterEach(async () => {
    node.close();
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });

  it("asks again when it hangs up", async () => {
    await nodeThatHangsUp(2);
    assert.equal((await node.newest()).number, 7);
    assert.equal(requests, 3);
  });

  it("judges nothing when it goes on hanging up", async () => {
    await nodeThatHangsUp(Infinity);
    await assert.rejects(
      node.newest(),
      (error) => error instanceof RetryableError && error.message.includes("Nothing was judged"),
    );
    assert.equal(requests, 3);
  });
});
