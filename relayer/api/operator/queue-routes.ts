import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { explain } from "../../domain/errors.ts";
import type { QueueAdmin } from "../../platform/queue-admin.ts";
import {
  auditView,
  type DeadLetterList,
  deadLetterList,
  letterOutcome,
  letterSelection,
} from "../operator-schema.ts";
import type { Gate, Visitor } from "../sessions/gate.ts";
import type { AuditLog } from "./audit-log.ts";

/** How many dead letters are shown; the oldest, which are mended first. */
const MOST_LETTERS = 500;

const path = z.object({ queue: z.string().min(1).max(200) });
const auditQuery = z.object({ limit: z.coerce.number().int().min(1).max(1_000).default(100) });

/** What the routes work with. */
export type QueueRouteServices = {
  readonly gate: Gate;
  readonly audit: AuditLog;
  readonly queues: Pick<QueueAdmin, "failed" | "retry" | "remove" | "setPaused">;
};

/** What operators do with queues, and the log of what was done. */
export function addQueueRoutes(app: FastifyInstance, { gate, audit, queues }: QueueRouteServices): void {
  const prefix = "/api/v1/operator/queues/:queue";
  app.get(`${prefix}/failed`, async (request) => {
    gate.require(request, "viewer");
    const letters = await queues.failed(path.parse(request.params).queue);
    const shown: DeadLetterList = { deadLetters: letters.slice(0, MOST_LETTERS) };
    return deadLetterList.encode(shown);
  });
  const changeLetters = (act: "retry" | "remove", what: string) =>
    app.post(`${prefix}/${act}`, async (request) => {
      const visitor = gate.require(request, "operator");
      const { queue } = path.parse(request.params);
      const { id } = letterSelection.parse(request.body ?? {});
      const detail = `${queue}: ${id ?? "all"}`;
      const jobs = await noted(audit, visitor, { what, detail }, () => queues[act](queue, id));
      return letterOutcome.encode({ jobs });
    });
  changeLetters("retry", "retried dead letters");
  changeLetters("remove", "removed dead letters");
  const pauseOrResume = (act: "pause" | "resume", what: string) =>
    app.post(`${prefix}/${act}`, async (request: FastifyRequest) => {
      const visitor = gate.require(request, "admin");
      const { queue } = path.parse(request.params);
      await noted(audit, visitor, { what, detail: queue }, () => queues.setPaused(queue, act === "pause"));
      return { queue, isPaused: act === "pause" };
    });
  pauseOrResume("pause", "paused a queue");
  pauseOrResume("resume", "resumed a queue");
  app.get("/api/v1/operator/audit", (request) => {
    gate.require(request, "viewer");
    return auditView.encode({ acts: audit.newest(auditQuery.parse(request.query).limit) });
  });
}

/** Notes what somebody does, on the disk, before it is done; and if it fails, that, too. */
async function noted<T>(
  audit: Pick<AuditLog, "note">,
  { name: who, from }: Visitor,
  { what, detail }: { readonly what: string; readonly detail: string },
  act: () => Promise<T>,
): Promise<T> {
  audit.note({ who, from, what, detail });
  try {
    return await act();
  } catch (error) {
    audit.note({ who, from, what: `${what}: failed`, detail: `${detail}: ${explain(error)}` });
    throw error;
  }
}
