import assert from "node:assert/strict";
import type { ChainEvidence, Evidence, InboxCall } from "../../../relayer/chaos/core/checker/evidence.ts";
import { domainOf } from "../../../relayer/domain/attestation.ts";
import type { ChainId, Hash } from "../../../relayer/domain/ids.ts";
import { emptyLane, laneFrom } from "../../../relayer/domain/message.ts";
import { A, B, hashOf } from "./bridge.ts";
import { alertBugs, type Bug } from "./checker-alert-bugs.ts";
import type { Step } from "./checker-history.ts";

/** What a history ends with, so that there is something of everything to spoil. */
export const SOMETHING_OF_EVERYTHING: readonly Step[] = [
  { kind: "rotate" },
  { kind: "rotate" },
  { kind: "transfer", from: 0, shared: 7n },
  { kind: "message", from: 0, payload: "0x01" },
  { kind: "message", from: 0, payload: "0x02" },
  { kind: "deliver", to: 1, most: 100, later: 0, byPrevious: false },
];

/** Changes the evidence of one chain. */
export const change = (
  evidence: Evidence,
  chainId: ChainId,
  spoil: (chain: ChainEvidence) => Partial<ChainEvidence>,
): Evidence => ({
  ...evidence,
  chains: evidence.chains.map((chain) => (chain.chainId === chainId ? { ...chain, ...spoil(chain) } : chain)),
});

/** The last of some that are there. */
export const last = <T>(all: readonly T[]): T => {
  const found = all.at(-1);
  assert.ok(found !== undefined);
  return found;
};

/** Changes the call of the last delivery to chain B. */
const changeDelivery = (
  evidence: Evidence,
  spoil: (call: InboxCall & { readonly kind: "deliver" }) => InboxCall,
  signers?: bigint,
): Evidence =>
  change(evidence, B, ({ acceptances, calls }) => {
    const acceptance = last(acceptances);
    const { transactionHash } = acceptance.place;
    const call = calls.get(transactionHash);
    assert.ok(call?.kind === "deliver");
    return {
      calls: new Map(calls).set(transactionHash, spoil(call)),
      acceptances:
        signers === undefined ? acceptances : [...acceptances.slice(0, -1), { ...acceptance, signers }],
    };
  });

