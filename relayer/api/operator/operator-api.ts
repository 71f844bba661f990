import type { FastifyInstance } from "fastify";
import type { QueueAdmin } from "../../platform/queue-admin.ts";
import type { Logger } from "../../platform/log.ts";
import type { Doorkeeper } from "../sessions/doorkeeper.ts";
import { addSessionRoutes } from "../sessions/routes.ts";
import { addOperatorScope } from "../sessions/scope.ts";
import type { AuditLog } from "./audit-log.ts";
import type { FleetFeed } from "./fleet/feed.ts";
import { addFleetRoutes } from "./fleet/routes.ts";
import { addQueueBoard } from "./queue-board.ts";
import { addQueueRoutes } from "./queue-routes.ts";
import { addRelays, type RoleFinder } from "./relays.ts";

/** What the dashboard is served from. */
export type OperatorServices = {
  readonly doorkeeper: Doorkeeper;
  readonly audit: AuditLog;
  /** See `SessionRouteServices`. */
  readonly developmentToken: (() => string) | undefined;
  /** Where the roles are that requests are handed on to. */
  readonly find: RoleFinder;
  readonly feed: FleetFeed;
  readonly queues: QueueAdmin;
};

/** Serves what is for those who are signed in: `relayer/api/operator-schema.ts`. */
export function addOperatorApi(
  app: FastifyInstance,
  { doorkeeper, audit, developmentToken, find, feed, queues }: OperatorServices,
  logger: Logger,
): Promise<void> {
  return addOperatorScope(app, logger, async (scope) => {
    addSessionRoutes(scope, { ...doorkeeper, audit, developmentToken });
    addRelays(scope, { gate: doorkeeper.gate, audit, find });
    addFleetRoutes(scope, doorkeeper.gate, feed);
    addQueueRoutes(scope, { gate: doorkeeper.gate, audit, queues });
    await addQueueBoard(scope, { gate: doorkeeper.gate, audit, queues });
  });
}
