import { type LogDescription, ZeroAddress, ZeroHash } from "ethers";
import { OFFENCES } from "../../bridge/core/slashing.ts";
import { address, type Address, hash, type Hash, publicKey } from "../../domain/ids.ts";
import {
  type FactPlace,
  type SetFact,
  type SlashingFact,
  VALIDATOR_EVENTS,
  type ValidatorFact,
} from "../core/facts.ts";
import { argument, decodeSetFact, type PlacedLog } from "./placed-log.ts";

/** What a slashing says nothing about. */
const UNSAID = {
  key: null,
  offence: null,
  placeId: null,
  epoch: null,
  amount: null,
  reward: null,
  reporter: null,
  evidenceHash: null,
  pendingId: null,
  executableAt: null,
} as const;

/** The logs of a registry: what happened to validators, the sets that it formed, and what it took of bonds. */
export function decodeValidator(logs: readonly PlacedLog[]): {
  readonly events: readonly ValidatorFact[];
  readonly sets: readonly SetFact[];
  readonly payments: readonly SlashingFact[];
} {
  return {
    events: logs.flatMap(decodeEvent),
    sets: logs.flatMap(({ place, log }) =>
      log.name === "ValidatorSetFormed" ? [decodeSetFact(place, log, "formed")] : [],
    ),
    payments: logs.flatMap(({ place, log }) => (log.name === "BondSlashed" ? [payment(place, log)] : [])),
  };
}

function decodeEvent({ place, log }: PlacedLog): readonly ValidatorFact[] {
  const name = VALIDATOR_EVENTS.find((known) => known === log.name);
  if (name === undefined) return [];
  return [
    {
      ...place,
      key: publicKey.parse(argument(log, "key")),
      name,
      account: account(argument(log, "operator") ?? argument(log, "to") ?? argument(log, "reporter")),
      amount: number(argument(log, "amount")),
      bond: number(argument(log, "bond")),
      jailedUntil: number(argument(log, "until")),
      holds: number(argument(log, "holds")),
      blsKeyHash: digest(argument(log, "blsKeyHash")),
    },
  ];
}

function payment(place: FactPlace, log: LogDescription): SlashingFact {
  return {
    ...place,
    ...UNSAID,
    kind: "paid",
    key: publicKey.parse(argument(log, "key")),
    amount: number(argument(log, "amount")),
    reward: number(argument(log, "reward")),
    reporter: account(argument(log, "reporter")),
  };
}

/** The logs of a slashing contract that judge somebody. */
export function decodeSlashing(logs: readonly PlacedLog[]): readonly SlashingFact[] {
  return logs.flatMap(({ place, log }): readonly SlashingFact[] => {
    switch (log.name) {
      case "Punished":
        return [{ ...place, ...judgement(log), kind: "punished", amount: number(argument(log, "taken")) }];
      case "SlashPending":
        return [
          {
            ...place,
            ...judgement(log),
            kind: "pending",
            pendingId: number(argument(log, "id")),
            executableAt: number(argument(log, "executableAt")),
          },
        ];
      case "SlashVetoed":
        return [{ ...place, ...UNSAID, kind: "vetoed", pendingId: number(argument(log, "id")) }];
      case "SlashExecuted":
        return [{ ...place, ...UNSAID, kind: "executed", pendingId: number(argument(log, "id")) }];
      case "CollusionPunished":
        return [
          {
            ...place,
            ...UNSAID,
            kind: "collusion",
            placeId: digest(argument(log, "placeId")),
            amount: number(argument(log, "taken")),
          },
        ];
      default:
        return [];
    }
  });
}

function judgement(log: LogDescription): Omit<SlashingFact, keyof FactPlace | "kind"> {
  return {
    ...UNSAID,
    key: publicKey.parse(argument(log, "key")),
    offence: OFFENCES[Number(argument(log, "offence"))] ?? null,
    placeId: digest(argument(log, "placeId")),
    epoch: number(argument(log, "epoch")),
    reporter: account(argument(log, "reporter")),
    evidenceHash: digest(argument(log, "evidenceHash")),
  };
}

const number = (value: unknown): bigint | null => (typeof value === "bigint" ? value : null);
const account = (value: unknown): Address | null =>
  value === undefined || value === ZeroAddress ? null : address.parse(value);
const digest = (value: unknown): Hash | null =>
  value === undefined || value === ZeroHash ? null : hash.parse(value);
