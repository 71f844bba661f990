import { toBeHex } from "ethers";
import { type Escrow, type Hex, type Milestone, type Payee, type Rules, Silence, State } from "./types.ts";

/** The packed words of the contract: RulesLib, MilestoneLib, PayeeLib and SlotLib. */

const MAX_40 = (1n << 40n) - 1n;
const MAX_96 = (1n << 96n) - 1n;
const MAX_16 = (1n << 16n) - 1n;
const MAX_128 = (1n << 128n) - 1n;
const MAX_32 = (1n << 32n) - 1n;

/** The value, if it fits; a value that does not would spill into its neighbour. */
function field(value: bigint, max: bigint, name: string): bigint {
  if (value < 0n || value > max) throw new RangeError(`${name} is ${value}, not within 0 and ${max}`);
  return value;
}

export function packRules(rules: Rules): bigint {
  return (
    (field(rules.salt, MAX_96, "salt") << 160n) |
    (field(rules.deliverBy, MAX_40, "deliverBy") << 120n) |
    (field(rules.reviewFor, MAX_40, "reviewFor") << 80n) |
    (field(rules.arbiterBy, MAX_40, "arbiterBy") << 40n) |
    (field(rules.defaultSplit, MAX_16, "defaultSplit") << 24n) |
    (field(rules.tip, MAX_16, "tip") << 8n) |
    BigInt(rules.onSilence)
  );
}

export function unpackRules(word: bigint): Rules {
  const onSilence = Object.values(Silence).find((policy) => BigInt(policy) === (word & 0xffn));
  if (onSilence === undefined) throw new RangeError(`not a rules word: ${toBeHex(word)}`);
  return {
    deliverBy: (word >> 120n) & MAX_40,
    reviewFor: (word >> 80n) & MAX_40,
    arbiterBy: (word >> 40n) & MAX_40,
    defaultSplit: (word >> 24n) & MAX_16,
    tip: (word >> 8n) & MAX_16,
    onSilence,
    salt: word >> 160n,
  };
}

export function packMilestone(milestone: Milestone): bigint {
  return (
    (field(milestone.deliverBy, MAX_40, "deliverBy") << 128n) | field(milestone.amount, MAX_128, "amount")
  );
}

export function unpackMilestone(word: bigint): Milestone {
  return { deliverBy: word >> 128n, amount: word & MAX_128 };
}

export function packPayee(payee: Payee): Hex {
  return `0x${payee.account.slice(2).toLowerCase()}${field(payee.share, MAX_16, "share").toString(16).padStart(24, "0")}`;
}

export function unpackPayee(word: Hex): Payee {
  return { account: `0x${word.slice(2, 42)}`, share: BigInt(`0x${word.slice(42)}`) };
}

export function packSlot(escrow: Escrow): bigint {
  return (
    (field(escrow.remaining, MAX_128, "remaining") << 128n) |
    (field(escrow.sellerSequence, MAX_32, "sellerSequence") << 88n) |
    (field(escrow.buyerSequence, MAX_32, "buyerSequence") << 56n) |
    (field(escrow.since, MAX_40, "since") << 16n) |
    (field(escrow.milestone, 0xffn, "milestone") << 8n) |
    BigInt(escrow.state)
  );
}

export function unpackSlot(word: bigint): Escrow {
  const state = Object.values(State).find((candidate) => BigInt(candidate) === (word & 0xffn));
  if (state === undefined) throw new RangeError(`not an escrow's slot: ${toBeHex(word)}`);
  return {
    state,
    milestone: (word >> 8n) & 0xffn,
    since: (word >> 16n) & MAX_40,
    buyerSequence: (word >> 56n) & MAX_32,
    sellerSequence: (word >> 88n) & MAX_32,
    remaining: word >> 128n,
  };
}
