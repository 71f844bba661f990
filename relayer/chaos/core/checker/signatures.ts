import { domainOf } from "../../../domain/attestation.ts";
import type { Hash } from "../../../domain/ids.ts";
import { laneFrom } from "../../../domain/message.ts";
import { setHash } from "../../../domain/validator-set.ts";
import type { Evidence, SigningEvidence } from "./evidence.ts";
import type { ShownSignature } from "./quorums.ts";
import { Places, type Violation } from "./violation.ts";

/** One thing that a validator signed, and where that is known from. */
type Known = { readonly accumulator: Hash; readonly source: string };

/**
 * No validator has signed two accumulators for one place: not in its records, of which there may be several copies; not on the chains; not
 * in the ones and the others. And what it has signed is what the origin says, and is in its records.
 *
 * What is closed in the records without an accumulator is known to nobody, so nothing is held against it.
 */
export function consistent(evidence: Evidence, shown: readonly ShownSignature[]): readonly Violation[] {
  const places = new Places(evidence);
  const truth = new Truth(evidence);
  const signed = new Map<string, Known[]>();
  const add = (key: string, known: Known) => signed.set(key, [...(signed.get(key) ?? []), known]);
  for (const { source, validator, domain, lane, signed: records } of evidence.records)
    for (const [nonce, { accumulator }] of records)
      if (accumulator !== undefined) add(keyOf(validator, domain, lane, nonce), { accumulator, source });
  for (const { validator, statement, place } of shown) {
    const { domain, lane, nonce, accumulator } = statement;
    add(keyOf(validator, domain, lane, nonce), { accumulator, source: places.at(place) });
  }
  return [
    ...[...signed].flatMap(([key, known]) => conflict(key, known) ?? truth.contradiction(key, known) ?? []),
    ...unrecorded(evidence.records, shown, places),
  ].map((text): Violation => ({ rule: "no-conflict", text }));
}

const keyOf = (...parts: readonly [validator: string, domain: string, lane: string, nonce: bigint]) =>
  parts.join(" ");

function describe(key: string): {
  readonly validator: string;
  readonly where: string;
  readonly domain: string;
  readonly lane: string;
  readonly nonce: bigint;
} {
  const [validator = "", domain = "", lane = "", nonce = "0"] = key.split(" ");
  return {
    validator,
    domain,
    lane,
    nonce: BigInt(nonce),
    where: `nonce ${nonce} of lane ${lane} under domain ${domain}`,
  };
}

function conflict(key: string, known: readonly Known[]): string | undefined {
  const [first] = known;
  const other = known.find(({ accumulator }) => accumulator !== first?.accumulator);
  if (first === undefined || other === undefined) return undefined;
  const { validator, where } = describe(key);
  return `Validator ${validator} has signed two accumulators for ${where}: ${first.accumulator} (${first.source}) and ${other.accumulator} (${other.source}).`;
}

/** What the chains say that there was to sign. */
class Truth {
  readonly #lanes = new Map<string, ReadonlyMap<bigint, Hash>>();

  constructor({ chains, home }: Evidence) {
    const sets = new Map((home?.sets ?? []).map(({ set }) => [set.epoch, setHash(set)]));
    for (const { chainId, inbox } of chains) {
      const domain = domainOf(chainId, inbox);
      if (home !== undefined)
        this.#lanes.set(`${domain} ${laneFrom(home.chainId, home.registry, chainId).id}`, sets);
      for (const origin of chains) {
        const deposits = origin.deposits.filter((each) => each.destinationChainId === chainId);
        this.#lanes.set(
          `${domain} ${laneFrom(origin.chainId, origin.outbox, chainId).id}`,
          new Map(deposits.map(({ nonce, accumulator }) => [nonce, accumulator])),
        );
      }
    }
  }

  /** Lanes of other networks are none of this checker's business: a validator may serve several. */
  contradiction(key: string, [known]: readonly Known[]): string | undefined {
    const { validator, domain, lane, nonce, where } = describe(key);
    const accumulators = this.#lanes.get(`${domain} ${lane}`);
    if (accumulators === undefined || known === undefined) return undefined;
    const truth = accumulators.get(nonce);
    if (truth === known.accumulator) return undefined;
    const said = truth === undefined ? "shows nothing there" : `says ${truth}`;
    return `Validator ${validator} has signed ${known.accumulator} for ${where} (${known.source}), but the lane's origin ${said}.`;
  }
}

/** A signature on a chain that its signer's records do not have was made past the gate. Nobody's records are asked who showed none. */
function unrecorded(
  records: readonly SigningEvidence[],
  shown: readonly ShownSignature[],
  places: Places,
): readonly string[] {
  const byValidator = Map.groupBy(records, ({ validator }) => validator);
  return shown.flatMap(({ validator, statement, place }) => {
    const own = byValidator.get(validator);
    if (own === undefined) return [];
    const { domain, lane, nonce } = statement;
    const lanes = own.filter((each) => each.domain === domain && each.lane === lane);
    if (lanes.some(({ signed, lowWaterMark }) => signed.has(nonce) || nonce <= lowWaterMark)) return [];
    const { where } = describe(keyOf(validator, domain, lane, nonce));
    return [
      `Validator ${validator} has signed ${statement.accumulator} for ${where} by ${places.at(place)}, and its records (${own.map(({ source }) => source).join(", ")}) do not have it.`,
    ];
  });
}
