import { z } from "zod";
import type { EscrowDetail } from "../../../relayer/api/list-schema.ts";
import { NO_ESCROW } from "../../../relayer/escrow/core/machine.ts";
import { type NextStep, nextSteps } from "../../../relayer/escrow/core/next.ts";
import {
  ActionKind,
  type Escrow,
  sameAddress,
  Silence,
  State,
  type Terms,
  ZERO_ADDRESS,
} from "../../../relayer/escrow/core/types.ts";
import { dueAt, timeoutPays } from "../../../relayer/escrow/core/windows.ts";
import { unpackMilestone, unpackPayee, unpackRules } from "../../../relayer/escrow/core/words.ts";

/** What an escrow means for the party who looks at it. */

export type Party = "buyer" | "seller" | "arbiter" | "payee" | "nobody";
export type Action = NextStep["action"];

/** What a party can sign for somebody else to send. A time-out needs nobody's signature. */
export type SignableOffer = Exclude<Action, "expire">;

/** An escrow with its terms, as the contract's rules know it. */
export type ReadEscrow = { readonly terms: Terms; readonly escrow: Escrow };

/** Something that whoever looks can do now, as a button says it. */
export type Offer = {
  readonly action: Action;
  readonly label: string;
  /** What it does, in a sentence. */
  readonly meaning: string;
  /** What moves the escrow on as planned stands out. */
  readonly isPlanned: boolean;
  /** What must be given with it. */
  readonly needs: "nothing" | "part" | "evidence" | "ruling";
};

export type Outlook = {
  readonly party: Party;
  readonly headline: string;
  readonly meaning: string;
  /** Unix second at which time decides; undefined for a closed escrow. */
  readonly decidedAt: number | undefined;
  /** What happens then. */
  readonly afterwards: string;
  readonly offers: readonly Offer[];
};

const whole = z.string().transform(BigInt);
const packed = z.object({
  ...{ buyer: z.string(), token: z.string(), arbiter: z.string(), metadata: z.string() },
  ...{ amount: whole, rules: whole, milestones: z.array(whole), payees: z.array(z.string()) },
});

/** Reads what the index holds of an escrow. */
export function readEscrow({ terms, state, milestone, since, remaining }: EscrowDetail): ReadEscrow {
  const { rules, milestones, payees, ...same } = packed.parse(terms);
  return {
    terms: {
      ...same,
      rules: unpackRules(rules),
      milestones: milestones.map((word) => unpackMilestone(word)),
      payees: payees.map((word) => unpackPayee(word)),
    },
    escrow: { ...NO_ESCROW, state: State[state], milestone: BigInt(milestone), since, remaining },
  };
}

/** Who an account is in an escrow. */
export function partyOf({ buyer, arbiter, payees }: Terms, account: string | undefined): Party {
  if (account === undefined) return "nobody";
  if (sameAddress(account, buyer)) return "buyer";
  if (payees[0] !== undefined && sameAddress(account, payees[0].account)) return "seller";
  if (sameAddress(account, arbiter)) return "arbiter";
  return payees.some((payee) => sameAddress(account, payee.account)) ? "payee" : "nobody";
}

/** What is to be done, by whom and until when. @param now Unix seconds @param show an amount of the escrow's token */
export function outlookOf(
  { terms, escrow }: ReadEscrow,
  account: string | undefined,
  now: bigint,
  show: (amount: bigint) => string,
): Outlook {
  const party = partyOf(terms, account);
  const due = dueAt(terms, escrow);
  // What stands first moves the escrow on as planned; nobody is pushed to release before a delivery.
  const offers = nextSteps(terms, escrow, now).flatMap(({ who, action }, i) =>
    who === party || (who === "anybody" && account !== undefined) ? [offerOf(action, escrow, i === 0)] : [],
  );
  const isDue = due > 0n && now >= due;
  return {
    party,
    ...(isDue ? overdue(escrow) : standing({ terms, escrow }, party)),
    decidedAt: due === 0n ? undefined : Number(due),
    afterwards: due === 0n ? "" : afterwards({ terms, escrow }, show),
    offers,
  };
}

function overdue({ state }: Escrow): Pick<Outlook, "headline" | "meaning"> {
  const late: Partial<Record<State, string>> = {
    [State.Locked]: "Nothing was delivered in time.",
    [State.AwaitingRelease]: "The review is over.",
    [State.Disputed]: "The arbiter did not rule in time.",
  };
  return {
    headline: "Time has decided",
    meaning: `${late[state] ?? ""} Anybody can carry out what the terms say for that; the keeper does it by itself.`,
  };
}

