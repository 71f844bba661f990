import { z } from "zod";

/** Milliseconds, up to a day; as in Toxiproxy they may be left out. */
const milliseconds = z.number().min(0).max(86_400_000).default(0);
/** The longest that something heals by itself after, in milliseconds: a day. */
const ttl = z.number().int().min(1).max(86_400_000).optional();

/**
 * What each type takes, by Toxiproxy's names and units (`latency` and the like in milliseconds, `rate` in KB/s, `delay` of the slicer in
 * microseconds). The last three are ours:
 *
 * - `stall`: nothing passes and nothing is lost, ends of connections included, as while all packets are dropped and TCP sends them again
 * - `rpc_lie`: in answers of a JSON-RPC node over HTTP, block hashes, logs and receipts are changed; toxicity counts for each answer
 * - `rpc_lag`: a JSON-RPC node over HTTP shows the chain as it was `blocks` blocks ago
 */
const attributesOf = {
  latency: z.strictObject({ latency: milliseconds, jitter: milliseconds, ttl }),
  bandwidth: z.strictObject({ rate: z.number().min(0).max(100_000_000).default(0), ttl }),
  slow_close: z.strictObject({ delay: milliseconds, ttl }),
  timeout: z.strictObject({ timeout: milliseconds, ttl }),
  reset_peer: z.strictObject({ timeout: milliseconds, ttl }),
  slicer: z.strictObject({
    average_size: z.number().int().min(1).max(1_048_576),
    size_variation: z.number().int().min(0).max(1_048_576).default(0),
    delay: z.number().min(0).max(60_000_000).default(0),
    ttl,
  }),
  limit_data: z.strictObject({ bytes: z.number().int().min(0).default(0), ttl }),
  stall: z.strictObject({ ttl }),
  rpc_lie: z.strictObject({ ttl }),
  rpc_lag: z.strictObject({ blocks: z.number().int().min(1).max(10_000), ttl }),
} as const;

/** Names go into paths of the API. */
export const toxiproxyName = z
  .string()
  .regex(/^[\w.>:-]{1,128}$/, "letters, digits and _ . > : - are allowed");

const common = {
  name: toxiproxyName,
  stream: z.enum(["upstream", "downstream"]).default("downstream"),
  /** The share of connections that it bites; of answers, for `rpc_lie`. */
  toxicity: z.number().min(0).max(1).default(1),
};
const toxicOf = <T extends keyof typeof attributesOf>(type: T) =>
  z.strictObject({ ...common, type: z.literal(type), attributes: attributesOf[type] });

/** A toxic as it lies on a proxy. */
export const toxicSchema = z.discriminatedUnion("type", [
  toxicOf("latency"),
  toxicOf("bandwidth"),
  toxicOf("slow_close"),
  toxicOf("timeout"),
  toxicOf("reset_peer"),
  toxicOf("slicer"),
  toxicOf("limit_data"),
  toxicOf("stall"),
  toxicOf("rpc_lie"),
  toxicOf("rpc_lag"),
]);
/** {@link toxicSchema} */
export type Toxic = z.infer<typeof toxicSchema>;
export type ToxicType = Toxic["type"];
export type ToxicOf<T extends ToxicType> = Extract<Toxic, { readonly type: T }>;

/** Only the toxics of one type. */
export function ofType<T extends ToxicType>(toxics: readonly Toxic[], type: T): readonly ToxicOf<T>[] {
  return toxics.filter((toxic): toxic is ToxicOf<T> => toxic.type === type);
}

/**
 * How long after it came a chunk may go on, in milliseconds; `Infinity` while it is held.
 * @param jitter from -1 to 1, drawn once for each chunk
 */
export function heldFor(toxics: readonly Toxic[], jitter: number): number {
  if (toxics.some((toxic) => isStalling(toxic))) return Infinity;
  return ofType(toxics, "latency").reduce(
    (sum, { attributes }) => sum + Math.max(0, attributes.latency + jitter * attributes.jitter),
    0,
  );
}

/** Whether nothing passes at all: a stall, or a bandwidth of nothing. */
function isStalling(toxic: Toxic): boolean {
  return toxic.type === "stall" || (toxic.type === "bandwidth" && toxic.attributes.rate === 0);
}

/** The most that is sent at once under a bandwidth: so much as passes in this time, so that it flows and does not come in bursts. */
const PACE_MILLISECONDS = 50;

/**
 * In how large a piece the next bytes of a chunk go on, and how long before it.
 * @param random from 0 to 1
 */
export function nextPiece(
  toxics: readonly Toxic[],
  length: number,
  random: number,
): { readonly length: number; readonly waitMilliseconds: number } {
  let [size, wait] = [length, 0];
  for (const { attributes } of ofType(toxics, "slicer")) {
    const variation = Math.round((2 * random - 1) * attributes.size_variation);
    size = Math.min(size, Math.max(1, attributes.average_size + variation));
    wait += attributes.delay / 1_000;
  }
  const rates = ofType(toxics, "bandwidth").map(({ attributes }) => attributes.rate * 1.024);
  for (const rate of rates) size = Math.min(size, Math.max(1, Math.floor(rate * PACE_MILLISECONDS)));
  for (const rate of rates) wait += size / rate;
  return { length: size, waitMilliseconds: wait };
}

/** How many bytes a direction may still pass before it is closed; `Infinity` without a limit. */
export function allowance(toxics: readonly Toxic[], passed: number): number {
  return Math.max(
    0,
    Math.min(...ofType(toxics, "limit_data").map(({ attributes }) => attributes.bytes), Infinity) - passed,
  );
}
