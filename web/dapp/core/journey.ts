import type { MessageList } from "../../../relayer/api/list-schema.ts";
import type { MessageDetail, NetworkView } from "../../../relayer/api/wallet-schema.ts";
import { showMoment, showSpan } from "../../shared/core/format.ts";
import type { TransactionFate } from "./transaction.ts";

/** The steps of a transfer as people see them, worked out anew from all that is known each time. */

export type Finality = NetworkView["chains"][number]["finality"];

/** What is known of a transfer; nothing of it need be. Times in Unix seconds. */
export type JourneyFacts = {
  readonly from: string;
  readonly to: string;
  readonly finality: Finality;
  /** What the wallet's chain says of the transaction; undefined for other people's, and while the wallet is on another chain. */
  readonly fate: TransactionFate | undefined;
  /** The message by the word of the chains; undefined before it is known. */
  readonly detail: MessageDetail | undefined;
  /** The message by the index, which may come a moment later. */
  readonly listed: MessageList["messages"][number] | undefined;
  /** When it was signed, on this device. */
  readonly signedAt: number | undefined;
  /** Whether this page has seen it fail on arrival before. */
  readonly hasFailed: boolean;
  /** Why its execution failed, in a sentence; undefined where it did not. */
  readonly why: string | undefined;
};

export const STEP_NAMES = ["Signed", "In a block", "Confirmed", "Attested", "Delivered"] as const;

export type JourneyStep = {
  readonly name: (typeof STEP_NAMES)[number];
  readonly state: "done" | "current" | "ahead" | "trouble";
  /** One sentence; may be empty. */
  readonly detail: string;
  readonly transaction?: { readonly chain: string; readonly hash: string };
  /** How far a step that counts has come. */
  readonly progress?: { readonly count: number; readonly of: number };
};

export type Journey = {
  readonly headline: string;
  /** What it means for the money, and what to do, if anything. */
  readonly meaning: string;
  readonly tone: "moving" | "good" | "warn" | "bad";
  /** Nothing will change any more by itself. */
  readonly isOver: boolean;
  readonly steps: readonly JourneyStep[];
  /** From the first to the last moment that is known, in seconds; until `now` while it is under way. */
  readonly elapsed: number | undefined;
};

type Ending = Pick<Journey, "headline" | "meaning" | "tone" | "isOver"> & {
  /** How many steps are done, and the sentences of all of them. */
  readonly done: number;
  readonly isTrouble?: boolean;
  readonly details: readonly string[];
};

/** Where a transfer is. @param now Unix seconds */
export function journeyOf(facts: JourneyFacts, now: number): Journey {
  const { detail } = facts;
  const ending = detail === undefined ? beforeMessage(facts) : withMessage(facts, detail, now);
  const { done, isTrouble = false, details, ...rest } = ending;
  const steps = STEP_NAMES.map((name, i): JourneyStep => {
    const current = isTrouble ? "trouble" : "current";
    const state = i < done ? "done" : i === done ? current : "ahead";
    return { name, state, detail: details[i] ?? "", ...extras(name, facts) };
  });
  return { ...rest, steps, elapsed: elapsedOf(facts, rest.isOver, now) };
}

function beforeMessage({ fate, from, listed }: JourneyFacts): Ending {
  const signed = "Your wallet has signed and sent it.";
  const under = (headline: string, meaning: string, done: number, details: readonly string[]): Ending => ({
    ...{ headline, meaning, done, details, tone: "moving", isOver: false },
  });
  if (fate?.kind === "included" || listed !== undefined)
    return under(`On ${from}`, "It is in a block; the bridge is being asked about it.", 2, [signed]);
  if (fate === undefined || fate.kind === "pending")
    return under(
      `Waiting for ${from}`,
      "The transaction waits for a block. You may close this page: it goes on without it.",
      1,
      [signed, "It waits for a block."],
    );
  return { ...troubleBefore(fate, from), done: 1, isTrouble: true };
}

function troubleBefore(
  fate: Exclude<TransactionFate, { kind: "pending" | "included" }>,
  from: string,
): Omit<Ending, "done"> {
  const signed = "Your wallet has signed and sent it.";
  const say = (
    tone: "warn" | "bad",
    isOver: boolean,
    headline: string,
    meaning: string,
    detail: string,
  ): Omit<Ending, "done"> => ({ headline, meaning, tone, isOver, details: [signed, detail] });
  switch (fate.kind) {
    case "reverted":
      return say(
        "bad",
        true,
        "The transfer failed",
        `The chain refused it, and it cost its fee and nothing else. Your tokens are still in your wallet on ${from}. An approval that you gave before stays, for this amount only.`,
        `Block ${fate.blockNumber} holds it as failed.`,
      );
    case "repriced":
      return say(
        "warn",
        false,
        "Sent again with another fee",
        "The same transfer was included under another transaction. It counts once.",
        "Its other transaction took its place.",
      );
    case "cancelled":
      return say(
        "warn",
        true,
        "Cancelled in your wallet",
        `Another transaction took its place, and nothing was transferred. Your tokens are still in your wallet on ${from}.`,
        "It was taken back before a block held it.",
      );
    case "replaced":
      return say(
        "warn",
        true,
        "Replaced by another transaction",
        `Your account used its number for something else, so that this transfer can never be included. It took nothing; send it again if you still want it.`,
        "Its number is used up.",
      );
    case "reorged":
      return say(
        "warn",
        false,
        "Taken back by the chain",
        `The block that held it is no longer part of ${from}. That happens; it will be included again, and counts once. Nothing crosses before it is final.`,
        "It waits for a block once more.",
      );
    case "dropped":
      return say(
        "warn",
        false,
        "Not known to the chain",
        `The node has forgotten the transaction, often because its fee was low. So far nothing was taken. Send it again from your wallet's own list of transactions, so that it cannot count twice.`,
        "No node waits with it for a block.",
      );
  }
}

