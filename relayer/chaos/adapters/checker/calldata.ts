import { Inbox__factory } from "../../../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import { isError } from "ethers";
import { z } from "zod";
import type { Quorum, ValidatorSet } from "../../../domain/bridge.ts";
import { address, bytes, chainId, messageId } from "../../../domain/ids.ts";
import { decodeSet } from "../../../domain/validator-set.ts";
import type { CarriedMessage, InboxCall } from "../../core/checker/evidence.ts";

const inbox = Inbox__factory.createInterface();

// ABI decoding gives tuples; what is in them is checked here.
const validatorSet = z
  .tuple([z.bigint(), z.bigint(), z.bigint(), z.bigint(), z.bigint(), z.array(z.string())])
  .transform(([epoch, expiresAt, overlap, threshold, scheme, members]): ValidatorSet =>
    decodeSet({ epoch, expiresAt, overlap, threshold, scheme, members }),
  );
const quorum = z
  .tuple([validatorSet, z.bigint(), bytes])
  .transform(([set, signers, signature]): Quorum => ({ set, signers, signature }));
const message = z
  .tuple([address, address, z.bigint(), bytes])
  .transform(([sender, recipient, gasLimit, payload]): CarriedMessage => ({
    sender,
    recipient,
    gasLimit,
    payload,
  }));
const origin = z.bigint().transform(Number).pipe(chainId);

const deliver = z
  .tuple([origin, z.bigint(), z.array(message), z.array(messageId), quorum])
  .transform(([originChainId, firstNonce, messages, later, word]): InboxCall => {
    return { kind: "deliver", originChainId, firstNonce, messages, later, quorum: word };
  });
const retry = z
  .tuple([origin, z.bigint(), message])
  .transform(([originChainId, nonce, carried]): InboxCall => ({
    kind: "retry",
    originChainId,
    nonce,
    message: carried,
  }));
const rotate = z
  .tuple([validatorSet, quorum])
  .transform(([next, word]): InboxCall => ({ kind: "rotate", next, quorum: word }));
const calls = { deliver, retry, rotate } as const;
const names = z.enum(["deliver", "retry", "rotate"]);

/**
 * What a transaction asked the Inbox for. One that went elsewhere is not read: a contract on the way may have asked for anything.
 * @param data the calldata, from a node that may lie
 */
export function readCall(
  { to, data }: { readonly to: string | null; readonly data: string },
  inboxAddress: string,
): InboxCall {
  const call = to === inboxAddress ? parse(data) : undefined;
  return call ?? { kind: "unreadable" };
}

function parse(data: string): InboxCall | undefined {
  const description = parseTransaction(data);
  const name = names.safeParse(description?.name);
  if (description === null || !name.success) return undefined;
  return calls[name.data].safeParse(description.args.toArray(true)).data;
}

function parseTransaction(data: string) {
  try {
    return inbox.parseTransaction({ data });
  } catch (error) {
    // Calldata that no encoder makes is an answer here: it does not show what was asked for.
    if (isError(error, "BUFFER_OVERRUN") || isError(error, "INVALID_ARGUMENT")) return null;
    throw error;
  }
}
