import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { FatalError } from "../../domain/errors.ts";
import type { Selection } from "../worker/acts.ts";
import type { ApiServices } from "./services.ts";
import {
  alertShape,
  escalationShape,
  iso,
  readMatchers,
  readSilenceMatchers,
  silenceShape,
} from "./shapes.ts";

/** How many dead letters are shown. */
const DEAD_LETTERS = 1_000;

const many = z.union([z.string(), z.array(z.string()).max(100)]).optional();
const time = z
  .string()
  .refine((text) => !Number.isNaN(Date.parse(text)), "expected a time such as 2026-01-31T12:00:00Z")
  .transform((text) => Date.parse(text));
const page = {
  from: time.optional(),
  to: time.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  after: z.coerce.number().int().nonnegative().optional(),
};
const historyQuery = z.object({
  ...page,
  kind: z.enum(["transition", "notification", "attempt", "act"]).optional(),
  receiver: z.string().optional(),
  fingerprint: z.string().optional(),
  filter: many,
});
const auditQuery = z.object(page);
/** Which firing alerts are meant, by matchers or one by one. */
const selection = z.strictObject({
  filter: many,
  fingerprints: z.array(z.string()).max(1_000).optional(),
});
const acknowledgement = selection.extend({
  comment: z.string().max(10_000).default(""),
  until: time.optional(),
});
const named = z.object({ name: z.string().min(1) });
const identified = z.object({ id: z.string().min(1).max(200) });

/** What Alertmanager has no API for: acknowledgements, previews, history, the audit log, dead letters, the test button. */
export function addOwnRoutes(app: FastifyInstance, services: ApiServices): void {
  addAcknowledgements(app, services);
  addRecords(app, services);
  const { engine, access, reload } = services;
  app.get("/api/v1/escalations", () => ({ escalations: engine.escalations().map(escalationShape) }));
  app.post("/api/v1/silences/preview", (request) => {
    access.require(request, "viewer");
    const now = engine.now();
    const silenced = engine.acts.previewSilence(readSilenceMatchers(request.body));
    return { alerts: silenced.map((view) => alertShape(view, now)) };
  });
  app.post("/api/v1/receivers/:name/test", async (request) => {
    const actor = access.require(request, "operator");
    const { name } = named.parse(request.params);
    return { outcomes: await engine.test(name, actor) };
  });
  // Where Prometheus and Alertmanager have it.
  app.post("/-/reload", async (request) => {
    await reload(access.require(request, "admin"));
    return { reloaded: true };
  });
  app.get("/-/healthy", () => "OK");
}

function addAcknowledgements(app: FastifyInstance, { engine, access }: ApiServices): void {
  app.get("/api/v1/acknowledgements", () => {
    const now = engine.now();
    const views = engine.alerts().filter((view) => view.acknowledgement !== undefined);
    return { alerts: views.map((view) => alertShape(view, now)) };
  });
  app.post("/api/v1/acknowledgements", async (request) => {
    const actor = access.require(request, "operator");
    const { comment, until, ...selected } = acknowledgement.parse(request.body);
    const episodes = await engine.acts.acknowledge(selectionOf(selected), { comment, until }, actor);
    return { episodes: requireSome(episodes, "acknowledged") };
  });
  app.delete("/api/v1/acknowledgements", async (request) => {
    const actor = access.require(request, "operator");
    const selected = selectionOf(selection.parse(request.body));
    const episodes = await engine.acts.unacknowledge(selected, actor);
    return { episodes: requireSome(episodes, "given back") };
  });
}

/** @throws FatalError `SELECTION` when nothing is named, which would mean everything */
function selectionOf({ filter, fingerprints }: z.output<typeof selection>): Selection {
  const matchers = readMatchers(filter);
  if (matchers.length > 0 || (fingerprints !== undefined && fingerprints.length > 0))
    return { matchers, fingerprints };
  throw new FatalError(
    "SELECTION",
    "Nothing is named, which would mean every alert. Nothing was changed; give matchers or fingerprints.",
  );
}

function requireSome(episodes: readonly string[], what: string): readonly string[] {
  if (episodes.length > 0) return episodes;
  throw new FatalError("NO_ALERT", `No alert that fires is meant, so none was ${what}.`);
}

function addRecords(app: FastifyInstance, { engine, access, store }: ApiServices): void {
  app.get("/api/v1/history", (request) => {
    access.require(request, "viewer");
    const { filter, ...query } = historyQuery.parse(request.query);
    const { entries, next } = store.history({ ...query, matchers: readMatchers(filter) });
    return { entries: entries.map((each) => ({ ...each, at: iso(each.at) })), next };
  });
  app.get("/api/v1/audit", (request) => {
    access.require(request, "viewer");
    const { entries, next } = store.audit(auditQuery.parse(request.query));
    return { entries: entries.map((each) => ({ ...each, at: iso(each.at) })), next };
  });
  app.get("/api/v1/silences", () => ({ silences: engine.acts.silences().map(silenceShape) }));
  app.get("/api/v1/dead-letters", (request) => {
    access.require(request, "viewer");
    return { deadLetters: store.deadLetters(DEAD_LETTERS) };
  });
  app.post("/api/v1/dead-letters/:id/retry", async (request) => {
    const actor = access.require(request, "operator");
    const { id } = identified.parse(request.params);
    const isKnown = (wanted: string) => store.deadLetters(DEAD_LETTERS).some((each) => each.id === wanted);
    await engine.acts.redrive(id, isKnown, actor);
    return { id };
  });
}
