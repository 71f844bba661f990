import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { FastifyAdapter } from "@bull-board/fastify";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { UserRole } from "../../domain/actor.ts";
import { answerTo } from "../../platform/http-api.ts";
import type { QueueAdmin } from "../../platform/queue-admin.ts";
import type { Gate } from "../sessions/gate.ts";
import type { AuditLog } from "./audit-log.ts";

/** Where the raw queues are. */
const PATH = "/queues";
/**
 * bull-board writes styles into its elements, and has a base for its links; nothing else is as loose as that, no script either. This path alone
 * is.
 */
const POLICY = [
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'",
  "connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'",
].join("; ");
/** Its page asks for fonts elsewhere; without them it uses the system's. */
const FOREIGN_LINK = /<link\b[^>]*\bhref="https?:[^>]*>/g;

/** bull-board's answer about queues, of which its page takes what it offers to do. */
const queuesAnswer = z.looseObject({ queues: z.array(z.looseObject({})) });

/** What the raw queues are shown with. */
export type QueueBoardServices = {
  readonly gate: Gate;
  readonly audit: Pick<AuditLog, "note">;
  readonly queues: Pick<QueueAdmin, "opened">;
};

/**
 * Every queue with every job, as BullMQ has it (bull-board): operators look, and admins alone change anything. Its page does not know our CSRF
 * token, so that a change comes from our own origin the browser itself must have said.
 */
export async function addQueueBoard(
  app: FastifyInstance,
  { gate, audit, queues }: QueueBoardServices,
): Promise<void> {
  const adapter = new FastifyAdapter();
  adapter.setBasePath(PATH);
  const board = createBullBoard({
    queues: [],
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: "dchat queues", boardLogo: { path: "" }, hideRedisDetails: true } },
  });
  const refresh = async () => {
    board.replaceQueues((await queues.opened()).map((queue) => new BullMQAdapter(queue)));
  };
  /** What those asked who may change queues. */
  const ofAdmins = new WeakSet<FastifyRequest>();
  await app.register(async (scope) => {
    scope.addHook("onRequest", async (request, reply) => {
      reply.header("content-security-policy", POLICY);
      try {
        if (letIn(request, gate, audit) === "admin") ofAdmins.add(request);
      } catch (error) {
        // Answered here: bull-board would call it a failure of its own.
        const { status, code, message } = answerTo(error);
        return reply.code(status).send({ error: { code, message } });
      }
      if (pathOf(request).startsWith(`${PATH}/api/`)) await refresh();
    });
    scope.addHook("preSerialization", (request, _reply, payload, done) => {
      done(null, ofAdmins.has(request) ? payload : withoutChanges(payload));
    });
    scope.addHook("onSend", (_request, reply, payload, done) => {
      done(null, withoutForeignLinks(reply, payload));
    });
    await scope.register(adapter.registerPlugin(), { prefix: PATH });
  });
}

/** @returns what they may do here @throws AccessError as {@link Gate.requirePage} */
function letIn(request: FastifyRequest, gate: Gate, audit: Pick<AuditLog, "note">): UserRole {
  const { method } = request;
  if (method === "GET" || method === "HEAD") return gate.requirePage(request, "operator").role;
  const { name: who, from, role } = gate.requirePage(request, "admin");
  audit.note({ who, from, what: "changed a queue", detail: `${method} ${pathOf(request)}` });
  return role;
}

/** What bull-board answers, for those who only look: its page offers them nothing that would be refused. */
function withoutChanges(payload: unknown): unknown {
  const answer = queuesAnswer.safeParse(payload);
  if (!answer.success) return payload;
  const queues = answer.data.queues.map((queue) => ({ ...queue, readOnlyMode: true, allowRetries: false }));
  return { ...answer.data, queues };
}

function pathOf({ url }: FastifyRequest): string {
  return url.split("?")[0] ?? "";
}

function withoutForeignLinks(reply: FastifyReply, payload: unknown): unknown {
  const isPage = String(reply.getHeader("content-type") ?? "").startsWith("text/html");
  return isPage && typeof payload === "string" ? payload.replaceAll(FOREIGN_LINK, "") : payload;
}
