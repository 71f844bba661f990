import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** Stands in front of a node and hands everything on, until it has handed on a transaction: then it falls silent. */
export class SilentNode implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async inFrontOf(url: string): Promise<SilentNode> {
    let isSilent = false;
    const handOn = async (body: string) => {
      const headers = { "content-type": "application/json" };
      return (await fetch(url, { method: "POST", headers, body })).text();
    };
    const server = createServer((request, response) => {
      void text(request).then(async (body) => {
        const answer = isSilent ? "" : await handOn(body);
        isSilent ||= body.includes("eth_sendRawTransaction");
        if (isSilent) request.socket.destroy();
        else response.setHeader("content-type", "application/json").end(answer);
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new SilentNode(server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }
}
