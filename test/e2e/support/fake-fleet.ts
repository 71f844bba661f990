import { sha256, toUtf8Bytes } from "ethers";
import {
  fullStatusView,
  messageList,
  slashingList,
  validatorList,
} from "../../../relayer/api/list-schema.ts";
import { auditView, deadLetterList, fleetView, historyView } from "../../../relayer/api/operator-schema.ts";
import { networkView } from "../../../relayer/api/wallet-schema.ts";
import {
  address,
  chainId,
  chainName,
  hash,
  laneId,
  messageId,
  publicKey,
} from "../../../relayer/domain/ids.ts";

/** A fleet that was made up, as the API tells of one: so large, so small or in such trouble as no real one is in a test. */

const HOUR = 3_600_000;

/** How the fleet is. `empty`: nothing was ever done. `large`: a thousand of everything. */
export type Scene = "usual" | "empty" | "large" | "trouble";

const of = (text: string) => sha256(toUtf8Bytes(text));
const keyOf = (i: number) => publicKey.parse(of(`validator ${i}`));
const accountOf = (name: string) => address.parse(of(name).slice(0, 42));
const [A, B] = [chainName.parse("A"), chainName.parse("B")];
const lane = (from: typeof A, to: typeof A) => laneId.parse(of(`${from} ${to}`));
const range = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));

/** How many there are of what there can be many of. */
const many = (scene: Scene, usual: number) => (scene === "empty" ? 0 : scene === "large" ? 1_000 : usual);

const index = [A, B].map((chain) => ({
  ...{ chain, block: 4_200, head: 4_200, final: 4_198, lagBlocks: 0, lagSeconds: 0 },
}));

export function fakeNetwork() {
  return networkView.encode({
    chains: [A, B].map((name, i) => ({
      ...{ name, chainId: chainId.parse(31_337 + i), currency: "ETH", rpcUrl: null, explorerUrl: null },
      ...{ outbox: accountOf("outbox"), inbox: accountOf("inbox"), escrow: null, finality: { depth: 2 } },
    })),
    tokens: [
      {
        ...{ symbol: "DEMO", decimals: 18 },
        sides: [A, B].map((chain, i) => ({
          ...{ chain, token: accountOf(`token ${chain}`), bridge: accountOf(`bridge ${chain}`) },
          mode: i === 0 ? ("lock" as const) : ("mint" as const),
        })),
      },
    ],
    hasDevelopmentWallet: true,
  });
}

export function fakeStatus(scene: Scene) {
  const sent = BigInt(many(scene, 128));
  return fullStatusView.encode({
    chains: [A, B].map((name, i) => ({
      ...{ name, chainId: chainId.parse(31_337 + i), block: 4_200, final: 4_198 },
      ...{ outbox: accountOf("outbox"), inbox: accountOf("inbox") },
      validatorSet: {
        ...{ epoch: 3n, threshold: 2, scheme: "Ed25519" as const, members: range(3, keyOf) },
        expiresAt: BigInt(Math.floor(Date.now() / 1_000) + 86_400),
      },
    })),
    lanes: [
      { id: lane(A, B), from: A, to: B, sent, accepted: scene === "trouble" ? sent - 17n : sent },
      { id: lane(B, A), from: B, to: A, sent, accepted: sent },
    ],
    index: { database: "pglite", rebuild: null, chains: index },
  });
}

