import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request as send, type ServerResponse } from "node:http";
import { z } from "zod";
import { explain } from "../../../domain/errors.ts";
import { askPast, forgetNew, type LaggingHeads } from "../../core/rpc-lag.ts";
import {
  lie,
  type RpcAnswer,
  rpcAnswerSchema,
  type RpcRequest,
  rpcRequestSchema,
  unlie,
} from "../../core/rpc-lie.ts";
import { ofType, type Toxic } from "../../core/toxic.ts";
import type { Address } from "./connection.ts";

/** Larger requests and answers are refused: so much of a node's logs is held in memory at a time. */
const MOST_BYTES = 33_554_432;
/** How long a node may be silent in the middle of an answer, in milliseconds. */
const SILENCE_MILLISECONDS = 60_000;

const oneOrMany = <T extends z.ZodType>(schema: T) => z.union([z.array(schema), schema]);
const requestsSchema = oneOrMany(rpcRequestSchema);
const answersSchema = oneOrMany(rpcAnswerSchema);
const numbered = z.object({ number: z.string() });

type Options = {
  readonly upstream: Address;
  readonly toxics: () => readonly Toxic[];
  readonly random: () => number;
};
type Reply = { readonly status: number; readonly type: string; readonly body: Buffer };

/**
 * Speaks HTTP and JSON-RPC in the place of a node behind a proxy, on a loopback port of its own, and answers as the toxics `rpc_lie` and
 * `rpc_lag` say. What is no JSON-RPC passes as it is. Plain HTTP alone: inside TLS nothing can be changed.
 */
export class RpcRewriter {
  readonly #options: Options;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.statusCode = 502;
      response.end(`The proxy has no answer of the node: ${explain(error)}`);
    });
  });
  #listening: Promise<Address> | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Where it listens. */
  address(): Promise<Address> {
    this.#listening ??= this.#listen();
    return this.#listening;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    if (this.#listening === undefined) return;
    await this.#listening;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  async #listen(): Promise<Address> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const bound = this.#server.address();
    if (bound === null || typeof bound === "string") throw new Error("a TCP server has a port");
    return { host: "127.0.0.1", port: bound.port };
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(incoming);
    const asked = parse(requestsSchema, body);
    const reply =
      asked === undefined ? await this.#forward(incoming, body) : await this.#answer(incoming, asked);
    response.writeHead(reply.status, { "content-type": reply.type, "content-length": reply.body.length });
    response.end(reply.body);
  }

  async #answer(incoming: IncomingMessage, asked: RpcRequest | readonly RpcRequest[]): Promise<Reply> {
    const requests = [asked].flat();
    const blocks = ofType(this.#options.toxics(), "rpc_lag").reduce(
      (sum, { attributes }) => sum + attributes.blocks,
      0,
    );
    const isLying = this.#draw();
    const heads = blocks === 0 ? undefined : await this.#headsBefore(incoming, blocks);
    const put = requests.map((request) => {
      const meant = isLying === undefined ? request : unlie(request);
      return heads === undefined ? meant : askPast(meant, heads);
    });
    const reply = await this.#forward(
      incoming,
      Buffer.from(JSON.stringify(Array.isArray(asked) ? put : put[0])),
    );
    const answers = parse(answersSchema, reply.body);
    if (answers === undefined) return reply;
    const change = (answer: RpcAnswer): RpcAnswer => {
      const request = requests.find(({ id }) => id === answer.id);
      if (request === undefined || !("result" in answer)) return answer;
      const past = heads === undefined ? answer : forgetNew(request, answer, heads);
      return isLying?.() === true ? lie(request, past) : past;
    };
    const changed = Array.isArray(answers) ? answers.map(change) : change(answers);
    return { ...reply, body: Buffer.from(JSON.stringify(changed)) };
  }

  /** What draws whether an answer is a lie; `undefined` where none is. */
  #draw(): (() => boolean) | undefined {
    const lies = ofType(this.#options.toxics(), "rpc_lie");
    if (lies.length === 0) return undefined;
    return () => lies.some(({ toxicity }) => this.#options.random() < toxicity);
  }

  async #headsBefore(incoming: IncomingMessage, blocks: number): Promise<LaggingHeads> {
    const [latest, safe, finalized] = await Promise.all(
      ["latest", "safe", "finalized"].map(async (tag) => {
        const asked = { jsonrpc: "2.0", id: 1, method: "eth_getBlockByNumber", params: [tag, false] };
        const { body } = await this.#forward(incoming, Buffer.from(JSON.stringify(asked)));
        const block = numbered.safeParse(parse(rpcAnswerSchema, body)?.result);
        if (!block.success) return undefined;
        const number = BigInt(block.data.number) - BigInt(blocks);
        return number < 0n ? 0n : number;
      }),
    );
    if (latest === undefined) throw new Error("the node does not say what its newest block is");
    return { latest, safe: safe ?? latest, finalized: finalized ?? latest };
  }

  async #forward(incoming: IncomingMessage, body: Buffer): Promise<Reply> {
    const { host, port } = this.#options.upstream;
    const { authorization, "content-type": type } = incoming.headers;
    const request = send({
      host,
      port,
      agent: this.#agent,
      method: incoming.method ?? "POST",
      path: incoming.url ?? "/",
      timeout: SILENCE_MILLISECONDS,
      headers: {
        "content-type": type ?? "application/json",
        "content-length": body.length,
        ...(authorization === undefined ? {} : { authorization }),
      },
    });
    request.on("timeout", () => request.destroy(new Error("the node is silent")));
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    request.on("response", resolve).on("error", reject).end(body);
    const answer = await promise;
    return {
      status: answer.statusCode ?? 502,
      type: answer.headers["content-type"] ?? "application/json",
      body: await read(answer),
    };
  }
}

function parse<T extends z.ZodType>(schema: T, body: Buffer): z.infer<T> | undefined {
  try {
    return schema.safeParse(JSON.parse(body.toString())).data;
  } catch {
    return undefined; // no JSON
  }
}

async function read(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new Error(`it is longer than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
