import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { FatalError } from "../../domain/errors.ts";
import { catalogue } from "../core/catalogue.ts";
import { methodMilliseconds } from "../core/experiment.ts";
import { bitesOn, faultTypes } from "../core/fault.ts";
import { htmlReport } from "../core/report/html.ts";
import { jsonReport } from "../core/report/json.ts";
import { markdownReport } from "../core/report/markdown.ts";
import type { ExperimentRecord } from "../core/report/record.ts";
import { spreadOf } from "../core/report/recovery.ts";
import { runRequestSchema } from "../core/run-request.ts";
import type { ChaosApiServices } from "./services.ts";

const identified = z.object({ id: z.string().min(1).max(200) });
const page = z.object({ limit: z.coerce.number().int().min(1).max(1_000).default(50) });
const reportQuery = z.object({ format: z.enum(["json", "markdown", "html"]).default("json") });

const REPORTS = {
  json: { type: "application/json", make: jsonReport },
  markdown: {
    type: "text/markdown; charset=utf-8",
    make: (record: ExperimentRecord) => markdownReport(record),
  },
  html: { type: "text/html; charset=utf-8", make: htmlReport },
} as const;

/** What can be run, what runs, and what became of it. */
export function addRunRoutes(app: FastifyInstance, services: ChaosApiServices): void {
  const { controller, store, access } = services;
  app.get("/api/v1/catalogue", () => describeAll(services));
  app.post("/api/v1/runs/preview", (request) => controller.preview(runRequestSchema.parse(request.body)));
  app.post("/api/v1/runs", (request, reply) => {
    const actor = access.require(request, "admin");
    const run = controller.request(runRequestSchema.parse(request.body), actor);
    return reply.code(201).send(run);
  });
  app.get("/api/v1/runs", (request) => {
    const runs = store.runs(page.parse(request.query).limit);
    return { runs, recovery: spreadOf(runs.flatMap(({ recovery }) => recovery ?? [])) };
  });
  app.get("/api/v1/runs/:id", (request) => {
    const { id } = identified.parse(request.params);
    const run = store.run(id);
    if (run === undefined) throw new FatalError("NO_RUN", `There is no run ${id}.`);
    return { run, record: controller.record(id) ?? null };
  });
  app.get("/api/v1/runs/:id/report", (request, reply) => {
    const { id } = identified.parse(request.params);
    const record = controller.record(id);
    if (record === undefined)
      throw new FatalError(
        "NO_RUN",
        `There is no run ${id} of which there is a report. It may not have begun.`,
      );
    const { type, make } = REPORTS[reportQuery.parse(request.query).format];
    return reply.type(type).send(make(record));
  });
  app.delete("/api/v1/runs/:id", (request) => {
    const actor = access.require(request, "operator");
    const { id } = identified.parse(request.params);
    controller.stop(id, actor);
    return { stopped: [id] };
  });
  app.delete("/api/v1/runs", (request) => ({
    stopped: controller.stopAll(access.require(request, "operator")),
  }));
  app.get("/api/v1/audit", (request) => ({ acts: store.acts(page.parse(request.query).limit) }));
}

function describeAll({ inventory, injectors }: ChaosApiServices) {
  const scenarios = Object.entries(catalogue()).map(([id, experiment]) => ({
    id,
    title: experiment.title,
    description: experiment.description,
    seconds: methodMilliseconds(experiment) / 1_000,
  }));
  const faults = faultTypes.map((type) => ({
    type,
    bitesOn: bitesOn[type],
    tiers: injectors.map((injector) => ({
      tier: injector.tier,
      mechanism: injector.mechanismOf(type)?.name ?? null,
      whyNot: injector.whyNot(type) ?? null,
    })),
  }));
  return { scenarios, faults, ...inventory() };
}
