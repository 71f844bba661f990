import { z } from "zod";

const answer = z.object({ result: z.unknown(), error: z.object({ message: z.string() }).optional() });

/** A node as the bench speaks to it: plainly, since a client library's own work would compete with the fleet's. */
export class RpcNode {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** @throws Error with the node's words */
  async request(method: string, params: readonly unknown[]): Promise<unknown> {
    const { result, error } = answer.parse(await this.#post({ jsonrpc: "2.0", id: 1, method, params }));
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  /** Sends signed transactions in one request. @throws Error unless the node takes every one */
  async sendAll(transactions: readonly string[]): Promise<void> {
    const method = "eth_sendRawTransaction";
    const body = transactions.map((raw, id) => ({ jsonrpc: "2.0", id, method, params: [raw] }));
    for (const { error } of z.array(answer).parse(await this.#post(body)))
      if (error !== undefined) throw new Error(`${method}: ${error.message}`);
  }

  async #post(body: unknown): Promise<unknown> {
    const headers = { "content-type": "application/json" };
    const response = await fetch(this.#url, { method: "POST", headers, body: JSON.stringify(body) });
    return response.json();
  }
}