/** One bug of each kind that there is to find. */
export const bugs: readonly Bug[] = [
  {
    name: "a double execution",
    says: /was executed 2 times/,
    rule: "execution-once",
    plant: (evidence) =>
      change(evidence, B, ({ outcomes, head }) => {
        const again = last(outcomes);
        return {
          outcomes: [...outcomes, { ...again, place: { ...again.place, blockNumber: head, logIndex: 99 } }],
        };
      }),
  },
  {
    name: "an execution of what was never sent for good",
    says: /is not final/,
    rule: "execution-deposit",
    plant: (evidence) =>
      change(evidence, A, ({ deposits }) => ({ finalBlock: last(deposits).place.blockNumber - 1 })),
  },
  {
    name: "a deposit with other fields than its id says",
    says: /do not hash to its id/,
    rule: "execution-deposit",
    plant: (evidence) =>
      change(evidence, A, ({ deposits }) => ({
        deposits: deposits.map((deposit, i) =>
          i === deposits.length - 1 && deposit.content !== undefined
            ? { ...deposit, content: { ...deposit.content, gasLimit: 1n } }
            : deposit,
        ),
      })),
  },
  {
    name: "a missing signature",
    says: /2 members signed, of \d of whom 3 are needed/,
    rule: "quorum",
    plant: (evidence) =>
      changeDelivery(
        evidence,
        (call) => ({
          ...call,
          quorum: { ...call.quorum, signers: 0b011n, signature: cut(call.quorum.signature, 2 * 96) },
        }),
        0b011n,
      ),
  },
  {
    name: "a signature of something else",
    says: /these signatures do not verify/,
    rule: "quorum",
    plant: (evidence, history) =>
      changeDelivery(evidence, (call) => {
        const lane = laneFrom(A, evidence.chains[0]?.outbox ?? assert.fail(), B).id;
        const other = { domain: hashOf("other"), lane, nonce: 1n, accumulator: hashOf("x"), epoch: 1n };
        return { ...call, quorum: { ...call.quorum, ...history.word(other, [0, 1, 2]) } };
      }),
  },
  {
    name: "a stale quorum",
    says: /its set is stale/,
    rule: "quorum",
    // A set that two others had followed signs the last delivery.
    plant: (evidence, history) => {
      const chain = evidence.chains.find(({ chainId }) => chainId === B);
      const set = chain?.activations.at(-3)?.set;
      const acceptance = chain?.acceptances.at(-1);
      assert.ok(chain !== undefined && set !== undefined && acceptance !== undefined);
      const lane = laneFrom(A, chain.outbox, B).id;
      const { nonce, accumulator } = acceptance;
      const statement = { domain: domainOf(B, chain.inbox), lane, nonce, accumulator, epoch: set.epoch };
      const quorum = { set, ...history.word(statement, [0, 1, 2]) };
      const stale = changeDelivery(evidence, (call) => ({ ...call, later: [], quorum }));
      return change(stale, B, ({ acceptances }) => ({
        acceptances: [...acceptances.slice(0, -1), { ...acceptance, epoch: set.epoch }],
      }));
    },
  },
  {
    name: "a signer without a bond",
    says: /had no bond/,
    rule: "quorum",
    plant: (evidence) => ({
      ...evidence,
      home: evidence.home && {
        ...evidence.home,
        sets: evidence.home.sets.map(({ set, stakes }) => ({ set, stakes: new Map([...stakes].slice(1)) })),
      },
    }),
  },
  {
    name: "a reordered lane",
    says: /out of order/,
    rule: "lane-order",
    plant: (evidence) =>
      change(evidence, B, ({ outcomes }) => {
        const [first, second] = outcomes.slice(-2);
        assert.ok(first !== undefined && second !== undefined);
        const swapped = [
          { ...first, place: second.place },
          { ...second, place: first.place },
        ];
        return { outcomes: [...outcomes.slice(0, -2), ...swapped] };
      }),
  },
  {
    name: "a state that the logs do not lead to",
    says: /by its state/,
    rule: "lane-order",
    plant: (evidence) => change(evidence, B, () => ({ accepted: new Map([[A, emptyLane]]) })),
  },
  {
    name: "a forged mint",
    says: /are minted/,
    rule: "conservation",
    plant: (evidence) => ({
      ...evidence,
      tokens: evidence.tokens.map((token) => ({
        ...token,
        sides: token.sides.map((each) =>
          each.state.mode === "mint"
            ? { ...each, state: { mode: "mint", supply: each.state.supply + each.scale } }
            : each,
        ),
      })),
    }),
  },
  {
    name: "a forged mint with the logs of a transfer that was never sent",
    says: /are minted/,
    rule: "conservation",
    plant: (evidence) => ({
      ...evidence,
      tokens: evidence.tokens.map((token) => ({
        ...token,
        sides: token.sides.map((each) => {
          if (each.state.mode !== "mint") return each;
          const forged = { ...last(each.settled), id: hashOf("never sent"), amount: each.scale };
          const state = { mode: "mint" as const, supply: each.state.supply + each.scale };
          return { ...each, state, settled: [...each.settled, forged] };
        }),
      })),
    }),
  },
  {
    name: "a lost message",
    says: /is not there/,
    rule: "executed-in-time",
    plant: (evidence) => {
      // The last delivery never happened: no log, no state, no signature.
      const lost = evidence.chains.find(({ chainId }) => chainId === B)?.acceptances.at(-1);
      assert.ok(lost !== undefined);
      const { transactionHash } = lost.place;
      const isKept = ({ place }: { readonly place: { readonly transactionHash: Hash } }) =>
        place.transactionHash !== transactionHash;
      const stillThere = change(evidence, B, ({ acceptances, outcomes }) => {
        const before = acceptances.filter(isKept);
        return {
          acceptances: before,
          outcomes: outcomes.filter(isKept),
          accepted: new Map([[A, before.at(-1) ?? emptyLane]]),
        };
      });
      const tokens = stillThere.tokens.map((token) => ({
        ...token,
        sides: token.sides.map((each) => {
          const settled = each.settled.filter(isKept);
          const gone = each.settled.filter((movement) => !isKept(movement));
          const amount = gone.reduce((sum, movement) => sum + movement.amount, 0n);
          return each.state.mode === "mint"
            ? { ...each, settled, state: { mode: "mint" as const, supply: each.state.supply - amount } }
            : each;
        }),
      }));
      return { ...stillThere, tokens };
    },
  },
  {
    name: "a conflicting signature in another copy of the records",
    says: /two accumulators/,
    rule: "no-conflict",
    plant: (evidence) => {
      const record = last(evidence.records);
      const [nonce, { epoch }] = last([...record.signed]);
      const signed = new Map([[nonce, { accumulator: hashOf("another"), epoch }]]);
      return { ...evidence, records: [...evidence.records, { ...record, source: "a copy", signed }] };
    },
  },
  {
    name: "a record of what the origin never said",
    says: /shows nothing there/,
    rule: "no-conflict",
    plant: (evidence) => {
      const record = last(evidence.records);
      const signed = new Map(record.signed).set(999n, { accumulator: hashOf("dream"), epoch: 1n });
      return { ...evidence, records: [...evidence.records.slice(0, -1), { ...record, signed }] };
    },
  },
  {
    name: "a signature that its signer did not record",
    says: /do not have it/,
    rule: "no-conflict",
    plant: (evidence) => {
      const [chain] = evidence.chains.filter(({ chainId }) => chainId === B);
      assert.ok(chain !== undefined);
      const domain = domainOf(B, chain.inbox);
      const { nonce } = last(chain.acceptances);
      const lane = laneFrom(A, evidence.chains[0]?.outbox ?? chain.outbox, B).id;
      return {
        ...evidence,
        records: evidence.records.map((record) => {
          if (record.domain !== domain || record.lane !== lane) return record;
          return { ...record, signed: new Map([...record.signed].filter(([each]) => each !== nonce)) };
        }),
      };
    },
  },
  ...alertBugs,
];

function cut<T extends string>(hexadecimal: T, byteCount: number): T {
  return hexadecimal.slice(0, 2 + 2 * byteCount) as T; // a shorter text of the same kind
}
