import { z } from "zod";
import type { escrowList, messageList } from "../../../relayer/api/list-schema.ts";
import type { laneTermsView } from "../../../relayer/api/wallet-schema.ts";
import { networkView } from "../../../relayer/api/wallet-schema.ts";
import { address } from "../../../relayer/domain/ids.ts";

/** Made-up answers of the API, in its own shapes. */

const digits = (value: number, count: number) => `0x${value.toString(16).padStart(count, "0")}`;
const account = (value: number) => address.parse(digits(value, 40));
const hash = (value: number) => digits(value, 64);

const [TOKEN, BRIDGE] = [account(0x70), account(0x71)];
/** Who buys in all escrows and sends all transfers. */
export const ACCOUNT = account(0xacc);

const chain = (name: string, chainId: number) => ({
  ...{ name, chainId, outbox: account(1), inbox: account(2), escrow: account(3) },
  ...{ finality: { depth: 1 }, currency: "ETH", rpcUrl: null, explorerUrl: null },
});
/** Two chains and a token. */
export const NETWORK = z.encode(
  networkView,
  networkView.parse({
    chains: [chain("A", 31_337), chain("B", 31_338)],
    tokens: [
      {
        ...{ symbol: "DEMO", decimals: 18 },
        sides: [
          { chain: "A", token: TOKEN, bridge: BRIDGE, mode: "lock" },
          { chain: "B", token: TOKEN, bridge: BRIDGE, mode: "mint" },
        ],
      },
    ],
    hasDevelopmentWallet: false,
  }),
);

/** What a lane allows. */
export function laneTerms(): z.input<typeof laneTermsView> {
  const bucket = { available: wei(500_000), capacity: wei(500_000), windowSeconds: 3_600 };
  return {
    ...{ symbol: "DEMO", from: "A", to: "B", outgoing: bucket, incoming: bucket, unit: "1" },
    delay: { threshold: wei(10_000), seconds: 86_400 },
    pausedUntil: { origin: 0, destination: 0 },
  };
}

const wei = (whole: number) => `${whole}${"0".repeat(18)}`;
const STATES = ["Locked", "AwaitingRelease", "Disputed", "Released", "Refunded", "Expired"] as const;

/** Escrows in every state, with deadlines near and far. */
export function manyEscrows(count: number): z.input<typeof escrowList>["escrows"] {
  const now = Math.floor(Date.now() / 1_000);
  return Array.from({ length: count }, (_, i) => {
    const state = STATES[i % STATES.length] ?? "Locked";
    return {
      ...{ id: hash(i + 1), chain: i % 2 === 0 ? "A" : "B", state, token: TOKEN, milestone: 0 },
      ...{ buyer: ACCOUNT, seller: account(0x5e11 + i), arbiter: account(0xa3b1), amount: wei(i + 1) },
      ...{ remaining: wei(i + 1), since: String(now), dueAt: i % 6 < 3 ? String(now + 60 * i) : "0" },
      createdAt: now - i,
      source: { chain: "A", transactionHash: hash(i + 1), blockNumber: i },
    };
  });
}

const WAYS = ["sent", "final", "attested", "delivered", "failed"] as const;

/** Transfers at every point of their way. */
export function manyMessages(count: number): z.input<typeof messageList>["messages"] {
  const now = Math.floor(Date.now() / 1_000);
  return Array.from({ length: count }, (_, i) => ({
    ...{ messageId: hash(i + 1), lane: { id: hash(9), from: "A", to: "B" }, nonce: String(i + 1) },
    ...{ sender: BRIDGE, recipient: BRIDGE, state: WAYS[i % WAYS.length] ?? "sent", attestations: null },
    source: { chain: "A", transactionHash: hash(i + 1), blockNumber: i },
    ...{ destination: null, sentAt: now - 30 * i, deliveredAt: null, isFinal: false },
    transfer: { token: TOKEN, sender: ACCOUNT, recipient: ACCOUNT, amount: wei(i + 1) },
  }));
}
