import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { request } from "undici";
import { z } from "zod";
import { RetryableError, explain } from "../domain/errors.ts";
import { refusalOf } from "../platform/local-requests.ts";

/** How long the role `speech` may take to begin its answer, in milliseconds. */
const PATIENCE_MILLISECONDS = 5_000;
/** A stream of news says every 15 s that it is alive; one that is silent for longer is not, in milliseconds. */
const SILENCE_MILLISECONDS = 45_000;

/** Where the role `speech` listens now; `undefined` where none is known to run. */
export type FindSpeaker = () => string | undefined;

const limit = z.object({ limit: z.coerce.number().int().min(1).max(500).default(50) });
const plan = z.object({ id: z.string().regex(/^[A-Za-z0-9._-]{1,128}$/) });
const events = z.object({ listening: z.literal("1").optional() });

/**
 * Relays what the role `speech` shows, so that the page finds it at its own origin; nothing that changes anything. Answers flow
 * through as they come: who reads slowly slows the role's server down, which lets go of followers that fall behind. Alerts are
 * not for everybody, so these routes answer this machine alone, as the role itself does.
 */
export function addSpeechRoutes(app: FastifyInstance, findSpeaker: FindSpeaker): void {
  const get = (path: string, target: (request: FastifyRequest) => string, type: string) =>
    app.get(`/api/v1/speech/${path}`, { exposeHeadRoute: false }, async (asked, reply) => {
      const refusal = refusalOf(asked.headers);
      if (refusal !== undefined) return reply.code(403).send({ error: refusal });
      return relay(findSpeaker, target(asked), type, reply);
    });
  get("state", () => "state", "application/json; charset=utf-8");
  get(
    "transcript",
    ({ query }) => `transcript?limit=${limit.parse(query).limit}`,
    "application/json; charset=utf-8",
  );
  get("plans/:id", ({ params }) => `plans/${plan.parse(params).id}`, "application/json; charset=utf-8");
  get(
    "events",
    ({ query }) => (events.parse(query).listening === "1" ? "events?listening=1" : "events"),
    "text/event-stream",
  );
  get("audio.wav", () => "audio.wav", "audio/wav");
}

/** @throws RetryableError `SPEECH` where the role does not answer */
async function relay(
  findSpeaker: FindSpeaker,
  target: string,
  type: string,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const url = findSpeaker();
  if (url === undefined)
    throw new RetryableError(
      "SPEECH",
      'The role speech does not run here, so nothing is spoken; alerts still go their other ways. Start it with "dchat relayer start --role speech".',
    );
  const gone = new AbortController();
  reply.raw.once("close", () => {
    gone.abort();
  });
  const answer = await request(new URL(`/speech/${target}`, url), {
    signal: gone.signal,
    headersTimeout: PATIENCE_MILLISECONDS,
    // Sound is silent for as long as nobody speaks.
    bodyTimeout: type === "audio/wav" ? 0 : SILENCE_MILLISECONDS,
  }).catch((error: unknown) => {
    throw new RetryableError(
      "SPEECH",
      `The role speech at ${url} does not answer: ${explain(error)}. Nothing is heard here until it does; alerts still go their other ways. Look at its log.`,
      {},
      error,
    );
  });
  return reply
    .code(answer.statusCode)
    .headers({ "content-type": type, "cache-control": "no-store" })
    .send(answer.body);
}
