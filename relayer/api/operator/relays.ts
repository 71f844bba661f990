import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Gate } from "../sessions/gate.ts";
import type { AuditLog } from "./audit-log.ts";
import { addRelay, type RelayRoute } from "./relay.ts";

/** Where the roles are that requests are handed on to; undefined while one is not known to run. */
export type RoleFinder = {
  readonly alerting: () => string | undefined;
  readonly chaos: () => string | undefined;
  readonly speech: () => string | undefined;
  /** What the role `speech` wants to be shown by whoever tells it something. */
  readonly speechToken: () => string;
};

const atLeast =
  (role: RelayRoute["role"]) =>
  (...routes: readonly string[]): readonly RelayRoute[] =>
    routes.map((route) => ({ route, role }));
const [viewer, operator, admin] = [atLeast("viewer"), atLeast("operator"), atLeast("admin")];

const ALERTING = [
  ...viewer("GET /v2/alerts", "GET /v2/alerts/groups", "GET /v2/silences", "GET /v2/silence/:id"),
  ...viewer("GET /v2/status", "GET /v2/receivers", "GET /v1/acknowledgements", "GET /v1/escalations"),
  ...viewer("GET /v1/history", "GET /v1/audit", "GET /v1/silences", "GET /v1/dead-letters"),
  ...viewer("POST /v1/silences/preview"),
  ...operator("POST /v2/silences", "DELETE /v2/silence/:id", "POST /v1/receivers/:name/test"),
  ...operator("POST /v1/acknowledgements", "DELETE /v1/acknowledgements", "POST /v1/dead-letters/:id/retry"),
];
const CHAOS = [
  ...viewer("GET /catalogue", "GET /runs", "GET /runs/:id", "GET /runs/:id/report", "GET /schedules"),
  ...viewer("GET /audit", "POST /runs/preview"),
  ...operator("DELETE /runs", "DELETE /runs/:id"),
  ...admin("POST /runs", "POST /schedules", "POST /schedules/:name", "DELETE /schedules/:name"),
];
const SPEECH = operator("POST /commands", "DELETE /utterances/:id");

/** What is handed on, by the role that answers. */
export const RELAYED = {
  alerting: { name: "alerting", prefix: "/api/v1/alerting", routes: ALERTING },
  chaos: { name: "the chaos controller", prefix: "/api/v1/chaos", routes: CHAOS },
  speech: { name: "the role speech", prefix: "/api/v1/speech", routes: SPEECH },
};

const spoken = z.union([
  z.object({ body: z.object({ command: z.string() }) }).transform(({ body }) => body.command),
  z.object({ params: z.object({ id: z.string() }) }).transform(({ params }) => `remove ${params.id}`),
]);

/** What alerting, the chaos controller and speech can be asked, at the page's own origin. */
export function addRelays(
  app: FastifyInstance,
  {
    gate,
    audit,
    find,
  }: { readonly gate: Gate; readonly audit: Pick<AuditLog, "note">; readonly find: RoleFinder },
): void {
  addRelay(app, gate, {
    behind: {
      find: find.alerting,
      code: "ALERTING_DOWN",
      name: "Alerting",
      whileDown:
        'Nobody is told of anything while it is away; messages are carried. Start it with "dchat relayer start --role alerting", or look at its log.',
    },
    ...{ prefix: RELAYED.alerting.prefix, target: "/api", routes: ALERTING },
  });
  addRelay(app, gate, {
    behind: {
      find: find.chaos,
      code: "CHAOS_DOWN",
      name: "The chaos controller",
      whileDown:
        'No fault can be done; those that were there are healed by its dead-man. Start the local network with "npm start -- --chaos", or look at the log of chaos-controller.',
    },
    ...{ prefix: RELAYED.chaos.prefix, target: "/api/v1", routes: CHAOS },
  });
  addRelay(app, gate, {
    behind: {
      find: find.speech,
      code: "SPEECH",
      name: "The role speech",
      whileDown:
        'Nothing is heard until it does; alerts still go their other ways. Start it with "dchat relayer start --role speech", or look at its log.',
    },
    ...{ prefix: RELAYED.speech.prefix, target: "/speech", routes: SPEECH },
    // It knows no users: what its own user may tell it, an operator may, and our log says who did.
    authorization: find.speechToken,
    onDone: ({ name, from }, { body, params }) => {
      audit.note({
        who: name,
        from,
        what: "told speech",
        detail: spoken.safeParse({ body, params }).data ?? "",
      });
    },
  });
}
