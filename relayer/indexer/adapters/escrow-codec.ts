import { Result } from "ethers";
import { z } from "zod";

const amount = z.string().transform(BigInt);

/** The arguments of any event as JSON says them: whole numbers as decimal strings. */
export const record = z.record(z.string(), z.unknown());

/** The packed terms of a `Created` event, as they are stored: what `decodeTerms` reads. */
export const storedTerms = z.preprocess(
  (details) => record.safeParse(details).data?.["terms"] ?? details,
  z.object({
    buyer: z.string(),
    token: z.string(),
    arbiter: z.string(),
    amount,
    rules: amount,
    metadata: z.string(),
    milestones: z.array(amount),
    payees: z.array(z.string()),
  }),
);

/** The events that change where an escrow stands, as they are stored. */
export const storedEvent = z.discriminatedUnion("name", [
  z.object({ name: z.enum(["Delivered", "Refunded", "Disputed", "Expired"]) }),
  z.object({
    name: z.enum(["Released", "PartiallyReleased", "PartiallyRefunded", "MilestoneExpired"]),
    remaining: amount,
  }),
  z.object({ name: z.literal("Acted"), party: z.string() }),
  z.object({ name: z.literal("Resolved"), toPayees: amount }),
]);

/** The named arguments of a log as JSON can hold them: whole numbers as decimal strings. */
export function plain(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (!(value instanceof Result)) return value;
  const names = Object.keys(value.toObject());
  return names.length > 0 && !names.includes("_")
    ? Object.fromEntries(names.map((name) => [name, plain(value.getValue(name))]))
    : value.toArray().map(plain);
}
