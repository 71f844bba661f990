import { parseAmount } from "../../../relayer/domain/amount.ts";
import { explain } from "../../../relayer/domain/errors.ts";
import { address } from "../../../relayer/domain/ids.ts";
import { MAX_TIP, sortPayees, validateTerms, WHOLE } from "../../../relayer/escrow/core/terms.ts";
import { type Hex, Silence, type Terms, ZERO_ADDRESS } from "../../../relayer/escrow/core/types.ts";
import { NO_AGREEMENT } from "./agreement.ts";
import { tellRefusal } from "./sentences.ts";

/** The form of a new escrow, as it was filled in, and the terms that it makes. */

/** One more payee beside the seller; `share` in per cent. */
export type PayeeText = { readonly account: string; readonly share: string };
export type MilestoneText = { readonly amount: string; readonly deliverBy: string };

export type EscrowText = {
  readonly amount: string;
  readonly seller: string;
  readonly payees: readonly PayeeText[];
  /** Empty: nobody. */
  readonly arbiter: string;
  /** As a field for dates and times gives it: local time without a zone. */
  readonly deliverBy: string;
  readonly milestones: readonly MilestoneText[];
  /** Days that the buyer has to look at a delivery, and the arbiter has after the last review. */
  readonly reviewDays: string;
  readonly arbiterDays: string;
  readonly onSilence: "seller" | "buyer";
  /** Per cent for the payees when nobody rules. */
  readonly split: string;
  /** Per cent of what time pays, for whoever carries it out. */
  readonly tip: string;
  /** A file with what was agreed on, and its digest; undefined without one. */
  readonly agreement: { readonly name: string; readonly digest: Hex } | undefined;
};

export type EscrowSetting = {
  readonly buyer: string;
  /** The escrow contract. */
  readonly contract: string;
  readonly token: { readonly address: string; readonly symbol: string; readonly decimals: number };
  /** Unix seconds, by the chain. */
  readonly now: bigint;
  /** Below 2^96; sets apart escrows with otherwise equal terms. */
  readonly salt: bigint;
};

export type EscrowDraft =
  | { readonly ok: true; readonly terms: Terms }
  /** `field` is the one that the sentence is about, where it is one. */
  | { readonly ok: false; readonly field: keyof EscrowText | undefined; readonly message: string };

const DAY = 86_400n;

class Wrong extends Error {
  readonly field: keyof EscrowText | undefined;

  constructor(field: keyof EscrowText | undefined, message: string) {
    super(message);
    this.field = field;
  }
}

/** Makes terms of a form; the contract's own rules judge them before anything is signed. */
export function draftTerms(text: EscrowText, setting: EscrowSetting): EscrowDraft {
  try {
    const terms = readTerms(text, setting);
    const { contract, now, token } = setting;
    const valid = validateTerms(terms, contract, now);
    if (valid.ok) return { ok: true, terms };
    const { code, ...values } = valid.error;
    return { ok: false, field: undefined, message: tellRefusal(code, values, token) };
  } catch (error) {
    if (error instanceof Wrong) return { ok: false, field: error.field, message: error.message };
    throw error;
  }
}

function readTerms(text: EscrowText, { buyer, token, salt }: EscrowSetting): Terms {
  const amount = readAmount("amount", text.amount, token.decimals);
  const milestones = text.milestones.map((each) => ({
    amount: readAmount("milestones", each.amount, token.decimals),
    deliverBy: readMoment("milestones", each.deliverBy),
  }));
  const deliverBy = milestones.at(-1)?.deliverBy ?? readMoment("deliverBy", text.deliverBy);
  const reviewFor = readDays("reviewDays", text.reviewDays);
  const others = text.payees.map(({ account, share }) => ({
    account: readAccount("payees", account),
    share: readShare("payees", share),
  }));
  const rest = others.reduce((left, { share }) => left - share, WHOLE);
  if (rest <= 0n) throw new Wrong("payees", "The other payees' shares leave nothing for the seller.");
  return {
    ...{ buyer, token: token.address, amount, milestones },
    arbiter: text.arbiter.trim() === "" ? ZERO_ADDRESS : readAccount("arbiter", text.arbiter),
    rules: {
      ...{ deliverBy, reviewFor, salt, tip: readTip(text.tip) },
      arbiterBy: deliverBy + reviewFor + readDays("arbiterDays", text.arbiterDays),
      defaultSplit: readShare("split", text.split),
      onSilence: text.onSilence === "seller" ? Silence.PaysSeller : Silence.PaysBuyer,
    },
    metadata: text.agreement?.digest ?? NO_AGREEMENT,
    payees: sortPayees([{ account: readAccount("seller", text.seller), share: rest }, ...others]),
  };
}

function readAmount(field: keyof EscrowText, text: string, decimals: number): bigint {
  if (text.trim() === "") throw new Wrong(field, "Name an amount.");
  try {
    return parseAmount(text.trim(), decimals);
  } catch (error) {
    throw new Wrong(field, explain(error));
  }
}

function readAccount(field: keyof EscrowText, text: string): string {
  const read = address.safeParse(text.trim());
  if (read.success) return read.data;
  throw new Wrong(
    field,
    "That is no address: it is 0x and 40 hexadecimal digits, and its capitals must fit.",
  );
}

function readMoment(field: keyof EscrowText, text: string): bigint {
  const milliseconds = new Date(text).getTime();
  if (Number.isNaN(milliseconds)) throw new Wrong(field, "Name a day and a time.");
  return BigInt(Math.floor(milliseconds / 1_000));
}

/** Whole and half days, down to a tenth. */
function readDays(field: keyof EscrowText, text: string): bigint {
  if (!/^\d{1,4}(\.\d)?$/.test(text.trim()) || Number(text) === 0)
    throw new Wrong(field, "Name a number of days above zero, such as 3 or 0.5.");
  return (BigInt(Math.round(Number(text) * 10)) * DAY) / 10n;
}

function readTip(text: string): bigint {
  const tip = readShare("tip", text);
  if (tip > MAX_TIP) throw new Wrong("tip", `Name a tip of at most ${Number(MAX_TIP) / 100} per cent.`);
  return tip;
}

/** Per cent, to two digits behind the point. @returns basis points */
function readShare(field: keyof EscrowText, text: string): bigint {
  if (!/^\d{1,3}(\.\d{1,2})?$/.test(text.trim()) || Number(text) > 100)
    throw new Wrong(field, "Name a share from 0 to 100 per cent.");
  return BigInt(Math.round(Number(text) * 100));
}
