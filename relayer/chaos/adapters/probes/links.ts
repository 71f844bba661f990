import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { json } from "node:stream/consumers";
import { z } from "zod";
import { pingRedis } from "../../../platform/redis-ping.ts";
import type { LinkTarget } from "../../core/target.ts";

/**
 * What talks to what is behind a link: "rpc" asks a node for its newest block, and "http" asks the same server something that it need not think about,
 * so that what takes long is the link.
 */
export type LinkProtocol = "redis" | "postgresql" | "rpc" | "http";

/** The newest block that a node tells of: against what another link to it says, it shows a node that lies or lags. */
export type ToldBlock = { readonly number: bigint; readonly hash: string };

/** How a link was for one question. `milliseconds` is from the first packet of the connection to the answer, or until it was given up or failed. */
export type LinkTrial =
  | { readonly isAnswered: true; readonly milliseconds: number; readonly block?: ToldBlock }
  | { readonly isAnswered: false; readonly milliseconds: number; readonly reason: string };

/** What a number of trials say. */
export type LinkMeasure = {
  readonly trials: number;
  /** The share that was answered, from 0 to 1. */
  readonly answered: number;
  /** Of those that were answered; `undefined` when none was. */
  readonly medianMilliseconds: number | undefined;
};

/**
 * Measures a link from its client's side, each time by a new connection of its own.
 * @param timeoutMilliseconds after which a question counts as not answered
 */
export async function measureLink(
  link: LinkTarget,
  protocol: LinkProtocol,
  { trials, timeoutMilliseconds }: { readonly trials: number; readonly timeoutMilliseconds: number },
): Promise<LinkMeasure> {
  const outcomes: LinkTrial[] = [];
  for (let i = 0; i < trials; i++) outcomes.push(await tryLink(link.port, protocol, timeoutMilliseconds));
  const times = outcomes
    .flatMap((outcome) => (outcome.isAnswered ? [outcome.milliseconds] : []))
    .sort((a, b) => a - b);
  return {
    trials,
    answered: times.length / trials,
    medianMilliseconds: times[Math.floor(times.length / 2)],
  };
}

const QUESTIONS = {
  redis: ping,
  postgresql: askForEncryption,
  rpc: askNewest,
  http: askAnything,
} as const satisfies Record<LinkProtocol, (port: number, timeout: number) => Promise<ToldBlock | undefined>>;

/** Asks once. */
export async function tryLink(
  port: number,
  protocol: LinkProtocol,
  timeoutMilliseconds: number,
): Promise<LinkTrial> {
  const began = performance.now();
  try {
    const block = await QUESTIONS[protocol](port, timeoutMilliseconds);
    const milliseconds = performance.now() - began;
    return { isAnswered: true, milliseconds, ...(block === undefined ? {} : { block }) };
  } catch (error) {
    const milliseconds = performance.now() - began;
    return {
      isAnswered: false,
      milliseconds,
      reason: error instanceof Error ? error.message : "no reason is given",
    };
  }
}

async function ping(port: number, timeout: number): Promise<undefined> {
  await pingRedis(`redis://127.0.0.1:${port}`, timeout);
  return undefined;
}

/** SSLRequest: every PostgreSQL answers it at once, with one letter. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

async function askForEncryption(port: number, timeout: number): Promise<undefined> {
  const socket = connect(port, "127.0.0.1");
  try {
    socket.write(SSL_REQUEST);
    await once(socket, "data", { signal: AbortSignal.timeout(timeout) });
  } finally {
    socket.destroy();
  }
}

/** Any answer will do, a refusal too. */
async function askAnything(port: number, timeout: number): Promise<undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  request(
    { host: "127.0.0.1", port, method: "GET", agent: false, signal: AbortSignal.timeout(timeout) },
    (answer) => {
      answer.on("error", reject).on("end", resolve).resume();
    },
  )
    .on("error", reject)
    .end();
  return promise;
}

const answerSchema = z.object({ result: z.object({ number: z.string(), hash: z.string() }) });

async function askNewest(port: number, timeout: number): Promise<ToldBlock> {
  const body = { jsonrpc: "2.0", id: 1, method: "eth_getBlockByNumber", params: ["latest", false] };
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  request(
    {
      host: "127.0.0.1",
      port,
      method: "POST",
      agent: false,
      headers: { "content-type": "application/json" },
      signal: AbortSignal.timeout(timeout),
    },
    (answer) => {
      json(answer).then(resolve, reject);
    },
  )
    .on("error", reject)
    .end(JSON.stringify(body));
  const { number, hash } = answerSchema.parse(await promise).result;
  return { number: BigInt(number), hash };
}
