import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { FastifyAdapter } from "@bull-board/fastify";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
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
  await app.register(async (scope) => {
    scope.addHook("onRequest", async (request, reply) => {
      reply.header("content-security-policy", POLICY);
      try {
        letIn(request, gate, audit);
      } catch (error) {
        // Answered here: bull-board would call it a failure of its own.
        const { status, code, message } = answerTo(error);
        return reply.code(status).send({ error: { code, message } });
      }
      if (pathOf(request).startsWith(`${PATH}/api/`)) await refresh();
    });
    scope.addHook("onSend", (_request, reply, payload, done) => {
      done(null, withoutForeignLinks(reply, payload));
    });
    await scope.register(adapter.registerPlugin(), { prefix: PATH });
  });
}

/** @throws AccessError as {@link Gate.requirePage} */
function letIn(request: FastifyRequest, gate: Gate, audit: Pick<AuditLog, "note">): void {
  const { method } = request;
  if (method === "GET" || method === "HEAD") {
    gate.requirePage(request, "operator");
    return;
  }
  const { name: who, from } = gate.requirePage(request, "admin");
  audit.note({ who, from, what: "changed a queue", detail: `${method} ${pathOf(request)}` });
}

function pathOf({ url }: FastifyRequest): string {
  return url.split("?")[0] ?? "";
}

function withoutForeignLinks(reply: FastifyReply, payload: unknown): unknown {
  const isPage = String(reply.getHeader("content-type") ?? "").startsWith("text/html");
  return isPage && typeof payload === "string" ? payload.replaceAll(FOREIGN_LINK, "") : payload;
}
