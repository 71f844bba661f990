import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { z } from "zod";

const request = z.object({
  jsonrpc: z.string(),
  id: z.number(),
  method: z.string(),
  params: z.array(z.unknown()),
});
const answer = z.looseObject({ id: z.number(), result: z.unknown() });
type Request = z.infer<typeof request>;

/** What a proxy makes of an honest result. */
export type Lie = (method: string, result: unknown, params: readonly unknown[]) => unknown;

/** Stands in front of a node, hands requests on one by one, and lies about the answers, or hangs, as it is told. */
export class FaultyProxy implements AsyncDisposable {
  readonly url: string;
  lie: Lie = (_method, result) => result;
  /** Words to refuse a request with, if any. */
  refuse: (method: string, params: readonly unknown[]) => string | undefined = () => undefined;
  isHanging = false;
  readonly #target: string;
  readonly #server: Server;

  private constructor(server: Server, target: string) {
    this.#server = server;
    this.#target = target;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("request", (incoming, response) => {
      void text(incoming).then((body) => this.#serve(body, response));
    });
  }

  static async inFrontOf(target: string): Promise<FaultyProxy> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new FaultyProxy(server, target);
  }

  /** Tells the truth from now on. */
  mend(): void {
    this.lie = (_method, result) => result;
    this.refuse = () => undefined;
    this.isHanging = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  async #serve(body: string, response: ServerResponse): Promise<void> {
    if (this.isHanging) return;
    const parsed: unknown = JSON.parse(body);
    const answers = Array.isArray(parsed)
      ? await Promise.all(parsed.map((one) => this.#answer(request.parse(one))))
      : await this.#answer(request.parse(parsed));
    response.setHeader("content-type", "application/json").end(JSON.stringify(answers));
  }

  async #answer(asked: Request): Promise<unknown> {
    const words = this.refuse(asked.method, asked.params);
    if (words !== undefined)
      return { jsonrpc: "2.0", id: asked.id, error: { code: -32_602, message: words } };
    const headers = { "content-type": "application/json" };
    const got = await fetch(this.#target, { method: "POST", headers, body: JSON.stringify(asked) });
    const honest = answer.parse(await got.json());
    if (honest.result === undefined) return honest;
    return { ...honest, result: this.lie(asked.method, honest.result, asked.params) };
  }
}
