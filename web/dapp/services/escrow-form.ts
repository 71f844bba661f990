import { computed, signal } from "@preact/signals";
import type { EscrowText, MilestoneText, PayeeText } from "../core/escrow-form.ts";
import type { Funding } from "./escrow.ts";
import { holdable } from "./escrow.ts";
import { connection } from "./connection.ts";
import { network } from "../../shared/services/network.ts";

/** What stands in the form of a new escrow. */

const EMPTY: EscrowText = {
  ...{ amount: "", seller: "", payees: [], arbiter: "", deliverBy: "", milestones: [] },
  ...{ reviewDays: "3", arbiterDays: "14", onSilence: "seller", split: "50" },
  ...{ tip: "0", agreement: undefined },
};

export const escrowText = signal<EscrowText>(EMPTY);
const chainName = signal<string | undefined>(undefined);
const tokenAddress = signal<string | undefined>(undefined);
const wantsPermit = signal(false);

/** The chain, the contract and the token that are chosen, or the first that fit; undefined where no chain has an escrow. */
export const escrowPlace = computed(() => {
  const view = network.value;
  const chains = view?.chains.filter(({ escrow }) => escrow !== null) ?? [];
  // Where the wallet is already, unless somebody chose.
  const here = chains.find(({ chainId }) => chainId === connection.value?.chainId);
  const chain = chains.find(({ name }) => name === chainName.value) ?? here ?? chains[0];
  if (view === undefined || chain?.escrow == null) return undefined;
  const tokens = holdable(view, chain);
  const token = tokens.find(({ address }) => address === tokenAddress.value) ?? tokens[0];
  return token === undefined ? undefined : { chain, chains, contract: chain.escrow, token, tokens };
});

export function changeEscrow(change: Partial<EscrowText>): void {
  escrowText.value = { ...escrowText.value, ...change };
}

export function changePayee(index: number, change: Partial<PayeeText>): void {
  const payees = escrowText.value.payees.map((each, i) => (i === index ? { ...each, ...change } : each));
  changeEscrow({ payees });
}

export function changeMilestone(index: number, change: Partial<MilestoneText>): void {
  const milestones = escrowText.value.milestones.map((each, i) =>
    i === index ? { ...each, ...change } : each,
  );
  changeEscrow({ milestones });
}

export function chooseEscrowChain(name: string): void {
  chainName.value = name;
}

export function chooseEscrowToken(address: string): void {
  tokenAddress.value = address;
}

export function choosePermit(isWanted: boolean): void {
  wantsPermit.value = isWanted;
}

/** How the escrow is paid for. @param isNative whether it holds the chain's own currency */
export function fundingOf(isNative: boolean): Funding {
  if (isNative) return "native";
  return wantsPermit.value ? "permit" : "approval";
}

export function clearEscrow(): void {
  escrowText.value = EMPTY;
}
