import { signal } from "@preact/signals";
import type { MessageList } from "../../../relayer/api/list-schema.ts";
import type { MessageDetail, NetworkView } from "../../../relayer/api/wallet-schema.ts";
import { judgeTransaction, type TransactionFate } from "../core/transaction.ts";
import { ApiError } from "../../shared/services/http.ts";
import { api } from "./api.ts";
import { messageIdOf, sideOf } from "./bridge.ts";
import type { OwnTransfer, Receipt, WalletChain } from "./chain.ts";
import { connection, walletChain } from "./connection.ts";
import { keepTransfer, ownTransfers } from "./memory.ts";

/** What is known of the transfer that somebody looks at. */
export type Followed = {
  readonly own: OwnTransfer | undefined;
  readonly fate: TransactionFate | undefined;
  readonly detail: MessageDetail | undefined;
  readonly listed: MessageList["messages"][number] | undefined;
  readonly hasFailed: boolean;
  /** Nobody knows anything of the id: not the chains, not the index, not this device. */
  readonly isUnknown: boolean;
  /** Why what is shown may be old; undefined while it is not. */
  readonly stale: string | undefined;
};

const NOTHING: Followed = {
  own: undefined,
  fate: undefined,
  detail: undefined,
  listed: undefined,
  hasFailed: false,
  isUnknown: false,
  stale: undefined,
};

const POLL_MILLISECONDS = 1_000;
/** A delivered transfer is looked at again now and then: the chain that it is on may still take a block back. */
const SETTLED_MILLISECONDS = 10_000;

/** How many looks at the index nothing may come of before an id is called unknown. */
const PATIENCE = 3;

/** Follows one transfer. @param id a message id or the hash of the transaction that sent it */
export function followTransfer(id: string, network: NetworkView) {
  const state = signal<Followed>({ ...NOTHING, own: ownTransfers().find(({ hash }) => hash === id) });
  let isStopped = false;
  let misses = 0;
  const look = async () => {
    const before = state.value;
    const { own } = before;
    let changed: Partial<Followed> = { stale: undefined };
    try {
      const chain = await lookAtWallet(before, network);
      const listed = await findListed(id, chain.messageId);
      // Only what the index knows is asked for: browsers put an unknown id on their console.
      const detail = listed === undefined ? undefined : await api.message(listed.messageId);
      misses = listed === undefined ? misses + 1 : 0;
      changed = {
        ...changed,
        ...{ fate: chain.fate, listed, detail },
        hasFailed: before.hasFailed || detail?.state === "failed",
        isUnknown: own === undefined && misses >= PATIENCE,
      };
    } catch (error) {
      changed = { stale: error instanceof ApiError ? error.message : "Your wallet does not answer." };
    }
    if (!stopped()) state.value = { ...state.value, ...changed };
  };
  const stopped = () => isStopped;
  const loop = async () => {
    while (!stopped()) {
      await look();
      const { detail, listed } = state.value;
      // The index may know of the delivery a moment later than the chain.
      const isSettled =
        detail?.state === "delivered" && detail.waiting === null && listed?.deliveredAt != null;
      await new Promise((resolve) =>
        setTimeout(resolve, isSettled ? SETTLED_MILLISECONDS : POLL_MILLISECONDS),
      );
    }
  };
  void loop();
  const stop = () => {
    isStopped = true;
  };
  return { state, stop };
}

/** What the wallet's chain says of a transfer from this device, if the wallet is on that chain. */
async function lookAtWallet(
  { own, fate }: Followed,
  { chains, tokens }: NetworkView,
): Promise<{ readonly fate: TransactionFate | undefined; readonly messageId: string | undefined }> {
  const chain = walletChain.value;
  const origin = chains.find(({ name }) => name === own?.origin);
  const isThere = origin !== undefined && connection.value?.chainId === origin.chainId;
  if (own === undefined) return { fate, messageId: undefined };
  const kept = ownTransfers().find(({ hash }) => hash === own.hash) ?? own;
  if (chain === undefined || !isThere) return { fate, messageId: kept.messageId };
  const { judged, counted } = await judge(chain, kept);
  const token = tokens.find(({ symbol }) => symbol === own.symbol);
  const messageId =
    counted === undefined || token === undefined
      ? undefined
      : messageIdOf(counted, sideOf(token, own.origin).bridge);
  const seenIn = judged.kind === "included" ? judged.blockHash : kept.seenIn;
  // So that it is found at the next visit, too, whichever transaction carried it and wherever the wallet is then.
  const replacedBy = judged.kind === "repriced" ? judged.hash : undefined;
  if (seenIn !== kept.seenIn || messageId !== kept.messageId || replacedBy !== kept.replacedBy)
    keepTransfer({ ...kept, seenIn, messageId, replacedBy });
  return { fate: judged, messageId };
}

/** What has become of a transfer's transaction, and the receipt that counts. */
async function judge(
  chain: WalletChain,
  kept: OwnTransfer,
): Promise<{ readonly judged: TransactionFate; readonly counted: Receipt | undefined }> {
  // What took its place is looked for once, and not in the same blocks each time.
  const known = kept.replacedBy === undefined ? undefined : await chain.receipt(kept.replacedBy);
  if (kept.replacedBy !== undefined && known !== undefined)
    return { judged: { kind: "repriced", hash: kept.replacedBy }, counted: known };
  const { word, receipt } = await chain.word(kept, kept.seenIn);
  const judged = judgeTransaction(kept, word);
  return { judged, counted: judged.kind === "repriced" ? await chain.receipt(judged.hash) : receipt };
}

/** The message in the index, by its id or its transaction. */
async function findListed(id: string, messageId: string | undefined) {
  const queries = messageId === undefined ? [{ transaction: id }, { id }] : [{ id: messageId }];
  for (const query of queries) {
    const [found] = (await api.messages({ ...query, limit: "1" })).messages;
    if (found !== undefined) return found;
  }
  return undefined;
}