function withMessage(facts: JourneyFacts, detail: MessageDetail, now: number): Ending {
  const { from, to } = facts;
  const signed = signedWords(facts);
  const inBlock = `Block ${detail.source.blockNumber} on ${from} holds it.`;
  const confirmed = `Final on ${from}.`;
  const attested = "A quorum of validators has signed.";
  const all = [signed, inBlock, confirmed, attested];
  switch (detail.state) {
    case "sent":
      return {
        ...{ headline: `Being confirmed on ${from}`, tone: "moving", isOver: false, done: 2 },
        meaning: "It is in a block. It crosses as soon as that block cannot be taken back any more.",
        details: [signed, inBlock, confirmationsOf(facts, detail).sentence],
      };
    case "final":
      return {
        ...{ headline: "Being attested", tone: "moving", isOver: false, done: 3 },
        meaning: "Validators look it up on the chain, each for itself, and sign what they see.",
        details: [signed, inBlock, confirmed, attestationsOf(detail)],
      };
    case "attested":
      return {
        ...{ headline: `On its way to ${to}`, tone: "moving", isOver: false, done: 4 },
        meaning: "Enough validators have signed. A relayer brings it over.",
        details: [...all, `It is being sent to ${to}.`],
      };
    case "failed":
      return {
        ...{ headline: `Not paid on ${to} yet`, tone: "warn", isOver: false, done: 4, isTrouble: true },
        meaning: `It arrived, but the bridge on ${to} could not pay it. ${facts.why ?? ""} The money is not lost: ${to} keeps it, and anybody can try again, here or with “dchat message retry”.`,
        details: [...all, `${to} keeps it for another try.`],
      };
    case "delivered":
      return { ...delivered(facts, detail, now), details: [...all, deliveredWords(facts, detail)] };
  }
}

function signedWords({ signedAt, fate }: JourneyFacts): string {
  if (signedAt === undefined) return "It was sent.";
  return fate?.kind === "repriced"
    ? "Your wallet has sent it again with another fee, and that transaction took its place. It counts once."
    : "Your wallet has signed and sent it.";
}

function delivered({ to }: JourneyFacts, { waiting }: MessageDetail, now: number): Omit<Ending, "details"> {
  if (waiting === null)
    return {
      ...{ headline: "Delivered", tone: "good", isOver: true, done: 5 },
      meaning: `The money is with its recipient on ${to}.`,
    };
  const isDue = now >= waiting.releaseAt;
  return {
    headline: isDue ? "Ready to be paid" : `Waiting on ${to}`,
    meaning: isDue
      ? "Its wait is over: anybody can have it paid now, and its recipient gets it."
      : `It is a large transfer, which is paid from ${showMoment(waiting.releaseAt)} on (in ${showSpan(waiting.releaseAt - now)})${waiting.isHeld ? "; the guardian has postponed it once" : ""}. It is safe meanwhile.`,
    ...{ tone: "warn", isOver: false, done: 4 },
  };
}

function deliveredWords({ to, hasFailed }: JourneyFacts, { destination, waiting }: MessageDetail): string {
  if (waiting !== null) return `It arrived on ${to} and waits to be paid.`;
  const block = destination === null ? "" : ` in block ${destination.blockNumber}`;
  return hasFailed ? `Paid on ${to}${block}, at another try.` : `Paid on ${to}${block}.`;
}

function confirmationsOf({ finality }: JourneyFacts, { source, originBlocks }: MessageDetail) {
  if ("depth" in finality) {
    const of = finality.depth;
    const count = Math.min(of, Math.max(0, originBlocks.newest - source.blockNumber));
    return { sentence: `${count} of ${of} confirmations.`, progress: { count, of } };
  }
  return {
    sentence: `The chain calls block ${originBlocks.final} ${finality.tag}; this is block ${source.blockNumber}.`,
    progress: undefined,
  };
}

function attestationsOf({ attestations }: MessageDetail): string {
  if (attestations === null) return "";
  const { count, threshold, validators } = attestations;
  return `${count} of ${validators} validators have signed; ${threshold} must.`;
}

/** What a step shows beside its sentence. */
function extras(
  name: JourneyStep["name"],
  facts: JourneyFacts,
): Pick<JourneyStep, "transaction" | "progress"> {
  const { detail, fate, from } = facts;
  if (name === "In a block" && detail !== undefined)
    return { transaction: { chain: from, hash: detail.source.transactionHash } };
  if (name === "In a block" && fate !== undefined && "hash" in fate && fate.hash !== undefined)
    return { transaction: { chain: from, hash: fate.hash } };
  if (detail === undefined) return {};
  if (name === "Confirmed" && detail.state === "sent") {
    const { progress } = confirmationsOf(facts, detail);
    return progress === undefined ? {} : { progress };
  }
  if (name === "Attested" && detail.state === "final" && detail.attestations !== null)
    return { progress: { count: detail.attestations.count, of: detail.attestations.threshold } };
  if (name === "Delivered" && detail.destination !== null)
    return { transaction: { chain: detail.destination.chain, hash: detail.destination.transactionHash } };
  return {};
}

/** Both ends by clocks that agree: the chains', or this device's while the index knows nothing yet. */
function elapsedOf({ listed, signedAt }: JourneyFacts, isOver: boolean, now: number): number | undefined {
  const began = listed?.sentAt ?? signedAt;
  if (began === undefined) return undefined;
  const ended = listed?.deliveredAt ?? (isOver ? undefined : now);
  return ended === undefined ? undefined : Math.max(0, ended - began);
}
