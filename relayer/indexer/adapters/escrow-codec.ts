import { type ParamType, Result } from "ethers";
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

/** A value of a log as JSON can hold it: structs by the names of their fields, whole numbers as decimal strings. */
export function plain(value: unknown, type: ParamType): unknown {
  if (type.isArray()) return items(value).map((item) => plain(item, type.arrayChildren));
  if (type.isTuple()) {
    const values = items(value);
    return Object.fromEntries(type.components.map((field, i) => [field.name, plain(values[i], field)]));
  }
  return typeof value === "bigint" ? value.toString() : value;
}

const items = (value: unknown): readonly unknown[] => z.instanceof(Result).parse(value).toArray();
