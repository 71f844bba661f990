import { z } from "zod";
import type { EscrowDetail } from "../../../relayer/api/list-schema.ts";

/** One line of an escrow's history. */
export type HistoryLine = {
  readonly text: string;
  /** Where evidence, or the agreement, is said to be. Shown as text: whoever wrote it may mean ill. */
  readonly uri: string | undefined;
  readonly time: number;
  readonly transaction: string;
};

const details = z.looseObject({
  amount: z.string().optional(),
  toPayees: z.string().optional(),
  toBuyer: z.string().optional(),
  milestone: z.string().optional(),
  party: z.string().optional(),
  _party: z.string().optional(),
  account: z.string().optional(),
  _evidence: z.string().optional(),
});

/** What has happened to an escrow, oldest first. @param name what to call an account before people */
export function historyOf(
  events: EscrowDetail["events"],
  show: (amount: bigint) => string,
  name: (account: string) => string,
): readonly HistoryLine[] {
  return events.flatMap(({ name: event, details: raw, time, source }) => {
    const read = details.safeParse(raw);
    const text = read.success ? tell(event, read.data, show, name) : undefined;
    if (text === undefined) return [];
    return [{ text, uri: read.data?._evidence, time, transaction: source.transactionHash }];
  });
}

function tell(
  event: string,
  { amount, toPayees, toBuyer, milestone, party, _party, account }: z.infer<typeof details>,
  show: (amount: bigint) => string,
  name: (account: string) => string,
): string | undefined {
  const sum = (text: string | undefined) => show(BigInt(text ?? "0"));
  const who = (text: string | undefined) => name(text ?? "");
  switch (event) {
    case "Created":
      return "The buyer locked the money.";
    case "Delivered":
      return `The seller delivered${milestone === undefined || milestone === "0" ? "" : ` milestone ${Number(milestone) + 1}`}.`;
    case "Released":
      return `The buyer released ${sum(amount)}.`;
    case "PartiallyReleased":
      return `The buyer released a part, ${sum(amount)}.`;
    case "Refunded":
      return `The seller gave ${sum(amount)} back.`;
    case "PartiallyRefunded":
      return `The seller gave a part back, ${sum(amount)}.`;
    case "Disputed":
      return `${who(party)} called the arbiter.`;
    case "Evidence":
      return `${who(_party)} added evidence.`;
    case "MetaEvidence":
      return "The agreement was published.";
    case "Resolved":
      return `The arbiter ruled: ${sum(toPayees)} to the payees, ${sum(toBuyer)} to the buyer.`;
    case "MilestoneExpired":
      return `The review of a milestone ended by time: ${sum(toPayees)} to the payees.`;
    case "Expired":
      return `Time decided: ${sum(toPayees)} to the payees, ${sum(toBuyer)} to the buyer.`;
    case "Credited":
      return `${who(account)} could not be paid ${sum(amount)}, which waits to be claimed.`;
    default:
      return undefined;
  }
}
