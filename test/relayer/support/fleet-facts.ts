import type { FleetFacts, MetricFacts } from "../../../relayer/api/operator/fleet/facts.ts";
import { accountKey } from "../../../relayer/api/operator/fleet/facts.ts";
import { address, chainId, chainName, laneId, publicKey } from "../../../relayer/domain/ids.ts";

/** Now, in Unix milliseconds. */
export const NOW = 1_700_000_000_000;
export const [A, B] = [chainName.parse("A"), chainName.parse("B")];
export const lane = laneId.parse(`0x${"1".repeat(64)}`);
export const back = laneId.parse(`0x${"2".repeat(64)}`);
export const keys = ["a", "b", "c"].map((digit) => publicKey.parse(`0x${digit.repeat(64)}`));
export const account = address.parse(`0x${"3".repeat(40)}`);
const [first, second, third] = keys;

const chain = (name: typeof A, id: number) => ({
  ...{ name, chainId: chainId.parse(id), block: 100, final: 99, outbox: account, inbox: account },
  validatorSet: {
    ...{ epoch: 1n, threshold: 2, scheme: "Ed25519" as const, members: keys },
    expiresAt: BigInt(NOW / 1_000 + 30 * 86_400),
  },
});

/** What metrics tell of a fleet in which everybody signs. */
export function healthyMetrics(given: Partial<MetricFacts> = {}): MetricFacts {
  const behind = new Map(
    [first, second, third].flatMap((key) => (key === undefined ? [] : [[key, 0] as const])),
  );
  return {
    behind: new Map([
      ["A", behind],
      ["B", behind],
    ]),
    windows: new Map(keys.map((key) => [key, { missed: 0, of: 100 }])),
    openCases: 0,
    senders: [{ chain: A, account, pending: 0 }],
    gas: new Map([["A", { sum: 100_000, count: 1 }]]),
    waits: new Map([["deliver-1", 0.2]]),
    runs: new Map([["deliver-1", 1.5]]),
    ...given,
  };
}

/** A fleet in which all is well, and three of five messages from A are on their way. */
export function healthyFacts(given: Partial<FleetFacts> = {}): FleetFacts {
  const seconds = NOW / 1_000;
  return {
    at: NOW,
    status: {
      value: {
        chains: [chain(A, 1), chain(B, 2)],
        lanes: [
          { id: lane, from: A, to: B, sent: 5n, accepted: 2n },
          { id: back, from: B, to: A, sent: 4n, accepted: 4n },
        ],
      },
    },
    edges: {
      value: new Map([
        [lane, { waiting: { sentAt: seconds - 20, isFinal: true }, deliveredAt: seconds - 30 }],
        [back, { waiting: undefined, deliveredAt: seconds - 4_000 }],
      ]),
    },
    signers: { value: new Map([[lane, new Set(keys)]]) },
    validators: {
      value: {
        validators: keys.map((key) => ({
          ...{ key, operator: account, bond: 7n, jailedUntil: 0n, isTombstoned: false, exitedAt: 0n },
          ...{ holds: 0n, blsKeyHash: null, joinedAt: 1n },
        })),
        index: [{ chain: A, block: 100, head: 100, final: 99, lagBlocks: 0, lagSeconds: 0 }],
      },
    },
    queues: {
      value: [{ queue: "deliver-1", isPaused: false, waiting: 1, active: 0, delayed: 0, failed: 0 }],
    },
    roles: { value: [{ instance: "sender-A", role: "sender", chain: "A", isReady: true, reasons: [] }] },
    metrics: { value: healthyMetrics() },
    accounts: { value: new Map([[accountKey("A", account), { balance: 10n ** 18n, nonce: 9 }]]) },
    holdings: { value: [{ symbol: "DEMO", decimals: 6, locked: 100n, minted: 60n, undelivered: 30n }] },
    alerts: { value: { critical: 0, warning: 1, other: 0, silenced: 2 } },
    ...given,
  };
}
