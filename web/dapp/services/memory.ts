import { z } from "zod";
import { ownTransfer, type OwnTransfer } from "./chain.ts";

/** What this browser remembers between visits: the wallet, and transfers that were sent from here. Nothing secret. */

const WALLET = "dchat.wallet";
const TRANSFERS = "dchat.transfers";
/** More are of no use: the chains remember them all. */
const MOST_TRANSFERS = 50;

export function rememberedWallet(): string | null {
  return localStorage.getItem(WALLET);
}

export function rememberWallet(rdns: string | undefined): void {
  if (rdns === undefined) localStorage.removeItem(WALLET);
  else localStorage.setItem(WALLET, rdns);
}

/** The newest first. Anything that an older page left in another shape is let go. */
export function ownTransfers(): readonly OwnTransfer[] {
  try {
    const text: unknown = JSON.parse(localStorage.getItem(TRANSFERS) ?? "[]");
    return z.array(ownTransfer).catch([]).parse(text);
  } catch {
    return [];
  }
}

/** Keeps a transfer, in the place of what was known of it before. */
export function keepTransfer(transfer: OwnTransfer): void {
  const others = ownTransfers().filter(({ hash }) => hash !== transfer.hash);
  const all = z.array(ownTransfer).encode([transfer, ...others].slice(0, MOST_TRANSFERS));
  localStorage.setItem(TRANSFERS, JSON.stringify(all));
}
