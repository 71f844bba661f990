import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";

/** One request as a receiver saw it. */
export type Received = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/** A real HTTP server on a free port of loopback that keeps what it is sent, and answers as the test says. */
export class HttpReceiver {
  readonly received: Received[] = [];
  readonly host: string;
  answer: (response: ServerResponse, request: Received) => void = (response) => response.end("ok");
  readonly #server: ReturnType<typeof createServer>;

  private constructor(server: ReturnType<typeof createServer>, port: number) {
    this.#server = server;
    this.host = `127.0.0.1:${port}`;
  }

  static async start(): Promise<HttpReceiver> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert(typeof address === "object" && address !== null);
    const receiver = new HttpReceiver(server, address.port);
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const seen = {
          path: request.url ?? "",
          headers: request.headers,
          body: Buffer.concat(chunks).toString(),
        };
        receiver.received.push(seen);
        receiver.answer(response, seen);
      });
    });
    return receiver;
  }

  get url(): string {
    return `http://${this.host}/hook/s3cr3t-path`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
