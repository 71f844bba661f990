import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";

const request = z.object({ id: z.unknown(), method: z.string(), params: z.array(z.unknown()).default([]) });
type Request = z.infer<typeof request>;

/** What to do with a request: pass it on, answer it with a result, or with an error in these words. */
export type Fault = undefined | { readonly result: unknown } | { readonly words: string };

/** Stands before a node and does to its answers what `fault` says. */
export class FaultyRpc {
  /** Asked about every request; undefined passes it on. */
  fault: (request: Request) => Fault | Promise<Fault> = () => undefined;
  /** What was asked, in order. */
  readonly asked: Request[] = [];
  readonly #target: string;
  readonly #server: Server;

  private constructor(target: string) {
    this.#target = target;
    this.#server = createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        this.#answer(Buffer.concat(chunks).toString()).then(
          (text) => response.writeHead(200, { "content-type": "application/json" }).end(text),
          () => response.destroy(),
        );
      });
    });
  }

  static async start(target: string): Promise<FaultyRpc> {
    const proxy = new FaultyRpc(target);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get url(): string {
    // An address of a TCP server is never a string.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #answer(body: string): Promise<string> {
    const parsed: unknown = JSON.parse(body);
    if (!Array.isArray(parsed)) return JSON.stringify(await this.#one(request.parse(parsed)));
    return JSON.stringify(await Promise.all(parsed.map((each) => this.#one(request.parse(each)))));
  }

  async #one(asked: Request): Promise<unknown> {
    this.asked.push(asked);
    const fault = await this.fault(asked);
    const head = { jsonrpc: "2.0", id: asked.id };
    if (fault !== undefined && "result" in fault) return { ...head, result: fault.result };
    if (fault !== undefined) return { ...head, error: { code: -32_000, message: fault.words } };
    const answer = await fetch(this.#target, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", ...asked }),
    });
    return answer.json();
  }
}
