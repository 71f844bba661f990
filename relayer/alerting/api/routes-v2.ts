import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { FatalError } from "../../domain/errors.ts";
import { matchesAll } from "../core/matchers.ts";
import { compileAnchored } from "../core/regex.ts";
import type { AlertFilter, AlertView } from "../core/views.ts";
import type { ApiServices } from "./services.ts";
import {
  alertShape,
  groupShape,
  iso,
  postableAlerts,
  readMatchers,
  readSilence,
  silenceShape,
} from "./shapes.ts";

const flag = z.stringbool().default(true);
const many = z.union([z.string(), z.array(z.string()).max(100)]).optional();
const alertQuery = z.object({
  active: flag,
  silenced: flag,
  inhibited: flag,
  unprocessed: flag,
  muted: flag,
  filter: many,
  receiver: z.string().optional(),
});
const silenceQuery = z.object({ active: flag, pending: flag, expired: flag, filter: many });
const silencePath = z.object({ id: z.string().min(1).max(100) });

/** Alertmanager's API v2, as amtool and Prometheus speak it. Whatever changes something needs a user. */
export function addV2Routes(app: FastifyInstance, services: ApiServices): void {
  addAlertRoutes(app, services);
  addSilenceRoutes(app, services);
  const { engine, startedAt, configText } = services;
  app.get("/api/v2/status", () => ({
    cluster: { status: "disabled", peers: [] },
    versionInfo: {
      version: services.version,
      revision: "",
      branch: "",
      buildUser: "dchat",
      buildDate: "",
      goVersion: "",
    },
    config: { original: configText() },
    uptime: iso(startedAt),
  }));
  app.get("/api/v2/receivers", () => engine.plan.receivers.map(({ name }) => ({ name })));
}

function addAlertRoutes(app: FastifyInstance, { engine, access, onPosted }: ApiServices): void {
  app.get("/api/v2/alerts", ({ query }) => {
    const asked = alertQuery.parse(query);
    const now = engine.now();
    return engine
      .alerts(filterOf(asked))
      .filter((view) => isAskedFor(view, asked))
      .map((view) => alertShape(view, now));
  });
  app.get("/api/v2/alerts/groups", ({ query }) => {
    const asked = alertQuery.parse(query);
    const now = engine.now();
    return engine.groups(filterOf(asked)).flatMap((group) => {
      const alerts = group.alerts.filter((view) => isAskedFor(view, asked));
      const isMuted = alerts.every(({ state }) => state === "suppressed");
      return alerts.length === 0 || (isMuted && !asked.muted) ? [] : [groupShape({ ...group, alerts }, now)];
    });
  });
  app.post("/api/v2/alerts", async (request, reply) => {
    access.require(request, "reporter");
    const alerts = postableAlerts.parse(request.body);
    await engine.post(alerts);
    onPosted(alerts);
    return reply.send();
  });
}

function addSilenceRoutes(app: FastifyInstance, { engine, access }: ApiServices): void {
  const { acts } = engine;
  app.get("/api/v2/silences", ({ query }) => {
    const asked = silenceQuery.parse(query);
    const filter = readMatchers(asked.filter);
    // As in Alertmanager: a silence is known by what its matchers are compared with.
    const labelsOf = (matchers: readonly { readonly name: string; readonly value: string }[]) =>
      Object.fromEntries(matchers.map(({ name, value }) => [name, value]));
    return acts
      .silences()
      .filter(({ state, matchers }) => asked[state] && matchesAll(filter, labelsOf(matchers)))
      .toSorted((a, b) => a.endsAt - b.endsAt)
      .map(silenceShape);
  });
  app.post("/api/v2/silences", async (request) => {
    const actor = access.require(request, "operator");
    return { silenceID: await acts.putSilence(readSilence(request.body, actor.name, engine.now()), actor) };
  });
  app.get("/api/v2/silence/:id", ({ params }) => {
    const { id } = silencePath.parse(params);
    const found = acts.silences().find((silence) => silence.id === id);
    if (found !== undefined) return silenceShape(found);
    throw new FatalError("NO_SILENCE", `There is no silence ${id}.`);
  });
  app.delete("/api/v2/silence/:id", async (request, reply) => {
    const actor = access.require(request, "operator");
    await acts.expireSilence(silencePath.parse(request.params).id, actor);
    return reply.send();
  });
}

/** @throws FatalError `MATCHER` */
function filterOf({ filter, receiver }: z.output<typeof alertQuery>): AlertFilter {
  return {
    matchers: readMatchers(filter),
    receiver: receiver === undefined ? undefined : compileReceiver(receiver),
  };
}

function compileReceiver(pattern: string): (name: string) => boolean {
  try {
    return compileAnchored(pattern);
  } catch (error) {
    throw new FatalError("MATCHER", `The receiver ${pattern} is no RE2 expression: ${String(error)}.`);
  }
}

function isAskedFor(
  { state, silencedBy, inhibitedBy }: AlertView,
  { active, silenced, inhibited, unprocessed }: z.output<typeof alertQuery>,
): boolean {
  if (!silenced && silencedBy.length > 0) return false;
  if (!inhibited && inhibitedBy.length > 0) return false;
  if (!active && state === "active") return false;
  return unprocessed || state !== "unprocessed";
}
