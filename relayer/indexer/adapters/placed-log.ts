import { type LogDescription, Result } from "ethers";
import { z } from "zod";
import { decodeSet, setHash } from "../../domain/validator-set.ts";
import type { FactPlace, SetFact } from "../core/facts.ts";

/** A log of one of our contracts, decoded as far as its contract's interface tells. */
export type PlacedLog = {
  readonly place: FactPlace;
  readonly log: LogDescription;
  /** The arguments that are not indexed, as the chain gave them. */
  readonly data: string;
};

const set = z.object({
  epoch: z.bigint(),
  expiresAt: z.bigint(),
  overlap: z.bigint(),
  threshold: z.bigint(),
  scheme: z.bigint(),
  members: z.array(z.string()),
});

/** An argument of a log; undefined where the event has none of that name. */
export function argument({ fragment, args }: LogDescription, name: string): unknown {
  return fragment.inputs.some((input) => input.name === name) ? args.getValue(name) : undefined;
}

/** A whole number among the arguments of a log. */
export function integerArgument(log: LogDescription, name: string): bigint {
  return z.bigint().parse(argument(log, name));
}

/** A validator set from the log that names it. */
export function decodeSetFact(place: FactPlace, log: LogDescription, kind: SetFact["kind"]): SetFact {
  const struct = z.instanceof(Result).parse(argument(log, "set"));
  const found = decodeSet(set.parse(struct.toObject()));
  const { epoch, scheme, threshold, overlap, expiresAt, members } = found;
  return { ...place, kind, epoch, setHash: setHash(found), scheme, threshold, overlap, expiresAt, members };
}
