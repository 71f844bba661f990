import { timingSafeEqual } from "node:crypto";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  LogController,
} from "fastify";
import { z } from "zod";
import { explain } from "../../domain/errors.ts";
import { Followers } from "../../platform/followers.ts";
import type { Logger } from "../../platform/log.ts";
import { refusalOf } from "../../platform/local-requests.ts";
import { bytesOf, wavHeader } from "../core/audio.ts";
import { type Command, type Control, commands } from "../core/control.ts";
import type { Plan } from "../core/plan.ts";
import type { SpeakerNews, Told } from "../ports.ts";

/** What is shown of a speaker, and what it may be told. */
export type SpeakerView = {
  readonly control: Control;
  readonly waiting: number;
  /** What will be spoken next, the soonest first. */
  readonly next: readonly { readonly id: string; readonly priority: string }[];
  readonly engine: string;
  /** The program that plays; `null` where only pages hear it. */
  readonly player: string | null;
};
export type Shown = {
  readonly view: () => SpeakerView;
  readonly told: (limit: number) => readonly Told[];
  /** The plan of an utterance that is known, for a page that speaks by itself. */
  readonly plan: (id: string) => Plan | undefined;
  readonly command: (command: Command) => void;
  readonly remove: (id: string) => boolean;
  readonly watch: (watcher: (news: SpeakerNews) => void) => () => void;
  readonly listen: (listener: (samples: Int16Array) => void) => () => void;
  /** Somebody has turned what is said on, to hear it elsewhere than from this machine's device. */
  readonly attend: () => () => void;
  /** What a request must show that changes anything. */
  readonly token: string;
  readonly logger: Logger;
};

/** How many follow at the same time, at most: each holds a connection, and what it has not read. */
const MOST_FOLLOWERS = 32;
/** Proxies and browsers give up on what is silent for longer, in milliseconds. */
const HEARTBEAT_MILLISECONDS = 15_000;

/**
 * What a speaker shows of itself, on loopback alone: state, transcript, plans, news and sound. Anybody on this machine may look and
 * listen; to change anything takes the token, which only the speaker's own user can read.
 */
export function createSpeechServer(shown: Shown): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = shown.logger;
  const app = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    bodyLimit: 4_096,
  });
  const followers = new Followers(MOST_FOLLOWERS);
  app.addHook("onRequest", async (request, reply) => {
    // Pages elsewhere must neither read what operators are told nor take it away from them.
    const refusal = refusalOf(request.headers);
    if (refusal !== undefined) return reply.code(403).send({ error: refusal });
    reply.header("cache-control", "no-store").header("x-content-type-options", "nosniff");
  });
  app.addHook("onClose", async () => {
    followers.closeAll();
    await Promise.resolve();
  });
  addViews(app, shown);
  addChanges(app, shown);
  app.get("/speech/events", (request, reply) => {
    const { listening } = z.object({ listening: z.literal("1").optional() }).parse(request.query);
    const stream = followers.begin(reply, "text/event-stream");
    if (stream === undefined) return tooMany(reply);
    if (listening !== undefined) stream.onEnd(shown.attend());
    const forget = shown.watch((news) => {
      stream.write(`event: ${news.kind}\ndata: ${JSON.stringify(news)}\n\n`);
    });
    const beat = setInterval(() => {
      stream.write(": still here\n\n");
    }, HEARTBEAT_MILLISECONDS);
    stream.write(`event: state\ndata: ${JSON.stringify(shown.view())}\n\n`);
    stream.onEnd(() => {
      clearInterval(beat);
      forget();
    });
    return reply;
  });
  app.get("/speech/audio.wav", (_request, reply) => {
    const stream = followers.begin(reply, "audio/wav");
    if (stream === undefined) return tooMany(reply);
    stream.write(wavHeader());
    stream.onEnd(shown.attend());
    const forget = shown.listen((samples) => {
      stream.write(Buffer.from(bytesOf(samples)));
    });
    stream.onEnd(forget);
    return reply;
  });
  app.setErrorHandler((error, _request, reply) => {
    shown.logger.warn({ err: error }, "request failed");
    return reply.code(400).send(failure("REQUEST", explain(error)));
  });
  return app;
}

function addViews(app: FastifyInstance, shown: Shown): void {
  app.get("/speech/state", () => shown.view());
  app.get("/speech/transcript", (request) => {
    const { limit } = z
      .object({ limit: z.coerce.number().int().min(1).max(500).default(50) })
      .parse(request.query);
    return { utterances: shown.told(limit) };
  });
  app.get("/speech/plans/:id", async (request, reply) => {
    const { id } = z.object({ id: z.string().max(128) }).parse(request.params);
    const plan = shown.plan(id);
    return plan ?? reply.code(404).send(failure("UTTERANCE", "There is no utterance with this id."));
  });
}

function addChanges(app: FastifyInstance, shown: Shown): void {
  app.post("/speech/commands", async (request, reply) => {
    if (!isAllowed(request.headers.authorization, shown.token)) return refuse(reply);
    const { command } = z.strictObject({ command: z.enum(commands) }).parse(request.body);
    shown.command(command);
    return shown.view();
  });
  app.delete("/speech/utterances/:id", async (request, reply) => {
    if (!isAllowed(request.headers.authorization, shown.token)) return refuse(reply);
    const { id } = z.object({ id: z.string().max(128) }).parse(request.params);
    if (shown.remove(id)) return { removed: id };
    return reply.code(404).send(failure("UTTERANCE", "No utterance with this id waits."));
  });
}

function isAllowed(authorization: string | undefined, token: string): boolean {
  const [given, right] = [Buffer.from(authorization ?? ""), Buffer.from(`Bearer ${token}`)];
  return given.length === right.length && timingSafeEqual(given, right);
}

const failure = (code: string, message: string) => ({ error: { code, message } });

function refuse(reply: FastifyReply): FastifyReply {
  const message =
    'Changing anything takes the token; "dchat speech" reads it from the data folder. Nothing was done.';
  return reply.code(401).send(failure("TOKEN", message));
}

function tooMany(reply: FastifyReply): FastifyReply {
  return reply.code(503).send(failure("FOLLOWERS", `${MOST_FOLLOWERS} follow already; close one.`));
}
