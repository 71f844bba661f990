import { z } from "zod";
import { hash, type Hash, laneId, publicKey } from "../../domain/ids.ts";

/** The version of EIP-3076 whose shape this is. */
export const INTERCHANGE_VERSION = "5";

/** The largest nonce of a lane: the contracts count in 64 bits. */
export const MAX_NONCE = 2n ** 64n - 1n;

// A 64-bit number, as decimal digits; transforms in place, so that positions in errors are those of the file.
const uint64 = z.codec(
  z.string().regex(/^(0|[1-9][0-9]{0,19})$/, "expected a whole number in decimal digits, in quotes"),
  z.bigint().nonnegative().max(MAX_NONCE, "expected a number below 2^64"),
  { decode: (text) => BigInt(text), encode: (value) => value.toString() },
);

const place = { domain: hash, lane: laneId, nonce: uint64 };

const validator = z.strictObject({
  pubkey: publicKey,
  /** As EIP-3076's `signed_blocks`: `nonce` is its slot, `accumulator` its signing root, optional as there. */
  signed_points: z.array(z.strictObject({ ...place, accumulator: hash.optional(), epoch: uint64 })),
  /** Up to which nonce, included, nothing may be signed that is not among the points. */
  low_water_marks: z.array(z.strictObject(place)).default([]),
});

/**
 * What validators have signed, in the shape of EIP-3076 (slashing protection interchange, version 5), so that it can be moved from one
 * machine to another. Where Ethereum names its chain by `genesis_validators_root`, a bridge is named by its domains: each is the
 * hash of a destination chain, its Inbox and the version.
 */
export const interchangeSchema = z.strictObject({
  metadata: z.strictObject({
    interchange_format_version: z.literal(INTERCHANGE_VERSION),
    domains: z.array(hash),
  }),
  data: z.array(validator),
});

/** {@link interchangeSchema}, read. */
export type Interchange = z.infer<typeof interchangeSchema>;
/** One point that a validator has signed. */
export type SignedPoint = Interchange["data"][number]["signed_points"][number];

/** The domains that an interchange speaks of, in its metadata or in its data, each once. */
export function domainsOf({ metadata, data }: Interchange): ReadonlySet<Hash> {
  return new Set([
    ...metadata.domains,
    ...data.flatMap((each) => [...each.signed_points, ...each.low_water_marks].map(({ domain }) => domain)),
  ]);
}

/** The domains of an interchange that a bridge does not have: then it is probably another bridge's. */
export function foreignDomains(interchange: Interchange, own: ReadonlySet<Hash>): readonly Hash[] {
  return [...domainsOf(interchange)].filter((domain) => !own.has(domain));
}
