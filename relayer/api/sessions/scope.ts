import cookie from "@fastify/cookie";
import type { FastifyInstance } from "fastify";
import { answerErrors } from "../../platform/http-api.ts";
import type { Logger } from "../../platform/log.ts";

/**
 * A part of a server for those who are signed in. What it answers no cache keeps, and bodies are JSON: a form of another site, which can send
 * plain text, has nothing to say here.
 */
export async function addOperatorScope(
  app: FastifyInstance,
  logger: Logger,
  addRoutes: (scope: FastifyInstance) => Promise<void> | void,
): Promise<void> {
  await app.register(async (scope) => {
    scope.removeContentTypeParser("text/plain");
    await scope.register(cookie);
    // No Basic: a browser would ask for it by itself, and send it from then on.
    answerErrors(scope, {
      logger,
      challenge: (reply) => reply.header("www-authenticate", 'Bearer realm="dchat"'),
    });
    scope.addHook("onRequest", (_request, reply, done) => {
      reply.header("cache-control", "no-store");
      done();
    });
    await addRoutes(scope);
  });
}