export function fakeFleet(scene: Scene) {
  const isBad = scene === "trouble";
  const sent = BigInt(many(scene, 128));
  const inFlight = isBad ? 17 : 0;
  const chains = [A, B];
  const validators = scene === "large" ? 1_000 : 3;
  const present = isBad ? 1 : validators;
  return fleetView.encode({
    at: Date.now(),
    health: {
      value: isBad ? "stalled" : scene === "empty" ? "idle" : "moving",
      safety: isBad ? "at-risk" : "safe",
      missing: isBad ? [keyOf(1), keyOf(2)] : [],
      troubles: isBad
        ? [
            {
              code: "QUORUM_LOST",
              severity: "critical",
              text: "1 of 3 validators sign on A and on B, and 2 are needed: messages wait until another signs again. No money is lost. Look at the signers that are missing.",
            },
            {
              code: "LANE_STALLED",
              severity: "critical",
              text: "17 messages from A to B wait, the oldest for 9 minutes. They are locked on A, not lost.",
            },
            {
              code: "LOW_BALANCE",
              severity: "warning",
              text: "The sender on B pays for some 40 deliveries more. Send it native currency.",
            },
          ]
        : [],
    },
    lanes: [
      {
        ...{ id: lane(A, B), from: A, to: B, sent, accepted: sent - BigInt(inFlight), inFlight },
        ...{ oldestSeconds: isBad ? 540 : null, lastDeliveredAt: Date.now() - (isBad ? 600_000 : 4_000) },
      },
      {
        ...{ id: lane(B, A), from: B, to: A, sent, accepted: sent, inFlight: 0, oldestSeconds: null },
        lastDeliveredAt: scene === "empty" ? null : Date.now() - 8_000,
      },
    ],
    quorums: chains.map((chain) => ({
      ...{ chain, epoch: 3n, threshold: Math.floor(validators / 2) + 1, members: validators, present },
      expiresAt: Date.now() + 24 * HOUR,
    })),
    validators: range(validators, (i) => {
      const isMissing = isBad && i > 0;
      return {
        ...{ key: keyOf(i), operator: accountOf(`operator ${i}`), bond: 32n * 10n ** 18n },
        standing: isBad && i === 2 ? ("jailed" as const) : ("active" as const),
        jailedUntil: isBad && i === 2 ? Date.now() + HOUR : null,
        window: { missed: isMissing ? 41 : 0, of: 64 },
        seats: chains.map((chain) => ({ chain, behindSeconds: isMissing ? 540 : 0 })),
      };
    }),
    queues: ["attest-1", "attest-2", "attest-3", "deliver-A-B", "deliver-B-A", "notify", "speech"].map(
      (queue, i) => ({
        ...{ queue, isPaused: isBad && i === 6, waiting: isBad ? 3 * i : 0, active: 1, delayed: 0 },
        failed: i === 3 ? many(scene, isBad ? 4 : 0) : 0,
        ...{
          waitSecondsP95: scene === "empty" ? null : 0.012,
          runSecondsP95: scene === "empty" ? null : 0.21,
        },
      }),
    ),
    senders: chains.map((chain, i) => ({
      ...{ chain, account: accountOf(`sender ${chain}`), balance: 97n * 10n ** 17n, nonce: 311, pending: i },
      isLow: isBad && i === 1,
    })),
    holdings: [
      {
        ...{ symbol: "DEMO", decimals: 18, locked: 12_345n * 10n ** 17n, minted: 12_345n * 10n ** 17n },
        ...{ inFlight: 0n, isWhole: true },
      },
    ],
    roles: [
      ...["watcher", "signer", "aggregator", "sender", "keeper"].flatMap((role) =>
        chains.map((chain) => ({ instance: `${role}-${chain}`, role, chain })),
      ),
      ...["watchtower", "api", "alerting", "speech", "chaos"].map((role) => ({
        ...{ instance: role, role, chain: null },
      })),
    ].map((role, i) => ({
      ...{ ...role, isReady: !(isBad && i === 3) },
      reasons: isBad && i === 3 ? ["its Redis does not answer"] : [],
    })),
    alerts: { critical: isBad ? 2 : 0, warning: many(scene, 1), other: 0, silenced: 0 },
  });
}

export function fakeHistory(scene: Scene) {
  const points = scene === "empty" ? 0 : 240;
  const wave = (i: number, height: number) => Math.max(0, height * (1 + Math.sin(i / 9) * 0.4));
  return historyView.encode({
    times: range(points, (i) => Date.now() - (points - i) * 15_000),
    series: {
      delivered: range(points, (i) => (i > 90 && i < 100 ? null : wave(i, 2.4))),
      lag: range(points, (i) => wave(i * 2, 3)),
      "gas:A": range(points, (i) => wave(i, 31_000)),
      "gas:B": range(points, (i) => wave(i + 20, 42_000)),
    },
  });
}

