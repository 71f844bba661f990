import { decodeBase64, encodeBase64, toUtf8Bytes, toUtf8String } from "ethers";
import { z } from "zod";
import { type Command, step } from "../../../relayer/escrow/core/machine.ts";
import { signedAction, type SignedAction } from "../../../relayer/escrow/core/signed-action.ts";
import type { EscrowId, Payment } from "../../../relayer/escrow/core/types.ts";
import type { ReadEscrow } from "./escrow-outlook.ts";
import { tellRefusal, type TokenWords } from "./sentences.ts";
import { WalletTrouble } from "./wallet-error.ts";

/** What somebody has signed for others to send: as text and as the end of a link, and in plain words. */

/** More is no signed action, and would only keep the page busy. */
const MOST_CHARACTERS = 40_000;

export type ReadSigned =
  { readonly ok: true; readonly signed: SignedAction } | { readonly ok: false; readonly message: string };

/** The text that `dchat escrow execute` takes as well. */
export function textOf(signed: SignedAction): string {
  return JSON.stringify(z.encode(signedAction, signed), null, 2);
}

/** The end of a link. It stands behind the # of an address, which browsers send to no server. */
export function fragmentOf(signed: SignedAction): string {
  const text = JSON.stringify(z.encode(signedAction, signed));
  const coded = encodeBase64(toUtf8Bytes(text)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return `#/signed/${coded}`;
}

/** Reads a signed action as text, as a link, or as the end of one. */
export function readSigned(given: string): ReadSigned {
  const trimmed = given.trim();
  if (trimmed.length > MOST_CHARACTERS)
    return { ok: false, message: "That is too long for a signed action." };
  const coded = trimmed.split("#/signed/").at(-1) ?? "";
  try {
    const text = trimmed.startsWith("{") ? trimmed : decoded(coded);
    return { ok: true, signed: signedAction.parse(JSON.parse(text)) };
  } catch {
    return {
      ok: false,
      message:
        "That is no signed action, or not all of one. Nothing was sent; ask for it again, and take all of its text or of its link.",
    };
  }
}

/**
 * Until when a signature shall be good.
 * @param text as a field for dates and times gives it: local time without a zone
 * @param now Unix seconds
 * @returns the last Unix second
 * @throws WalletTrouble when that has passed
 */
export function readDeadline(text: string, now: number): bigint {
  const milliseconds = new Date(text).getTime();
  if (Number.isNaN(milliseconds) || milliseconds <= now * 1_000)
    throw new WalletTrouble(
      "refused",
      "Name a day and a time ahead, until which it shall be good. Nothing was signed.",
    );
  return BigInt(Math.floor(milliseconds / 1_000));
}

/** A moment as such a field takes it. @param seconds Unix seconds */
export function fieldOf(seconds: number): string {
  const moment = new Date(seconds * 1_000);
  // Shifted, so that what is written in UTC is local time.
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** base64url, whose padding may be left out. */
function decoded(coded: string): string {
  const plain = coded.replaceAll("-", "+").replaceAll("_", "/");
  return toUtf8String(decodeBase64(plain.padEnd(Math.ceil(plain.length / 4) * 4, "=")));
}

/** What a signed action does, as far as the index knows the escrow. */
export type SignedOutlook = {
  readonly title: string;
  readonly meaning: string;
  /** Who is paid how much when it is sent now. */
  readonly payments: readonly Payment[];
  /** Why it is no longer good; undefined while it may be. Only the chain knows whether it was taken back. */
  readonly refusal: string | undefined;
};

/** Says what sending it does. @param now Unix seconds @param token what the escrow holds */
export function outlookOfSigned(
  { id, action, authorization }: SignedAction,
  { terms, escrow }: ReadEscrow,
  now: bigint,
  token: TokenWords,
): SignedOutlook {
  const { title, meaning } = WORDS[action.kind];
  const about = { title, meaning };
  if (now > authorization.deadline)
    return {
      ...about,
      payments: [],
      refusal: "Its time is over: it can no longer be sent. Nothing was paid by it; ask for a new one.",
    };
  const stepped = step({ id: id as string as EscrowId, terms, escrow, now }, commandOf(action));
  if (stepped.ok) return { ...about, payments: stepped.value.payments, refusal: undefined };
  const { code, ...values } = stepped.error;
  const why = tellRefusal(code, values, token);
  return { ...about, payments: [], refusal: `It would be refused. ${why} Nothing is paid by it.` };
}

const WORDS: Readonly<
  Record<SignedAction["action"]["kind"], { readonly title: string; readonly meaning: string }>
> = {
  Deliver: {
    title: "A signed delivery",
    meaning: "The seller says that it is delivered. The review begins.",
  },
  Release: {
    title: "A signed release",
    meaning:
      "The buyer releases all that is due at the moment when it is sent. What is paid cannot be called back.",
  },
  ReleasePartial: {
    title: "A signed release of a part",
    meaning: "The buyer releases this part. What is paid cannot be called back.",
  },
  Refund: {
    title: "A signed refund",
    meaning: "The seller gives back all that is left in it. It cannot be called back.",
  },
  RefundPartial: {
    title: "A signed refund of a part",
    meaning: "The seller gives this part back. It cannot be called back.",
  },
  Dispute: {
    title: "A signed dispute",
    meaning: "The arbiter is called. What is left is frozen until it is ruled upon.",
  },
  SubmitEvidence: {
    title: "Signed evidence",
    meaning: "The arbiter is shown where evidence can be read.",
  },
  PublishAgreement: {
    title: "A signed publication",
    meaning: "It is put down where the agreement can be read.",
  },
  Resolve: { title: "A signed ruling", meaning: "The arbiter divides what is left, for good." },
};

function commandOf({ kind, account: actor, amount }: SignedAction["action"]): Command {
  switch (kind) {
    case "Deliver":
      return { kind: "deliver", actor };
    case "Release":
      return { kind: "release", actor };
    case "ReleasePartial":
      return { kind: "releasePartial", actor, amount };
    case "Refund":
      return { kind: "refund", actor };
    case "RefundPartial":
      return { kind: "refundPartial", actor, amount };
    case "Dispute":
      return { kind: "dispute", actor };
    case "SubmitEvidence":
      return { kind: "submitEvidence", actor };
    case "PublishAgreement":
      return { kind: "publishAgreement", actor };
    case "Resolve":
      return { kind: "resolve", actor, toBuyer: amount };
  }
}
