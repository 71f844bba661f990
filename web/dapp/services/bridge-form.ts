import { batch, computed, effect, signal } from "@preact/signals";
import { address } from "../../../relayer/domain/ids.ts";
import type { LaneTermsView } from "../../../relayer/api/wallet-schema.ts";
import { type AmountState, judgeAmount, mostSendable } from "../core/amount-field.ts";
import { formatAmount } from "../../../relayer/domain/amount.ts";
import { ApiError } from "../../shared/services/http.ts";
import { api } from "./api.ts";
import { sideOf, tokenBalance, type TransferWish } from "./bridge.ts";
import { connection, walletChain } from "./connection.ts";
import { network } from "../../shared/services/network.ts";

/** What stands in the form of a transfer, and what is known about it. */

const fromName = signal<string | undefined>(undefined);
const toName = signal<string | undefined>(undefined);
const symbol = signal<string | undefined>(undefined);
export const amountText = signal("");
/** Empty: the sender's own account. */
export const recipientText = signal("");
/** Whether the bridge shall be allowed to take the amount by a signed permit instead of an approval. */
export const wantsPermit = signal(false);
/** What the sender has, in the smallest unit; undefined while it is not known. */
export const balance = signal<bigint | undefined>(undefined);
export const terms = signal<LaneTermsView | undefined>(undefined);
/** Why limits, or the balance, are not known; undefined while they are. */
export const formTrouble = signal<string | undefined>(undefined);

/** How often balance and limits are looked at anew, in milliseconds. */
const POLL_MILLISECONDS = 5_000;

/** The chains and the token that are chosen, or the first that fit. */
export const choice = computed(() => {
  const view = network.value;
  if (view === undefined) return undefined;
  const token = view.tokens.find((each) => each.symbol === symbol.value) ?? view.tokens[0];
  if (token === undefined) return undefined;
  const chains = view.chains.filter(({ name }) => token.sides.some(({ chain }) => chain === name));
  const from = chains.find(({ name }) => name === fromName.value) ?? chains[0];
  const others = chains.filter(({ name }) => name !== from?.name);
  const to = others.find(({ name }) => name === toName.value) ?? others[0];
  return from === undefined || to === undefined ? undefined : { token, chains, from, to };
});

/** Whether the wallet is on the chain that the transfer leaves. */
export const isOnOrigin = computed(
  () => connection.value !== undefined && connection.value.chainId === choice.value?.from.chainId,
);

/** Whether the bridge has to be allowed to take the amount: where it locks, and not where it burns. */
export const takesLeave = computed(() => {
  const chosen = choice.value;
  return chosen !== undefined && sideOf(chosen.token, chosen.from.name).mode === "lock";
});

export const amountState = computed((): AmountState => {
  const chosen = choice.value;
  if (chosen === undefined) return { kind: "empty" };
  const { decimals, symbol: unit } = chosen.token;
  return judgeAmount({
    ...{ text: amountText.value, decimals, symbol: unit, balance: balance.value, terms: terms.value },
  });
});

/** What is wrong with the recipient; undefined while nothing is. */
export const recipientError = computed(() => {
  const text = recipientText.value.trim();
  if (text === "") return undefined;
  const read = address.safeParse(text);
  return read.success
    ? undefined
    : "That is no address: it is 0x and 40 hexadecimal digits, and its capitals must fit. Nothing was sent.";
});

/** The transfer, once everything about it is right; undefined before. */
export const wish = computed((): TransferWish | undefined => {
  const [chosen, amount, account] = [choice.value, amountState.value, connection.value?.account];
  if (chosen === undefined || amount.kind !== "ready" || account === undefined || !isOnOrigin.value)
    return undefined;
  const own = address.parse(account);
  const recipient = address.safeParse(recipientText.value.trim() || own);
  if (!recipient.success) return undefined;
  const { from, to, token } = chosen;
  return { from, to, token, amount: amount.amount, account: own, recipient: recipient.data };
});

export function chooseFrom(name: string): void {
  batch(() => {
    if (name === choice.value?.to.name) toName.value = choice.value.from.name;
    fromName.value = name;
  });
}

export function chooseTo(name: string): void {
  batch(() => {
    if (name === choice.value?.from.name) fromName.value = choice.value.to.name;
    toName.value = name;
  });
}

export function chooseToken(name: string): void {
  symbol.value = name;
}

export function swapChains(): void {
  const chosen = choice.value;
  if (chosen === undefined) return;
  batch(() => {
    fromName.value = chosen.to.name;
    toName.value = chosen.from.name;
  });
}

/** Puts the most that can be sent into the form. */
export function fillMost(): void {
  const [has, limits, chosen] = [balance.value, terms.value, choice.value];
  if (has === undefined || limits === undefined || chosen === undefined) return;
  amountText.value = formatAmount(mostSendable(has, limits), chosen.token.decimals);
}

/** Keeps balance and limits fresh while the form is looked at. @returns what ends that */
export function followForm(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = effect(() => {
    const [chosen, account, chain] = [choice.value, connection.value?.account, walletChain.value];
    const reader = isOnOrigin.value ? chain : undefined;
    clearTimeout(timer);
    balance.value = undefined;
    terms.value = undefined;
    if (chosen === undefined) return;
    const look = async () => {
      const isCurrent = () => chosen === choice.peek() && account === connection.peek()?.account;
      const { token, from, to } = chosen;
      const result = await Promise.all([
        api.laneTerms(token.symbol, from.name, to.name),
        reader === undefined || account === undefined
          ? undefined
          : tokenBalance(reader, sideOf(token, from.name).token, account),
      ]).catch((error: unknown) =>
        error instanceof ApiError ? error.message : "Your wallet does not tell what you have at the moment.",
      );
      if (!isCurrent()) return;
      batch(() => {
        formTrouble.value = typeof result === "string" ? result : undefined;
        if (typeof result !== "string") [terms.value, balance.value] = result;
      });
      timer = setTimeout(() => void look(), POLL_MILLISECONDS);
    };
    void look();
  });
  return () => {
    end();
    clearTimeout(timer);
  };
}