function standing({ terms, escrow }: ReadEscrow, party: Party): Pick<Outlook, "headline" | "meaning"> {
  const hasArbiter = !sameAddress(terms.arbiter, ZERO_ADDRESS);
  switch (escrow.state) {
    case State.None:
      return { headline: "Not there", meaning: "There is no such escrow." };
    case State.Locked:
      return party === "seller"
        ? {
            headline: "Your turn: deliver",
            meaning: "The money is locked. Deliver, and say so here; the review begins then.",
          }
        : { headline: "Waiting for the delivery", meaning: "The money is locked. The seller delivers next." };
    case State.AwaitingRelease:
      return party === "buyer"
        ? {
            headline: "Your turn: look at the delivery",
            meaning: "Release the money if it is as agreed, or dispute it before the review ends.",
          }
        : {
            headline: "The buyer is looking at it",
            meaning: "It is delivered. The buyer releases the money, or disputes.",
          };
    case State.Disputed:
      if (party === "arbiter")
        return {
          headline: "Your turn: rule",
          meaning: "Say how much of what remains goes back to the buyer; the payees get the rest.",
        };
      return {
        headline: "In dispute",
        meaning: hasArbiter
          ? "The money is frozen until the arbiter rules, or one side gives in. Evidence helps the arbiter."
          : "Nobody was named to rule. One side can give in; otherwise the agreed split decides when the time is up.",
      };
    case State.Released:
      return { headline: "Paid", meaning: "Everything has been paid out, and nothing is left in it." };
    case State.Refunded:
      return { headline: "Refunded", meaning: "The buyer has the money back, and nothing is left in it." };
    case State.Expired:
      return { headline: "Ended by time", meaning: "Time has decided, and nothing is left in it." };
  }
}

/** What a time-out pays, to whom. */
function afterwards({ terms, escrow }: ReadEscrow, show: (amount: bigint) => string): string {
  const { toPayees, toBuyer } = timeoutPays(terms, escrow);
  const parts = [
    ...(toPayees > 0n ? [`${show(toPayees)} to the ${terms.payees.length > 1 ? "payees" : "seller"}`] : []),
    ...(toBuyer > 0n ? [`${show(toBuyer)} to the buyer`] : []),
  ];
  return parts.join(", ");
}

function offerOf(action: Action, { state }: Escrow, isPlanned: boolean): Offer {
  const offer = (label: string, meaning: string, needs: Offer["needs"] = "nothing"): Offer => ({
    ...{ action, label, meaning, needs, isPlanned },
  });
  // In a dispute both can only give in as a whole.
  const part = state === State.Disputed ? "nothing" : "part";
  switch (action) {
    case "deliver":
      return offer("I have delivered", "The buyer's time to look at it begins.");
    case "release":
      return offer("Release", "Pays the payees. What is paid cannot be called back.", part);
    case "refund":
      return offer("Refund", "Gives the buyer the money back. It cannot be called back.", part);
    case "dispute":
      return offer("Dispute", "Freezes what remains until it is ruled upon.", "evidence");
    case "evidence":
      return offer("Add evidence", "Shows the arbiter where your evidence can be read.", "evidence");
    case "resolve":
      return offer("Rule", "Divides what remains, for good.", "ruling");
    case "expire":
      return offer("Carry out what time decided", "Pays as the terms say. Whoever does it pays the fee.");
  }
}

/** What an offer is as something to be signed. @param amount the part, where it is not all */
export function signableKind(action: SignableOffer, amount: bigint | undefined): ActionKind {
  switch (action) {
    case "deliver":
      return ActionKind.Deliver;
    case "release":
      return amount === undefined ? ActionKind.Release : ActionKind.ReleasePartial;
    case "refund":
      return amount === undefined ? ActionKind.Refund : ActionKind.RefundPartial;
    case "dispute":
      return ActionKind.Dispute;
    case "evidence":
      return ActionKind.SubmitEvidence;
    case "resolve":
      return ActionKind.Resolve;
  }
}

/** The terms in sentences. */
export function describeTerms(
  terms: Terms,
  show: (amount: bigint) => string,
  moment: (seconds: bigint) => string,
  span: (seconds: number) => string,
): readonly (readonly [name: string, text: string])[] {
  const { rules } = terms;
  const silent = rules.onSilence === Silence.PaysSeller ? "the seller is paid" : "the buyer gets it back";
  const percent = (share: bigint) => `${Number(share) / 100} %`;
  return [
    ["Deliver by", moment(rules.deliverBy)],
    ["Review", `${span(Number(rules.reviewFor))}; then ${silent}`],
    ["A ruling by", `${moment(rules.arbiterBy)}; then ${percent(rules.defaultSplit)} to the payees`],
    ...terms.milestones.map(
      ({ amount, deliverBy }, i) =>
        [`Milestone ${i + 1}`, `${show(amount)} by ${moment(deliverBy)}`] as const,
    ),
    ...(rules.tip === 0n
      ? []
      : [["Tip", `${percent(rules.tip)} to whoever carries a time-out out`] as const]),
  ];
}