export function fakeMessages(scene: Scene, query: { readonly limit?: string; readonly state?: string }) {
  const count = Math.min(Number(query.limit ?? 20), many(scene, 30));
  const now = Math.floor(Date.now() / 1_000);
  const all = range(count, (i) => {
    const state = i === 2 ? ("failed" as const) : i === 0 ? ("final" as const) : ("delivered" as const);
    const transaction = hash.parse(of(`transaction ${i}`));
    return {
      ...{ messageId: messageId.parse(of(`message ${i}`)), lane: { id: lane(A, B), from: A, to: B } },
      ...{ nonce: BigInt(128 - i), sender: accountOf("wallet"), recipient: accountOf("seller"), state },
      source: { chain: A, transactionHash: transaction, blockNumber: 4_190 - i },
      attestations: state === "final" ? { count: 1, threshold: 2, validators: 3 } : null,
      destination:
        state === "final" ? null : { chain: B, transactionHash: transaction, blockNumber: 4_195 - i },
      ...{
        sentAt: now - 20 - 30 * i,
        deliveredAt: state === "final" ? null : now - 15 - 30 * i,
        isFinal: true,
      },
      transfer: {
        ...{ token: accountOf("token A"), sender: accountOf("wallet"), recipient: accountOf("seller") },
        amount: 125n * 10n ** 17n,
      },
    };
  });
  const messages = query.state === undefined ? all : all.filter(({ state }) => state === query.state);
  return messageList.encode({ messages, next: null, index });
}

export function fakeValidators(scene: Scene) {
  const joinedAt = BigInt(Math.floor(Date.now() / 1_000) - 86_400);
  return validatorList.encode({
    validators: range(many(scene, 3), (i) => ({
      ...{ key: keyOf(i), operator: accountOf(`operator ${i}`), bond: 32n * 10n ** 18n, jailedUntil: 0n },
      ...{ isTombstoned: false, exitedAt: 0n, holds: 0n, blsKeyHash: null, joinedAt },
    })),
    index,
  });
}

export function fakeSlashings(scene: Scene) {
  const now = Math.floor(Date.now() / 1_000);
  return slashingList.encode({
    slashings: range(Math.min(many(scene, 3), 200), (i) => ({
      kind: (["punished", "pending", "paid"] as const)[i % 3] ?? "paid",
      ...{ key: keyOf(i % 3), offence: "DoubleSigning", placeId: null, epoch: 3n },
      ...{ amount: 16n * 10n ** 18n, reward: 10n ** 18n, reporter: accountOf("watchtower") },
      ...{ evidenceHash: hash.parse(of(`evidence ${i}`)), pendingId: null, executableAt: null },
      source: { chain: A, transactionHash: hash.parse(of(`slash ${i}`)), blockNumber: 4_000 - i },
      time: now - 60 * (i + 1),
    })),
    next: null,
    index,
  });
}

export function fakeLetters(scene: Scene) {
  return deadLetterList.encode({
    deadLetters: range(many(scene, 4), (i) => ({
      ...{ queue: "deliver-A-B", id: `A-${of(`job ${i}`).slice(2, 14)}-${i}`, attempts: 5 },
      reason: "The node of B answered that the transaction would fail: execution reverted.",
      ...{ failedAt: Date.now() - 60_000 * i, data: { lane: "A-B", upTo: String(100 + i) } },
    })),
  });
}

export function fakeAudit(scene: Scene) {
  return auditView.encode({
    acts: range(many(scene, 6), (i) => ({
      ...{ at: Date.now() - 90_000 * i, who: i % 2 === 0 ? "ada" : "local", from: "127.0.0.1" },
      ...{ what: i % 2 === 0 ? "dead-letter-retried" : "signed in", detail: `deliver-A-B, job ${i}` },
    })),
  });
}
