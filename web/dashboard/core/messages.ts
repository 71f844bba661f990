import type { MessageList } from "../../../relayer/api/list-schema.ts";
import type { NetworkView } from "../../../relayer/api/wallet-schema.ts";
import { showAmount } from "../../shared/core/format.ts";
import type { Tone } from "./health.ts";

type Listed = MessageList["messages"][number];

/** A message's state in a word. */
export const MESSAGE_STATES: Readonly<
  Record<Listed["state"], { readonly word: string; readonly tone: Tone }>
> = {
  sent: { word: "sent", tone: "unknown" },
  final: { word: "final", tone: "unknown" },
  attested: { word: "attested", tone: "unknown" },
  delivered: { word: "delivered", tone: "good" },
  failed: { word: "failed", tone: "bad" },
};

/** What a message carries: so many of a token that is bridged here, or just a message. */
export function carriedWords({ transfer, lane }: Listed, tokens: NetworkView["tokens"]): string {
  const token = tokens.find(({ sides }) =>
    sides.some((side) => side.chain === lane.from && side.token === transfer?.token),
  );
  if (transfer?.amount == null || token === undefined) return "a message";
  return showAmount(transfer.amount, token.decimals, token.symbol);
}

/** What has to be done about a message that failed. */
export const FAILED_WORDS =
  "Its execution failed on the other side. It is recorded there, blocks nothing, and can be tried again by anybody; nothing is lost.";
