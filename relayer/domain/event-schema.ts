import { createHash } from "node:crypto";
import { z } from "zod";
import type { DomainEvent } from "./events.ts";
import { address, chainName, hash, integer, laneId, publicKey } from "./ids.ts";
import { pointSchema } from "./jobs.ts";

/** The queue in which every role tells the alerting role of events. */
export const EVENTS_QUEUE = "events";

const chain = chainName;
const offence = {
  offence: z.string(),
  validator: publicKey,
  where: z.union([
    z.object({ domain: hash, lane: laneId, nonce: integer }),
    z.object({ epoch: integer, firstPoint: z.number() }),
  ]),
};

/** A {@link DomainEvent} as it travels through queues. */
export const eventSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("rpc-outvoted"),
    chain,
    method: z.string(),
    provider: z.string(),
    said: z.string(),
    agreed: z.string(),
  }),
  z.object({
    kind: z.literal("rpc-no-agreement"),
    chain,
    method: z.string(),
    reason: z.enum(["disagreement", "too-few"]),
    needed: z.number(),
    answers: z.array(z.object({ provider: z.string(), said: z.string() })).readonly(),
  }),
  z.object({
    kind: z.literal("deep-reorg"),
    chainId: z.number(),
    depth: z.number(),
    ancestor: z.number().optional(),
    points: z.array(pointSchema).readonly(),
  }),
  z.object({ kind: z.literal("offence-found"), ...offence }),
  z.object({
    kind: z.literal("offence-punished"),
    ...offence,
    reporter: address,
    taken: integer,
    transactionHash: hash,
  }),
  z.object({ kind: z.literal("offence-refused"), ...offence, reason: z.string() }),
  z.object({
    kind: z.enum(["validator-missing", "validator-back"]),
    validator: publicKey,
    epoch: integer,
    missed: z.number(),
    points: z.number(),
  }),
]);

/** What {@link eventSchema} reads. */
export type QueuedEvent = z.output<typeof eventSchema>;

/** The id of an event's job: the same for the same event, so that what is told again and again waits once. */
export function eventJobId(event: DomainEvent): string {
  const text = JSON.stringify(event, (_, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
