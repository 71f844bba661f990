import { getAddress, type Result } from "ethers";
import { z } from "zod";
import type { EscrowLog } from "../core/ledger.ts";
import type { EscrowEvent } from "../core/rebuild.ts";
import type { EscrowId, Terms } from "../core/types.ts";
import { unpackMilestone, unpackPayee, unpackRules } from "../core/words.ts";

const packedTerms = z.object({
  buyer: z.string(),
  token: z.string(),
  arbiter: z.string(),
  amount: z.bigint(),
  rules: z.bigint(),
  metadata: z.string(),
  milestones: z.array(z.bigint()),
  payees: z.array(z.string()),
});

/** The terms of a `Created` log. */
export function decodeTerms(terms: unknown): Terms {
  const { rules, milestones, payees, ...same } = packedTerms.parse(terms);
  return {
    ...same,
    rules: unpackRules(rules),
    milestones: milestones.map((word) => unpackMilestone(word)),
    payees: payees.map((word) => {
      const { account, share } = unpackPayee(word);
      return { account: getAddress(account), share };
    }),
  };
}

/** An escrow's log; undefined for events that do not change where an escrow stands. */
export function decodeLog(name: string, args: Result, time: bigint): EscrowLog | undefined {
  const id = String(args["id"]) as EscrowId;
  if (name === "Created")
    return { id, time, event: { name }, terms: decodeTerms((args["terms"] as Result).toObject()) };
  const event = decodeEvent(name, args);
  return event === undefined ? undefined : { id, time, event };
}

function decodeEvent(
  name: string,
  args: Result,
): Exclude<EscrowEvent, { readonly name: "Created" }> | undefined {
  switch (name) {
    case "Delivered":
    case "Refunded":
    case "Disputed":
    case "Expired":
      return { name };
    case "Released":
    case "PartiallyReleased":
    case "PartiallyRefunded":
    case "MilestoneExpired":
      return { name, remaining: BigInt(String(args["remaining"])) };
    case "Acted":
      return { name, party: String(args["party"]) };
    case "Resolved":
      return { name, toPayees: BigInt(String(args["toPayees"])) };
    default:
      return undefined;
  }
}
