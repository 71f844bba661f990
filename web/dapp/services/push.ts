import type { MessageDetail, NetworkView } from "../../../relayer/api/wallet-schema.ts";
import { contracts, sentencesFor, tellReason } from "../core/sentences.ts";
import type { WalletTrouble } from "../core/wallet-error.ts";
import { troubled } from "./bridge.ts";
import type { Call, WalletChain } from "./chain.ts";

/** What anybody can do for a transfer that does not get on by itself. */
export type Push = {
  readonly label: string;
  /** What it does, in a sentence. */
  readonly meaning: string;
  /** What it is before people, such as "The payment". */
  readonly what: string;
  readonly chain: NetworkView["chains"][number];
  readonly token: { readonly symbol: string; readonly decimals: number };
  readonly call: Call;
};

/** The push that a transfer needs now; undefined while it needs none. @param now Unix seconds */
export function pushOf(detail: MessageDetail, network: NetworkView, now: number): Push | undefined {
  const { kept, waiting, lane, messageId } = detail;
  const [from, to] = [lane.from, lane.to].map((name) => network.chains.find((each) => each.name === name));
  if (from === undefined || to === undefined) return undefined;
  const token = tokenOf(detail, network);
  if (kept !== null)
    return {
      ...{
        label: "Try again",
        what: "The retry",
        chain: to,
        token,
        call: retryCall(detail, kept, from, to.inbox),
      },
      meaning: `Has the message executed on ${to.name} again. Its recipient gets what it should have got; you pay the fee.`,
    };
  if (waiting === null || now < waiting.releaseAt) return undefined;
  const data = contracts.bridge.encodeFunctionData("release", [messageId]);
  return {
    ...{ label: "Have it paid", what: "The payment", chain: to, token, call: { to: waiting.bridge, data } },
    meaning: `Has the bridge on ${to.name} pay what has waited there. Its recipient gets it; you pay the fee.`,
  };
}

/** Why the execution of a message failed, in a sentence; undefined where it did not. */
export function failureOf(detail: MessageDetail, network: NetworkView): string | undefined {
  return detail.kept === null
    ? undefined
    : tellReason(detail.kept.reason, sentencesFor(tokenOf(detail, network)));
}

/**
 * Tries a push out without sending it.
 * @returns its fee in wei, or why it would be refused
 */
export async function tryPush(
  chain: WalletChain,
  { what, token, call }: Push,
  account: string,
): Promise<bigint | WalletTrouble> {
  return troubled(what, token, () => chain.fee(call, account)).catch(
    (error: unknown) => error as WalletTrouble,
  );
}

function retryCall(
  { nonce, sender, recipient }: MessageDetail,
  { gasLimit, payload }: NonNullable<MessageDetail["kept"]>,
  { chainId }: NetworkView["chains"][number],
  inbox: string,
): Call {
  const message = { sender, recipient, gasLimit, payload };
  return { to: inbox, data: contracts.inbox.encodeFunctionData("retry", [chainId, nonce, message]) };
}

/** The token whose bridge a message goes to, as amounts in its errors are shown. */
function tokenOf({ lane, recipient }: MessageDetail, { tokens }: NetworkView): Push["token"] {
  const found = tokens.find(({ sides }) =>
    sides.some(({ chain, bridge }) => chain === lane.to && bridge === recipient),
  );
  return found ?? { symbol: "smallest units", decimals: 0 };
}
